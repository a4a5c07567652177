"""The list of a recall as a file: csv as it comes, of any length, or a workbook within the rows that one can have."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator

import xlsxwriter

from yuejingzhun.platform.registry.traceability.errors import TraceabilityError
from yuejingzhun.platform.registry.traceability.models import Affected

HEADINGS = (
    *("序号", "证书编号", "对象", "上级", "使用单位", "签发机构", "行政区划", "检定或校准日期", "受影响至（不含）"),
    *("引入的误差", "最大允许误差", "扩展不确定度 U", "单位", "误差/最大允许误差", "误差/U", "影响", "证书现状"),
)
MOST_ROWS = 1_048_575
FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cells(row: Affected) -> list[str | int | float]:
    """One certificate; texts that a spreadsheet would take for a formula get an apostrophe before them."""
    link = row.link
    names = (row.holder.name if row.holder else "", row.institute.name if row.institute else "")
    texts = (link.certificate, link.lower.label, link.upper.label, *names, row.region)
    numbers = (row.error, link.mpe, link.expanded_uncertainty)
    return [
        row.rank,
        *("'" + text if text.startswith(FORMULA) else text for text in texts),
        link.made_on.isoformat(),
        row.ended.isoformat() if row.ended else "",
        *("" if number is None else float(number) for number in numbers),
        link.unit,
        *("" if ratio is None else ratio for ratio in (row.to_mpe, row.to_u)),
        row.get_weight_display(),
        row.certificate_state,
    ]


def as_csv(rows: Iterable[Affected]) -> Iterator[str]:
    """Line by line, with the mark by which spreadsheets know UTF-8."""
    line = io.StringIO()
    writer = csv.writer(line)
    line.write("\ufeff")
    writer.writerow(HEADINGS)
    for row in rows:
        yield line.getvalue()
        line.seek(0)
        line.truncate()
        writer.writerow(cells(row))
    yield line.getvalue()


def as_xlsx(rows: Iterable[Affected], count: int) -> bytes:
    """A workbook; raises TraceabilityError for more rows than a sheet can have."""
    if count > MOST_ROWS:
        raise TraceabilityError(f"清单有 {count} 行，工作表最多 {MOST_ROWS} 行，请下载 csv")
    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False}) as book:
            sheet = book.add_worksheet("受影响的证书")
            sheet.freeze_panes(1, 0)
            sheet.set_column(1, 5, 24)
            sheet.write_row(0, 0, HEADINGS, book.add_format({"bold": True}))
            for place, row in enumerate(rows, 1):
                sheet.write_row(place, 0, cells(row))
        file.seek(0)
        return file.read()
