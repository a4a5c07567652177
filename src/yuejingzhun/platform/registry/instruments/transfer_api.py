"""The JSON interface of import and export: the same files, previews and tasks as on the pages."""

import tempfile
from pathlib import Path
from typing import Literal

from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Field, File, Query, Router, Schema, Status, UploadedFile

from yuejingzhun.platform.foundation.accounts.refusal import REFUSED
from yuejingzhun.platform.foundation.accounts.signed_in import SignedIn
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.tables.table import TableError
from yuejingzhun.platform.registry.instruments.desks import desk_of
from yuejingzhun.platform.registry.instruments.exporting import CONTENT_TYPES, export_file, exported_csv
from yuejingzhun.platform.registry.instruments.import_run import Keep
from yuejingzhun.platform.registry.instruments.importing import Draft, ask_import, draft
from yuejingzhun.platform.registry.instruments.kept_files import keep, kept_by, token_of
from yuejingzhun.platform.registry.instruments.transfer_columns import columns
from yuejingzhun.procedures.local_date import local_date

router = Router(tags=["器具的导入与导出"])
signed_in = SignedIn()


class CellProblemOut(Schema):
    """A cell that can't be used."""

    row: int = Field(title="行号")
    column: str = Field(title="列")
    found: str = Field(title="现为")
    expected: str = Field(title="应为")


class DraftOut(Schema):
    """A file as it would be read: `file` names it when the import is asked for; `mapping` counts headings from 0."""

    file: str = Field(title="上传的文件")
    headings: list[str] = Field(title="表头")
    mapping: dict[str, int] = Field(title="各列由哪一格表头读取")
    columns: dict[str, str] = Field(title="可用的列")
    refusal: str = Field(title="不能这样导入的原因，空为可以")
    rows: list[list[str]] = Field(title="前 20 行")
    problems: list[CellProblemOut] = Field(title="前 20 行的问题")


class ImportIn(Schema):
    """What is imported, and how."""

    file: str = Field(title="上传的文件", max_length=2000)
    mapping: dict[str, int] | None = Field(None, title="各列由哪一格表头读取，从 0 数；不给则按表头猜")
    keep: Literal["ALL", "GOOD"] = Field("ALL", title="ALL 全部正确才导入；GOOD 导入正确的行")
    desk: str = Field("", title="角色与单位，如 HOLDER:12；不给则为第一个", max_length=60)


class ImportOut(Schema):
    """The long task that was asked for."""

    task: int = Field(title="长任务编号，进度见 /tasks/编号")


@router.post("/instruments/imports/preview", auth=signed_in, response={200: DraftOut, **REFUSED}, summary="上传并预览")
def preview_import(request: HttpRequest, table: File[UploadedFile]) -> DraftOut:
    """CSV（UTF-8 或 GB18030）、xlsx 或 Parquet。文件保存 30 天，尚未导入。"""
    actor, at = current_actor(request), timezone.now()
    desk_of(actor)
    kept = keep(str(table.name), table.chunks())
    try:
        found = draft(kept, None, at)
    except TableError:
        kept.path.unlink(missing_ok=True)
        raise
    return _draft_out(found, token_of(kept, actor.person_id))


@router.post("/instruments/imports", auth=signed_in, response={202: ImportOut, **REFUSED}, summary="导入")
def start_import(request: HttpRequest, body: ImportIn) -> Status[ImportOut]:
    """放入任务队列；相同的文件再次导入不会改变什么。"""
    actor, at = current_actor(request), timezone.now()
    kept = kept_by(body.file, actor.person_id)
    mapping = draft(kept, None, at).mapping if body.mapping is None else body.mapping
    task_id = ask_import(actor, desk_of(actor, body.desk), kept, mapping, Keep[body.keep], at)
    return Status(202, ImportOut(task=task_id))


@router.get("/instruments/export", auth=signed_in, response={200: None, **REFUSED}, summary="导出")
def export(
    request: HttpRequest,
    format: Literal["csv", "xlsx", "parquet"] = "csv",
    desk: str = Query("", max_length=60),
) -> HttpResponseBase:
    """所在单位（或辖区）的器具，列与导入相同。"""
    at, chosen = timezone.now(), desk_of(current_actor(request), desk)
    if format == "csv":
        return StreamingHttpResponse(exported_csv(chosen, at), content_type=CONTENT_TYPES[format])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"instruments.{format}"
        export_file(chosen, path, at)
        return FileResponse(path.open("rb"), content_type=CONTENT_TYPES[format])


def _draft_out(found: Draft, token: str) -> DraftOut:
    return DraftOut(
        file=token,
        headings=list(found.table.headings),
        mapping=dict(found.mapping),
        columns={column.key: column.label for column in columns(local_date(timezone.now()))},
        refusal=found.refusal,
        rows=[[text for text, _ in row.cells] for row in found.shown],
        problems=[
            CellProblemOut(row=row.number, column=problem.column, found=problem.found, expected=problem.expected)
            for row in found.shown
            for problem in row.problems
        ],
    )
