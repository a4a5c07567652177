import shutil
from pathlib import Path

import pytest

from yuejingzhun.evidence.dcc import schema_registry
from yuejingzhun.evidence.dcc.gate import parse
from yuejingzhun.evidence.dcc.schema_registry import VERSIONS, UnknownSchemaVersionError, schema_for

EXAMPLES = Path(__file__).parents[2] / "reference" / "dcc"
WELL_FORMED = [path for path in sorted(EXAMPLES.rglob("*.xml")) if path.name != "invalid_syntax.xml"]


def test_all_versions_from_2_3_to_3_3_compile() -> None:
    assert {"2.3.0", "2.4.0", "3.0.0", "3.1.2", "3.2.1", "3.3.0"} <= set(VERSIONS)
    for version in VERSIONS:
        schema_for(version)


@pytest.mark.parametrize("path", WELL_FORMED, ids=lambda path: path.name)
def test_official_examples_are_valid_but_for_the_one_that_is_named_invalid(path: Path) -> None:
    root = parse(path.read_bytes())
    valid = schema_for(root.get("schemaVersion", "")).validate(root)
    assert valid == (path.name != "invalid_schema.xml")


@pytest.mark.parametrize("version", ["", "2.1.0", "4.0.0", "../v3.3.0"])
def test_an_unknown_version_is_refused(version: str) -> None:
    with pytest.raises(UnknownSchemaVersionError, match=r"支持 2\.3\.0"):
        schema_for(version)


@pytest.mark.parametrize("name", ["v3.3.0/dcc.xsd", "dsi/v2.2.1.xsd"])
def test_a_changed_schema_file_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(schema_registry.FOLDER, tmp_path / "schemas")
    changed = tmp_path / "schemas" / name
    changed.write_bytes(changed.read_bytes() + b"\n")
    monkeypatch.setattr(schema_registry, "FOLDER", tmp_path / "schemas")
    with pytest.raises(RuntimeError, match="哈希不符"):
        schema_for.__wrapped__("3.3.0")
