"""Import of instruments: a file that was brought, its preview, and the long task that is asked for.

A row names its instrument by maker, model, serial number and regulation, so that the same file again changes nothing.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from yuejingzhun.platform.foundation.jobs.services import ask
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.foundation.tables.columns import (
    MappingError,
    PreviewRow,
    check_mapping,
    guess_mapping,
    preview,
)
from yuejingzhun.platform.foundation.tables.reading import open_table
from yuejingzhun.platform.foundation.tables.table import Table
from yuejingzhun.platform.registry.instruments.desks import Desk, desk_of
from yuejingzhun.platform.registry.instruments.import_run import Keep
from yuejingzhun.platform.registry.instruments.kept_files import KeptFile
from yuejingzhun.platform.registry.instruments.transfer_columns import HOLDER, columns
from yuejingzhun.procedures.local_date import local_date

KIND = "import-instruments"


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as it would be read now: `shown` its first rows, `refusal` why it can't be imported so ("" for none)."""

    table: Table
    mapping: Mapping[str, int]
    refusal: str
    shown: list[PreviewRow]


def draft(kept: KeptFile, mapping: Mapping[str, int] | None, at: datetime) -> Draft:
    """The first rows with their problems, by that mapping or by a guess; raises TableError for an unreadable file."""
    table, declared = open_table(kept.path), columns(local_date(at))
    chosen = dict(guess_mapping(declared, table.headings) if mapping is None else mapping)
    refusal = ""
    try:
        check_mapping(declared, chosen, table.headings)
    except MappingError as error:
        refusal = str(error)
        known = {column.key for column in declared}
        chosen = {key: place for key, place in chosen.items() if key in known and 0 <= place < len(table.headings)}
    return Draft(table, chosen, refusal, preview(declared, chosen, table))


def ask_import(actor: Actor, desk: Desk, kept: KeptFile, mapping: Mapping[str, int], keep: Keep, at: datetime) -> int:
    """Put the import into the queue; the number of its task.

    Raises NotPermittedError, TableError, and MappingError for a wrong mapping.
    """
    desk_of(actor, desk.key)
    check_mapping(columns(local_date(at)), mapping, open_table(kept.path).headings)
    if desk.role.name != "HOLDER" and HOLDER not in mapping:
        raise MappingError("代其他单位导入时，文件必须有使用单位的统一社会信用代码一列")
    arguments = {"desk": desk.key, "file": asdict(kept), "mapping": dict(mapping), "keep": keep.name}
    title = f"导入计量器具：{kept.name}"
    task = ask(actor, KIND, arguments, at, title=title, organisation_id=desk.organisation_id, region=desk.region)
    return task.pk


def may_import(actor: Actor, arguments: dict[str, Any]) -> None:
    """Raises NotPermittedError where the actor hasn't, or no longer, the desk that the import is asked for from."""
    desk_of(actor, arguments["desk"])
