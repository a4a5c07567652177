"""Reading any DCC from 2.3 to 3.3: refused with the reason, or a document with every value typed."""

from dataclasses import dataclass
from typing import Any

from lxml import etree

from yuejingzhun.evidence.dcc.column import Column
from yuejingzhun.evidence.dcc.columns import columns
from yuejingzhun.evidence.dcc.elements import DCC
from yuejingzhun.evidence.dcc.gate import UnusableXmlError, parse
from yuejingzhun.evidence.dcc.leaves import Leaf, leaves
from yuejingzhun.evidence.dcc.rules import Finding, check_rules
from yuejingzhun.evidence.dcc.schema_registry import UnknownSchemaVersionError, schema_for

ROOT = f"{{{DCC}}}digitalCalibrationCertificate"


class DccError(ValueError):
    """Not a DCC that we read: the message says why, for the user; `code` is xml, root, version, schema or value."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Document:
    """A DCC that is valid against the schema of its version.

    `columns` are its quantities, `findings` what it does against the rules of good practice.
    """

    version: str
    columns: tuple[Column, ...]
    findings: tuple[Finding, ...]
    root: etree._Element

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """Everything that the document says, flat, in its order."""
        return leaves(self.root)


def read(data: bytes) -> Document:
    """The document in these bytes; raises DccError. Takes bounded time and memory, and no network."""
    try:
        root = parse(data, bare=True)
    except UnusableXmlError as error:
        raise DccError("xml", str(error)) from error
    return read_tree(root)


def read_tree(root: etree._Element) -> Document:
    """The document in a tree that came through the gate; raises DccError."""
    if root.tag != ROOT:
        raise DccError("root", f"不是数字校准证书（DCC）：根元素是 {etree.QName(root).localname}")
    version = root.get("schemaVersion", "")
    check_schema(root, version)
    try:
        found = columns(root)
    except (ArithmeticError, ValueError) as error:
        # The schema lets through numbers of any size, and matrices whose values and units differ in count.
        raise DccError("value", f"符合 DCC {version} 模式，但含有不能读取的数值（{error}）") from error
    return Document(version, found, check_rules(root), root)


def check_schema(root: etree._Element, version: str) -> None:
    """Raises DccError where the tree is not valid against the official schema of this version."""
    try:
        schema = schema_for(version)
    except UnknownSchemaVersionError as error:
        raise DccError("version", str(error)) from error
    if not schema.validate(root):
        log: Any = schema.error_log
        first = log[0]
        raise DccError("schema", f"不符合 DCC {version} 模式：第 {first.line} 行，{first.message}")
