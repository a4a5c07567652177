"""What `yjz readings` prints and writes: the outcome of an import, partitions, rows."""

import csv
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yuejingzhun.cli.terminal import UnusableError, print_json, print_table
from yuejingzhun.procedures.local_date import LOCAL

if TYPE_CHECKING:  # the other commands need neither Arrow nor DuckDB
    from yuejingzhun.telemetry.importing import Outcome
    from yuejingzhun.telemetry.lake import Lake

HEADINGS = ("来源", "行", "表号", "代码", "原因", "处理")
MOST_SHOWN = 10


def write_report(lake: "Lake", outcome: "Outcome", path: Path) -> None:
    """Every refused and every noticed row of an import as csv that Excel opens; raises UnusableError."""
    from yuejingzhun.telemetry.importing import lines_of

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADINGS)
            for table in lines_of(lake, outcome.commits):
                for row in table.to_pylist():
                    *what, refused = row.values()
                    writer.writerow([*what, "拒绝" if refused else "已入库，请注意"])
    except OSError as error:
        raise UnusableError(f"无法写入 {path}：{error.strerror}") from error


def print_outcome(lake: "Lake", outcome: "Outcome", report: Path | None) -> None:
    """The counts of an import, and the first lines of its report."""
    from yuejingzhun.telemetry.importing import lines_of

    before = f"，其中 {outcome.repeated_files} 个先前已导入" if outcome.repeated_files else ""
    click.echo(f"{outcome.files} 个文件{before}：新入库 {outcome.stored} 行，已有 {outcome.duplicates} 行，", nl=False)
    click.echo(f"拒绝 {outcome.refused} 行，另有 {outcome.notices} 处值得注意")
    whole = shown = 0
    for table in lines_of(lake, outcome.commits):
        whole += table.num_rows
        for row in table.slice(0, MOST_SHOWN - shown).to_pylist():
            place = f" 第 {row['source_row']} 行" if row["source_row"] is not None else ""
            click.echo(f"  {'✗' if row['refused'] else '–'} {row['source']}{place}：{row['reason']}")
            shown += 1
    if report is not None:
        click.echo(f"全部 {whole} 条已写入 {report}")
    elif whole > shown:
        click.echo(f"  …… 共 {whole} 条，用 --report 写出全部")


def show_partitions(lake: "Lake", as_json: bool) -> None:
    """How much there is of each month and city; raises LakeError."""
    snapshot = lake.snapshot()
    found: list[dict[str, Any]] = []
    for month, city in sorted({(file.month, file.city) for file in snapshot.files}):
        files = [file for file in snapshot.files if (file.month, file.city) == (month, city)]
        counts = {name: sum(getattr(file, name) for file in files) for name in ("rows", "points", "size")}
        found.append({"month": month, "city": city, "files": len(files), **counts})
    if as_json:
        print_json({"commit": snapshot.number, "partitions": found})
        return
    rows = []
    for each in found:
        *which, size = map(str, each.values())
        rows.append([*which, f"{int(size) / 2**20:.1f}", bytes_a_point(each["size"], each["points"])])
    print_table(("月", "市", "文件", "行", "读数", "MB", "每个读数"), rows)


def show_rows(rows: list[dict[str, Any]], limit: int, as_json: bool) -> None:
    """Readings, a line a day; all of their points only as JSON."""
    if as_json:
        print_json([{name: _plain(value) for name, value in row.items()} for row in rows[:limit]])
        return
    shown = []
    for row in rows[:limit]:
        present = [value for value in row["registers"] if value is not None]
        decimals = max(0, -row["scaler"])
        ends = [f"{value * 10.0 ** row['scaler']:.{decimals}f}" for value in (present[0], present[-1])]
        received = row["received_at"].astimezone(LOCAL).strftime("%Y-%m-%d %H:%M")
        which = [row["district"], row["meter"], row["role"], str(row["day"])]
        shown.append([*which, f"{len(present)}/{len(row['registers'])}", *ends, str(row["version"]), received])
    print_table(("台区", "表号", "角色", "日期", "点数", "首点", "末点", "版本", "入库时间"), shown)
    if len(rows) > limit:
        click.echo(f"共 {len(rows)} 行，只显示前 {limit} 行（--limit）")


def bytes_a_point(size: int, points: int) -> str:
    """On the disk, for people."""
    return f"{size / points:.2f} 字节" if points else "—"


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
