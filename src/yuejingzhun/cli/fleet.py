"""`yjz fleet`: the errors of meters in service, from their readings: simulate districts, evaluate a lake, report."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yuejingzhun.cli.fleet_shown import (
    Evaluation,
    evaluation_of,
    print_report,
    read_truth,
    report_as_json,
    report_of,
    write_meters,
)
from yuejingzhun.cli.outputs import html_option, output_options, write_outputs
from yuejingzhun.cli.terminal import (
    NOT_VALID,
    UnusableError,
    existing_lake,
    json_option,
    print_json,
    progress_bar,
)
from yuejingzhun.procedures.local_date import local_date

if TYPE_CHECKING:  # the other commands need neither Arrow nor DuckDB
    from yuejingzhun.demo.fleet.fault import Fault
    from yuejingzhun.telemetry.engine import Ran
    from yuejingzhun.telemetry.lake import Lake
    from yuejingzhun.telemetry.snapshot import Where

DAY = click.DateTime(("%Y-%m-%d",))
MANY_DAYS = 400
SMALLEST_MPE, LARGEST_MPE = 0.1, 20.0  # percent


@click.group()
def fleet() -> None:
    """在用电能表的误差：由台区的读数估计每只表，不上门、不拆表。"""


@fleet.command()
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--districts", type=click.IntRange(1), default=30, show_default=True, help="几个台区")
@click.option("--meters", type=click.IntRange(13, 2000), default=200, show_default=True, help="每个台区几只分表")
@click.option("--days", type=click.IntRange(1, MANY_DAYS), default=30, show_default=True, help="几天，每天 96 点")
@click.option("--from", "first", type=DAY, default="2026-03-01", show_default=True, help="第一天")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="种子：相同则读数相同")
@click.option("--faults", default="", help="各台区都有的故障，逗号分隔；each 为各台区轮流一种，第一种为无故障")
@click.option("--city", default="4401", show_default=True, help="地市代码")
@click.option("--csv", "as_csv", is_flag=True, help="写成 csv，而不是 Parquet")
@json_option
def simulate(
    out: Path,
    districts: int,
    meters: int,
    days: int,
    first: datetime,
    seed: int,
    faults: str,
    city: str,
    as_csv: bool,
    as_json: bool,
) -> None:
    """模拟台区的读数，写进 OUT/readings（每台区一个文件，可用 yjz readings import 导入），真误差写进 OUT/truth.csv。

    \b
    故障：light_load 负荷过轻、theft 窃电、foreign_meter 有表不属本台区、unlisted_meter 有表未列入、
    missing_days 缺日、clock_offset 表钟快慢、coarse_registers 分表分辨力低、coarse_total 总表分辨力低、
    feed_in 光伏上网、rough_loss 线损散布
    """
    from yuejingzhun.demo.fleet.district import Design
    from yuejingzhun.demo.fleet.files import write_districts

    if not (len(city) == 4 and city.isdigit()):
        raise UnusableError(f"--city {city}：应为四位行政区划代码，如 4401")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UnusableError(f"{out} 已存在且不是空的：请换一个文件夹")
    last = first.date() + timedelta(days=days - 1)
    if last > local_date(datetime.now(UTC)):
        raise UnusableError(f"最后一天 {last} 还没有到，导入时会被拒绝：请用更早的 --from")
    given = _faults(faults)
    try:
        with progress_bar(as_json) as tell:
            rows = write_districts(
                *(out, districts, given, seed, Design(meters=meters, days=days), first.date(), city),
                as_csv=as_csv,
                progress=lambda done: tell(done, districts, "个台区"),
            )
    except OSError as error:
        raise UnusableError(f"无法写入 {out}：{error.strerror}") from error
    if as_json:
        print_json({"districts": districts, "rows": rows, "readings": str(out / "readings")})
        return
    click.echo(f"{districts} 个台区 {rows} 行读数在 {out / 'readings'}，真误差在 {out / 'truth.csv'}")
    click.echo(f"接着：yjz readings import {out / 'readings'} --lake 湖")


@fleet.command()
@click.argument("lake", type=click.Path(path_type=Path))
@click.option("--from", "first", type=DAY, required=True, help="第一天，如 2026-03-01")
@click.option("--days", type=click.IntRange(1, MANY_DAYS), required=True, help="几天")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="结果的文件夹")
@click.option("--mpe", type=float, default=2.0, show_default=True, help="最大允许误差的绝对值，%")
@click.option("--city", help="只评价这个市，如 4401")
@click.option("--processes", type=click.IntRange(0), default=0, help="本机的进程数；0 为能用的都用")
@click.option("--engine", type=click.Choice(["local", "spark"]), default="local", show_default=True, help="在哪里算")
@click.option("--master", default="local[*]", show_default=True, help="Spark 的 master")
@click.option(
    "--task", "districts_a_task", type=click.IntRange(1), default=32, show_default=True, help="每任务几个台区"
)
@click.option("--follow", is_flag=True, help="留下状态，以后用 yjz fleet day 逐日更新；每台区约 0.4 MB")
@json_option
def evaluate(
    lake: Path,
    first: datetime,
    days: int,
    out: Path,
    mpe: float,
    city: str | None,
    processes: int,
    engine: str,
    master: str,
    districts_a_task: int,
    follow: bool,
    as_json: bool,
) -> None:
    """评价读数湖 LAKE 里的每个台区，结果写进 --out 的文件夹。

    先由部分台区学得全体表误差的分布（先验），再据以评价每个台区。

    可随时以 Ctrl-C 停下，或被杀掉：再运行一次即从未完成的任务继续，结果相同。
    """
    from yuejingzhun.telemetry.engine import Settings
    from yuejingzhun.telemetry.errors import EngineError, LakeError
    from yuejingzhun.telemetry.fleet_evaluation import evaluate_lake
    from yuejingzhun.telemetry.snapshot import Where

    if not SMALLEST_MPE <= mpe <= LARGEST_MPE:
        raise UnusableError(f"--mpe {mpe:g}：应在 {SMALLEST_MPE:g} 与 {LARGEST_MPE:g} 之间，单位 %，2 级表为 2")
    given, day = existing_lake(lake), first.date()
    where = Where(city=city, first_day=day, last_day=day + timedelta(days=days - 1))
    settings = Settings(engine=engine, workers=processes, districts_a_task=districts_a_task, master=master)  # type: ignore[arg-type]
    try:
        _check_period(given, where)
        with progress_bar(as_json) as tell, _stopped_by_ctrl_c() as stopped:
            ran = evaluate_lake(
                *(given, where, out, day, days, mpe / 100, follow, settings),
                progress=lambda done, whole: tell(done, whole, f"{done}/{whole} 个任务"),
                stopped=stopped,
            )
    except KeyboardInterrupt:
        click.echo("已中断，再运行一次即继续", err=True)
        sys.exit(NOT_VALID)
    except (LakeError, EngineError) as error:
        raise UnusableError(str(error)) from error
    except OSError as error:
        raise UnusableError(f"无法写入 {out}：{error.strerror}") from error
    if as_json:
        print_json(asdict(ran))
    else:
        _print_ran(ran, out, f"yjz fleet report {out}")
    sys.exit(NOT_VALID if ran.failed or ran.stopped else 0)


@fleet.command()
@click.argument("lake", type=click.Path(path_type=Path))
@click.option("--day", "which", type=DAY, required=True, help="哪一天，如 2026-03-31")
@click.option("--before", type=click.Path(path_type=Path), required=True, help="前一日的结果：评价或更新的文件夹")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="结果的文件夹")
@click.option("--processes", type=click.IntRange(0), default=0, help="本机的进程数；0 为能用的都用")
@json_option
def day(lake: Path, which: datetime, before: Path, out: Path, processes: int, as_json: bool) -> None:
    """由前一日的状态与读数湖 LAKE 里当日的读数，更新每只表的误差，结果写进 --out 的文件夹。

    前一日的结果须由 yjz fleet evaluate --follow 或本命令写成。可随时停下，再运行一次即从未完成的任务继续。
    """
    from yuejingzhun.telemetry.engine import Settings
    from yuejingzhun.telemetry.errors import EngineError, LakeError
    from yuejingzhun.telemetry.fleet_day import follow_day

    given = existing_lake(lake)
    try:
        with progress_bar(as_json) as tell, _stopped_by_ctrl_c() as stopped:
            ran = follow_day(
                *(given, before, which.date(), out, Settings(workers=processes)),
                progress=lambda done, whole: tell(done, whole, f"{done}/{whole} 个任务"),
                stopped=stopped,
            )
    except (LakeError, EngineError) as error:
        raise UnusableError(str(error)) from error
    except OSError as error:
        raise UnusableError(f"无法写入 {out}：{error.strerror}") from error
    if as_json:
        print_json(asdict(ran))
    else:
        _print_ran(ran, out, f"次日 yjz fleet day {lake} --before {out}")
    sys.exit(NOT_VALID if ran.failed or ran.stopped else 0)


@fleet.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--truth", type=click.Path(path_type=Path), help="真误差或检定所得误差的 csv：district、meter、error（相对）"
)
@click.option("--csv", "as_csv", type=click.Path(path_type=Path), help="把全部表写成 csv，最可疑的在前")
@click.option("--limit", type=click.IntRange(0), default=20, show_default=True, help="列出几只表、几个拒绝的台区")
@output_options
@html_option
@json_option
def report(
    folder: Path,
    truth: Path | None,
    as_csv: Path | None,
    limit: int,
    plot: Path | None,
    pdf: Path | None,
    html: Path | None,
    as_json: bool,
) -> None:
    """汇报 yjz fleet evaluate 写在 FOLDER 的结果：保留与拒绝的台区，最可疑的表，有真值时还有方法的成绩。"""
    found = evaluation_of(folder, read_truth(truth) if truth is not None else None)
    if as_csv is not None:
        write_meters(found, as_csv)
    write_outputs(plot, pdf, lambda: _drawn(found, limit), lambda drawn: report_of(found, limit, drawn), html)
    if as_json:
        print_json(report_as_json(found, limit))
    else:
        print_report(found, limit)


def _faults(text: str) -> Callable[[int], frozenset["Fault"]]:
    """Which faults the district of each number has; raises UnusableError."""
    from yuejingzhun.demo.fleet.fault import Fault

    every = [frozenset(), *(frozenset([fault]) for fault in Fault)]
    if text.strip() == "each":
        return lambda number: every[number % len(every)]
    names = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in set(Fault)]
    if unknown:
        raise UnusableError(f"--faults：没有 {'、'.join(unknown)}，应为 {'、'.join(Fault)}，或 each")
    chosen = frozenset(map(Fault, names))
    return lambda number: chosen


def _check_period(lake: "Lake", where: "Where") -> None:
    """Raises UnusableError where the lake has no readings of that city and those days."""
    files = lake.snapshot().current_files()
    if not files:
        raise UnusableError(f"{lake.root} 里还没有读数")
    if where.city is not None and where.city not in {file.city for file in files}:
        raise UnusableError(f"没有市 {where.city} 的读数，有 {'、'.join(sorted({file.city for file in files}))}")
    if not lake.snapshot().current_files(where):
        first, last = min(file.first_day for file in files), max(file.last_day for file in files)
        raise UnusableError(f"没有 {where.first_day} 至 {where.last_day} 的读数，湖里的是 {first} 至 {last}")


@contextmanager
def _stopped_by_ctrl_c() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed: what is at work is finished, and nothing new is begun. A second one ends at once."""
    pressed: list[int] = []

    def press(number: int, frame: object) -> None:
        if pressed:
            raise KeyboardInterrupt
        pressed.append(number)
        click.echo("正在停下：做完手上的任务即止（再按一次立即结束）", err=True)

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)


def _print_ran(ran: "Ran", out: Path, then: str) -> None:
    before = f"，先前已做 {ran.before} 个" if ran.before else ""
    click.echo(f"做了 {ran.done} 个任务{before}，结果在 {out}")
    for name, error in ran.failed:
        click.echo(f"  ✗ 任务 {name}：{error}")
    if ran.failed:
        click.echo(f"{len(ran.failed)} 个任务出错，再运行一次会重做")
    elif ran.stopped:
        click.echo("已停下，再运行一次即继续")
    else:
        click.echo(f"接着：{then}")


def _drawn(found: Evaluation, limit: int) -> Any:
    from yuejingzhun.cli.plots.fleet import draw_suspicious

    return draw_suspicious(found.most_suspicious(limit), found.mpe, found.errors)
