"""The official schemas by version, pinned by hash and compiled without a network."""

import hashlib
import json
from functools import cache
from pathlib import Path

from lxml import etree

FOLDER = Path(__file__).parent / "schemas"
VERSIONS = tuple(sorted(folder.name[1:] for folder in FOLDER.glob("v*")))


class UnknownSchemaVersionError(ValueError):
    """The document names a schema version that the registry doesn't hold."""


@cache
def schema_for(version: str) -> etree.XMLSchema:
    """The compiled schema of a DCC version, once a process.

    Raises UnknownSchemaVersionError, or RuntimeError where a schema file is not the registered one.
    """
    if version not in VERSIONS:
        raise UnknownSchemaVersionError(f"不支持的 DCC 模式版本 {version!r}，支持 {'、'.join(VERSIONS)}")
    _check_hashes(FOLDER)
    # The checked files import one another by relative path and nothing else, so this reads no other file.
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    return etree.XMLSchema(etree.parse(FOLDER / f"v{version}" / "dcc.xsd", parser))


@cache
def dsi_schema() -> etree.XMLSchema:
    """The compiled schema of D-SI 2.2.1, for data outside a DCC; raises RuntimeError as above."""
    _check_hashes(FOLDER)
    parser = etree.XMLParser(no_network=True, resolve_entities=False)
    return etree.XMLSchema(etree.parse(FOLDER / "dsi" / "v2.2.1.xsd", parser))


@cache
def _check_hashes(folder: Path) -> None:
    hashes: dict[str, str] = json.loads((folder / "registry.json").read_text(encoding="utf-8"))
    for name, expected in hashes.items():
        if hashlib.sha256((folder / name).read_bytes()).hexdigest() != expected:
            raise RuntimeError(f"模式文件 {name} 与登记的哈希不符")
