"""The regular notice 通报 of the eight indicators and the plan's tasks, as content; as PDF and as Word document."""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from fractions import Fraction
from functools import cache
from pathlib import Path

import typst
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Pt

from yuejingzhun.evidence.pdf.glyphs import is_covered
from yuejingzhun.platform.supervision.indicators import queries
from yuejingzhun.platform.supervision.indicators.queries import Standing, Value
from yuejingzhun.platform.supervision.indicators.rules import (
    FIRST_YEAR,
    Task,
    plain,
    plan_tasks,
    reached,
    shown,
    target_on,
)
from yuejingzhun.procedures.local_date import LOCAL

FONTS = Path(__file__).parents[3] / "evidence" / "pdf" / "fonts"
FULL = Fraction(1)


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """A line of the table of indicators, as text."""

    number: str
    name: str
    unit: str
    base: str
    value: str
    target: str
    year: str
    reached: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What the notice says."""

    title: str
    on: str
    made: str
    summary: tuple[str, ...]
    rows: tuple[IndicatorRow, ...]
    late: tuple[tuple[str, str, str, str], ...]  # task, milestone, owner, due
    tasks: tuple[tuple[str, str, str], ...]  # task, milestones, done
    notes: tuple[str, ...]


def notice_of(on: date, at: datetime, tasks: dict[str, list[Standing]]) -> Notice:
    """The notice of a day, with the milestones as they are reported now."""
    values = queries.values_on(on)
    rows = tuple(_row(value, on) for value in values)
    short = [row.name for row in rows if row.reached not in ("", "已达到")]
    standing = [one for found in tasks.values() for one in found]
    late = tuple(
        (plan_tasks()[code].title, one.milestone.title, one.milestone.owner.name, f"{one.milestone.due_on}")
        for code, found in tasks.items()
        for one in found
        if one.late
    )
    done = sum(one.progress.name == "DONE" for one in standing)
    summary = (
        f"截至 {on:%Y 年 %m 月 %d 日}，八项指标中 {len(rows) - len(short)} 项已达到所对照年度的目标"
        + (f"，尚未达到的是：{'、'.join(short)}。" if short else "。"),
        f"专栏 2 至专栏 6 的任务共设里程碑 {len(standing)} 个，已完成 {done} 个，逾期 {len(late)} 个。"
        if standing
        else "专栏 2 至专栏 6 的任务还没有设定里程碑。",
    )
    return Notice(
        "广东省计量发展规划（2022—2035 年）主要指标与任务进展通报",
        f"{on}",
        f"{at.astimezone(LOCAL):%Y-%m-%d %H:%M}",
        summary,
        rows,
        late,
        tuple(_task(task, tasks.get(code, [])) for code, task in plan_tasks().items()),
        (
            "指标值由平台的登记按该日的在册情况计算，每一项都可以在指标页面上逐条查看；百分数取一位小数，不进位。",
            f"{FIRST_YEAR} 年的数与 2025 年的目标来自规划专栏 1；其他年度的目标由省级部门设定。",
        ),
    )


def as_pdf(notice: Notice, at: datetime) -> bytes:
    """PDF/A-2b; a character that the font lacks is printed as 〓 instead of an empty box."""
    content = json.dumps(asdict(notice), ensure_ascii=False)
    printable = "".join(one if one in "\n\t" or is_covered(one) else "〓" for one in content)
    compiler = typst.Compiler(_template(), font_paths=_fonts(), sys_inputs={"content": printable})
    pdf = compiler.compile(format="pdf", pdf_standards="a-2b", timestamp=int(at.timestamp()))
    if not isinstance(pdf, bytes):
        raise TypeError("one document was expected")
    return pdf


def as_docx(notice: Notice) -> bytes:
    """A Word document to be worked on: headings, paragraphs, tables."""
    document = Document()
    style = document.styles["Normal"]
    style.font.name, style.font.size = "Times New Roman", Pt(12)  # type: ignore[attr-defined]
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    document.core_properties.title, document.core_properties.author = notice.title, "粤精准"
    heading = document.add_heading(notice.title, level=0)
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(f"数据日期：{notice.on}　生成时间：{notice.made}")
    for text in notice.summary:
        document.add_paragraph(text)
    for title, headings, rows in tables_of(notice):
        document.add_heading(title, level=1)
        _add_table(document, headings, rows)
    document.add_heading("说明", level=1)
    for text in notice.notes:
        document.add_paragraph(text, style="List Bullet")
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def tables_of(notice: Notice) -> list[tuple[str, Sequence[str], Sequence[Sequence[str]]]]:
    """Title, headings and rows of each table."""
    indicators = [
        (one.number, one.name, one.unit, one.base, one.value, f"{one.target}（{one.year}）", one.reached)
        for one in notice.rows
    ]
    found: list[tuple[str, Sequence[str], Sequence[Sequence[str]]]] = [
        ("一、主要指标", ("序号", "指标", "单位", "2021 年", "现在", "目标", "完成"), indicators)
    ]
    late = notice.late or (("没有", "", "", ""),)
    found.append(("二、逾期的里程碑", ("任务", "里程碑", "责任单位", "期限"), late))
    found.append(("三、专栏任务", ("任务", "里程碑", "已完成"), notice.tasks))
    return found


def _add_table(document, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:  # type: ignore[no-untyped-def]
    table = document.add_table(rows=1, cols=len(headings), style="Table Grid")
    for cell, text in zip(table.rows[0].cells, headings, strict=True):
        cell.text = text
        cell.paragraphs[0].runs[0].bold = True
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def _row(value: Value, on: date) -> IndicatorRow:
    indicator = value.indicator
    target = target_on(queries.targets_of(indicator.code), on)
    share = reached(value.value, target[1]) if target else None
    done = "" if share is None else "已达到" if share == FULL else f"{int(1000 * share) / 10:.1f} %"
    return IndicatorRow(
        str(indicator.number),
        indicator.name,
        indicator.unit,
        "—" if indicator.base is None else plain(indicator.base),
        shown(indicator, value.value),
        plain(target[1]) if target else "—",
        f"{target[0]} 年" if target else "",
        done,
    )


def _task(task: Task, found: Sequence[Standing]) -> tuple[str, str, str]:
    done = sum(one.progress.name == "DONE" for one in found)
    return f"{task.code} {task.title}", str(len(found)), str(done)


@cache
def _template() -> bytes:
    return Path(__file__).with_name("notice.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FONTS])
