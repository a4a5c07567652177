"""The files that a command of the science writes beside its table: a picture, and a report for people."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from yuejingzhun.cli.picture import FORMATS, picture
from yuejingzhun.cli.report import Report, render_report
from yuejingzhun.cli.report_html import render_html
from yuejingzhun.cli.terminal import UnusableError, write_file


def _ends_with(endings: tuple[str, ...], what: str) -> Callable[..., Path | None]:
    def check(context: click.Context, option: click.Parameter, path: Path | None) -> Path | None:
        if path is not None and path.suffix.lower() not in endings:
            raise UnusableError(f"--{option.name} {path}：{what}的文件名应以 {'、'.join(endings)} 结尾")
        return path

    return check


def output_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options --plot and --pdf; another ending is refused before anything is calculated."""
    plot = click.option(
        *("--plot",),
        type=click.Path(path_type=Path),
        callback=_ends_with(FORMATS, "图"),
        help="把结果画成图（.svg、.png 或 .pdf）",
    )
    pdf = click.option(
        *("--pdf",),
        type=click.Path(path_type=Path),
        callback=_ends_with((".pdf",), "报告"),
        help="写成一份带表、结论与图的 PDF 报告",
    )
    return plot(pdf(command))


def html_option(command: Callable[..., None]) -> Callable[..., None]:
    """The option --html, for a report that is read on a screen rather than printed."""
    return click.option(
        *("--html",),
        type=click.Path(path_type=Path),
        callback=_ends_with((".html",), "网页"),
        help="写成一页 HTML，不需要别的文件，也不需要网络",
    )(command)


def write_outputs(
    plot: Path | None,
    pdf: Path | None,
    drawn: Callable[[], Any],
    report: Callable[[Any], Report],
    html: Path | None = None,
) -> None:
    """Write what was asked for; `drawn` makes the figure, `report` the report with such a figure.

    All are made before any is written. Raises UnusableError for one name for two, text that can't be printed, and a
    file that can't be written.
    """
    if plot is not None and pdf is not None and plot.resolve() == pdf.resolve():
        raise UnusableError(f"--plot 与 --pdf 不应是同一个文件：{pdf}")
    made = []
    if plot is not None:
        made.append((plot, picture(drawn(), plot.suffix.lower())))
    if pdf is not None:
        made.append((pdf, render_report(report(drawn()), datetime.now(UTC))))
    if html is not None:
        made.append((html, render_html(report(drawn()), datetime.now(UTC))))
    for path, data in made:
        write_file(path, data)
