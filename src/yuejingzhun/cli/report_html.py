"""A report as one page of HTML that needs no other file and no network: for a screen, a phone, an e-mail."""

from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Any

from yuejingzhun.cli.picture import picture
from yuejingzhun.cli.report import Report, content_of

STYLE = """
body { font: 15px/1.7 "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; color: #222; margin: 0 auto;
  padding: 16px; max-width: 1000px; }
h1 { font-size: 24px; margin: 8px 0; }
h2 { font-size: 18px; color: #0b5394; margin: 28px 0 4px; }
h3 { font-size: 15px; margin: 18px 0 6px; }
.statement { background: #eaf1f8; border-left: 4px solid #0b5394; padding: 8px 14px; }
.statement p { margin: 4px 0; }
.statement p:first-child { font-weight: bold; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; font-size: 14px; }
dt { color: #666; }
dd { margin: 0; overflow-wrap: anywhere; }
.table { overflow-x: auto; }
table { border-collapse: collapse; font-size: 14px; min-width: 60%; font-variant-numeric: tabular-nums; }
th { background: #eaf1f8; border-top: 2px solid #0b5394; }
th, td { text-align: right; padding: 4px 10px; border-bottom: 1px solid #ddd; }
th, td:not(.left) { white-space: nowrap; }
.left { text-align: left; }
.note, figcaption { font-size: 13px; color: #555; }
figure { margin: 20px 0; text-align: center; }
figure svg { width: 100%; max-width: 760px; height: auto; }
"""


def render_html(report: Report, at: datetime) -> bytes:
    """The report as made at that time (UTC); raises UnusableError for a character that the picture can't show."""
    content = content_of(report, at)
    drawn = picture(report.figure, ".svg").decode()
    return "\n".join(_page(content, drawn[drawn.index("<svg") :])).encode()


def _page(content: dict[str, Any], drawn: str) -> Iterator[str]:
    title = escape(content["title"])
    yield f'<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"><title>{title}</title>'
    yield f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{STYLE}</style></head><body>'
    yield f"<h1>{title}</h1><p>{escape(content['computed'])}</p>"
    yield '<div class="statement">' + "".join(f"<p>{escape(text)}</p>" for text in content["statement"]) + "</div>"
    yield (
        "<dl>" + "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in content["facts"]) + "</dl>"
    )
    for heading, tables in (("输入", content["inputs"]), ("结果", content["results"])):
        yield f"<h2>{heading}</h2>"
        for table in tables:
            yield from _table(table)
    yield f"<figure>{drawn}<figcaption>{escape(content['caption'])}</figcaption></figure></body></html>"


def _table(table: dict[str, Any]) -> Iterator[str]:
    width, cells = len(table["headings"]), table["cells"]
    kinds = [' class="left"' if left else "" for left in table["left"]]
    if table["title"]:
        yield f"<h3>{escape(table['title'])}</h3>"
    yield '<div class="table"><table><thead><tr>'
    yield "".join(f"<th{kind}>{escape(text)}</th>" for kind, text in zip(kinds, table["headings"], strict=True))
    yield "</tr></thead><tbody>"
    for start in range(0, len(cells), width):
        row = zip(kinds, cells[start : start + width], strict=True)
        yield "<tr>" + "".join(f"<td{kind}>{escape(text)}</td>" for kind, text in row) + "</tr>"
    yield "</tbody></table></div>"
    if table["note"]:
        yield f'<p class="note">{escape(table["note"])}</p>'
