"""`yjz readings`: interval readings into the lake, out of it, and whether it is in order."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yuejingzhun.cli.readings_shown import (
    MOST_SHOWN,
    bytes_a_point,
    print_outcome,
    show_partitions,
    show_rows,
    write_report,
)
from yuejingzhun.cli.terminal import NOT_VALID, UnusableError, existing_lake, json_option, print_json, progress_bar
from yuejingzhun.procedures.local_date import LOCAL

if TYPE_CHECKING:  # the other commands need neither Arrow nor DuckDB
    from yuejingzhun.telemetry.lake import Lake

STREAM = Path("-")
lake_option = click.option(
    "--lake",
    "folder",
    type=click.Path(path_type=Path),
    default=Path("var/lake"),
    envvar="YJZ_LAKE",
    show_default=True,
    help="读数湖的文件夹",
)


@click.group()
def readings() -> None:
    """电能表等的区间读数：导入、查看、核对、整理。"""


@readings.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@lake_option
@click.option("--month", help="各文件都应是这个月的，如 2026-03；不给则看文件名")
@click.option("--city", help="没有地市一列的文件属于哪个地市，如 4401")
@click.option("--report", type=click.Path(path_type=Path), help="把被拒绝的和值得注意的行写成 csv")
@json_option
def import_(
    paths: tuple[Path, ...], folder: Path, month: str | None, city: str | None, report: Path | None, as_json: bool
) -> None:
    """导入 PATHS（csv、Parquet、xlsx，或其所在文件夹；- 为标准输入）。

    每天一行（表号、台区、日期与 96 点示值）或每点一行（表号、台区、时刻、示数）。

    中断后再运行一次即可继续；重复导入不会多出一行。
    """
    from yuejingzhun.telemetry.errors import LakeError
    from yuejingzhun.telemetry.importing import import_readings
    from yuejingzhun.telemetry.lake import Lake
    from yuejingzhun.telemetry.reading import month_of

    if city is not None and not (len(city) == 4 and city.isdigit()):
        raise UnusableError(f"--city {city}：应为四位行政区划代码，如 4401")
    try:
        wanted = month_of(month) if month else None
        lake = Lake(folder)
        with _files(paths, folder) as files, progress_bar(as_json) as tell:
            outcome = import_readings(
                lake, files, datetime.now(UTC), wanted, city, lambda p: tell(p.bytes, p.of_bytes, f"{p.rows} 行")
            )
    except (LakeError, ValueError) as error:
        raise UnusableError(str(error)) from error
    except OSError as error:
        raise UnusableError(f"无法写入 {folder}：{error.strerror}") from error
    if report is not None:
        write_report(lake, outcome, report)
    if as_json:
        print_json(asdict(outcome))
    else:
        print_outcome(lake, outcome, report)
    sys.exit(NOT_VALID if outcome.refused else 0)


@readings.command()
@lake_option
@click.option("--city", help="地市代码")
@click.option("--month", help="月份，如 2026-03")
@click.option("--district", help="台区编号")
@click.option("--meter", help="表号")
@click.option("--as-of", type=click.DateTime(("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S")), help="当时有效的读数（北京时间）")
@click.option("--limit", default=20, show_default=True, help="最多显示几行")
@json_option
def show(
    folder: Path,
    city: str | None,
    month: str | None,
    district: str | None,
    meter: str | None,
    as_of: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """没有给台区或表号时列出各月各市有多少；否则列出其读数。"""
    from yuejingzhun.telemetry.errors import LakeError
    from yuejingzhun.telemetry.reading import month_of

    lake = existing_lake(folder)
    try:
        if district is None and meter is None:
            show_partitions(lake, as_json)
            return
        days = month_of(month) if month else None
        at = as_of.replace(tzinfo=LOCAL).astimezone(UTC) if as_of else None
        rows = _rows(lake, city, days, district, meter, at)
    except (LakeError, ValueError) as error:
        raise UnusableError(str(error)) from error
    show_rows(rows, limit, as_json)


@readings.command()
@lake_option
@json_option
def verify(folder: Path, as_json: bool) -> None:
    """逐个文件核对摘要、行数与顺序，并查出跨行的问题：无总表、总表小于分表之和、跨日下降。"""
    from yuejingzhun.telemetry.errors import LakeError
    from yuejingzhun.telemetry.verifying import verify as verify_lake

    lake = existing_lake(folder)
    try:
        with progress_bar(as_json) as tell:
            found = verify_lake(lake, lambda done, whole: tell(done, whole, "个文件"))
    except LakeError as error:
        raise UnusableError(str(error)) from error
    if as_json:
        print_json(asdict(found))
    else:
        click.echo(f"{found.files} 个文件，{found.rows} 行有效，每个读数 {bytes_a_point(found.bytes, found.points)}")
        for problem in found.problems:
            click.echo(f"  ✗ {problem}")
        for line in found.notices[:MOST_SHOWN]:
            click.echo(f"  – {line['source']} 第 {line['source_row']} 行：{line['reason']}")
        if len(found.notices) > MOST_SHOWN:
            click.echo(f"  …… 共 {len(found.notices)} 处值得注意（--json 列出全部）")
        click.echo("读数湖有问题" if found.problems else "读数湖完好")
    sys.exit(NOT_VALID if found.problems else 0)


@readings.command()
@lake_option
@json_option
def compact(folder: Path, as_json: bool) -> None:
    """把零散的文件按月、市合并，已被取代的行另放；一天前已被替换的文件删去。"""
    from yuejingzhun.telemetry.compaction import compact as compact_lake
    from yuejingzhun.telemetry.errors import LakeError

    lake = existing_lake(folder)
    try:
        with progress_bar(as_json) as tell:
            done = compact_lake(lake, datetime.now(UTC), lambda done, whole: tell(done, whole, "个月市"))
    except LakeError as error:
        raise UnusableError(str(error)) from error
    if as_json:
        print_json({"compacted": done})
    else:
        click.echo(f"已整理 {done} 个月市" if done else "没有需要整理的")


@contextmanager
def _files(paths: tuple[Path, ...], folder: Path) -> Iterator[list[Path]]:
    """All files, those of a folder by name; standard input is put down first, so that it is read like any other."""
    from yuejingzhun.telemetry.sources.open import ENDINGS

    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in ENDINGS and file.is_file())
            if not inside:
                raise UnusableError(f"{path} 里没有 {'、'.join(ENDINGS)} 文件")
            found += inside
        elif path != STREAM and not path.exists():
            raise UnusableError(f"没有 {path}")
        else:
            found.append(path)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="stream-", dir=folder) as name:
        spooled = Path(name) / "stdin"
        if STREAM in found:
            with spooled.open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file, 2**20)
        yield [spooled if path == STREAM else path for path in found]


def _rows(
    lake: "Lake", city: str | None, month: object, district: str | None, meter: str | None, at: datetime | None
) -> list[dict[str, Any]]:
    from yuejingzhun.telemetry.snapshot import Where

    where = Where(
        city=city,
        month=str(month) if month else None,
        districts=(district,) if district else (),
        meters=(meter,) if meter else (),
    )
    rows: list[dict[str, Any]] = lake.readings(where, as_of=at).to_pylist()
    return rows
