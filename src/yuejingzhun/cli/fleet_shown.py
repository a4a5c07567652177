"""What `yjz fleet report` says of a folder of results: on the screen, as JSON, as csv and as a printed report."""

import csv
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from yuejingzhun.cli.csv_columns import read_columns
from yuejingzhun.cli.report import Report, Table
from yuejingzhun.cli.terminal import UnusableError, print_table

if TYPE_CHECKING:  # the other commands need neither Arrow nor DuckDB
    import pyarrow as pa

    from yuejingzhun.telemetry.fleet_results import Score, Summary

METERS = ("台区", "表号", "误差 %", "标准不确定度 %", "95 % 区间 %", "超差概率")
REFUSED = ("台区", "分表", "原因")
SCORES = ("成绩", "数值", "说明")
BINS = ("声称的概率", "平均", "实际超差的比例", "95 % 区间", "表数", "相符")
REMARKED = ("台区", "表号", "发现")
COLUMNS = {
    "district": "台区",
    "meter": "表号",
    "role": "角色",
    "error": "误差",
    "uncertainty": "标准不确定度",
    "low": "区间下限",
    "high": "区间上限",
    "exceeds": "超差概率",
    "power": "台区的检出力",
    "reason": "拒绝的原因",
    "remark": "发现",
}


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Results with what they are of; `errors` and `score` where true errors were given. `mpe` is relative."""

    folder: Path
    first_day: str
    days: int
    mpe: float
    city: str
    tasks: int
    done: int
    results: "pa.Table"
    summary: "Summary"
    errors: Mapping[tuple[str, str], float] = field(default_factory=dict)
    score: "Score | None" = None

    def most_suspicious(self, limit: int) -> list[dict[str, Any]]:
        """Meters that are not simply to be kept, the most suspicious first."""
        from yuejingzhun.telemetry.fleet_results import DOUBTFUL, suspicious_first

        rows: list[dict[str, Any]] = suspicious_first(self.results, DOUBTFUL).slice(0, limit).to_pylist()
        return rows


def evaluation_of(folder: Path, errors: Mapping[tuple[str, str], float] | None) -> Evaluation:
    """What a folder of `yjz fleet evaluate` holds; raises UnusableError for any other."""
    from yuejingzhun.telemetry import run_identity
    from yuejingzhun.telemetry.engine import results
    from yuejingzhun.telemetry.errors import EngineError
    from yuejingzhun.telemetry.fleet import RESULT, evaluate_fleet
    from yuejingzhun.telemetry.fleet_results import score, summary

    try:
        run = run_identity.read(folder)
        if run is None or run.kernel != f"{evaluate_fleet.__module__}.{evaluate_fleet.__qualname__}":
            raise UnusableError(f"{folder} 里没有 yjz fleet evaluate 的结果")
        table = results(folder)
    except EngineError as error:
        raise UnusableError(str(error)) from error
    if not table.schema.equals(RESULT):
        raise UnusableError(f"{folder} 里的结果不是本版本的：请用新的文件夹重新评价")
    mpe = float(run.arguments["mpe"])
    try:
        scored = None if errors is None else score(table, errors, mpe)
    except ValueError as error:
        raise UnusableError(str(error)) from error
    return Evaluation(
        folder=folder,
        first_day=run.arguments["first_day"],
        days=int(run.arguments["days"]),
        mpe=mpe,
        city=run.where["city"],
        tasks=run.tasks,
        done=len(list(folder.glob("*.parquet"))),
        results=table,
        summary=summary(table),
        errors=errors or {},
        score=scored,
    )


def read_truth(path: Path) -> dict[tuple[str, str], float]:
    """Relative errors by district and meter; raises UnusableError."""
    columns = read_columns(path, ["district", "meter"], ["error"])
    errors: dict[tuple[str, str], float] = {}
    rows = zip(columns["district"], columns["meter"], map(float, columns["error"]), strict=True)
    for number, (district, meter, error) in enumerate(rows, 1):
        if not -1 <= error <= 1:
            raise UnusableError(f"{path}：第 {number} 个误差 {error:g} 应为相对误差，如 0.021 表示 2.1 %")
        if errors.setdefault((district, meter), error) != error:
            raise UnusableError(f"{path}：台区 {district} 的表 {meter} 有两个不同的误差")
    return errors


def print_report(found: Evaluation, limit: int) -> None:
    """On the screen."""
    for line in _statement(found):
        click.echo(line)
    suspicious = found.most_suspicious(limit)
    _titled("最可疑的表", METERS, list(map(_meter, suspicious)), found.summary.clear + found.summary.doubtful)
    _titled("另外发现", REMARKED, *_remarked(found, limit))
    _titled("拒绝的台区", REFUSED, *_refused(found, limit))
    if found.score is not None:
        _titled("对照真误差", SCORES, _scores(found))
        _titled("概率是否可信", BINS, list(_bins(found)))


def _titled(title: str, headings: tuple[str, ...], rows: list[tuple[str, ...]], whole: int | None = None) -> None:
    if not rows:
        return
    more = f"（共 {whole}，列出 {len(rows)}；--limit 多列，--csv 写出全部）" if whole and whole > len(rows) else ""
    click.echo(f"\n{title}{more}")
    print_table(headings, rows)


def report_as_json(found: Evaluation, limit: int) -> dict[str, Any]:
    """The same for programs, all errors relative."""
    summary, score = found.summary, found.score
    content: dict[str, Any] = {
        "first_day": found.first_day,
        "days": found.days,
        "mpe": found.mpe,
        "tasks": found.tasks,
        "tasks_done": found.done,
        "districts": summary.districts,
        "kept": summary.kept,
        "refused": dict(summary.refused),
        "meters": summary.meters,
        "stated": summary.stated,
        "clear": summary.clear,
        "doubtful": summary.doubtful,
        "expected_beyond": summary.expected,
        "remarks": [dict(zip(("district", "meter", "remark"), row, strict=True)) for row in _remarked(found, limit)[0]],
        "suspicious": [
            {key: row[key] for key in row if key not in ("reason", "power")} for row in found.most_suspicious(limit)
        ],
    }
    if score is not None:
        names = ("meters", "bad", "bad_refused", "unknown", "average_precision", "recall", "rmse", "rmse_bad", "brier")
        content["score"] = {name: _number(getattr(score, name)) for name in names}
        content["score"]["coverage"] = {
            name: _number(float(getattr(score.coverage, name).value)) for name in ("small", "large")
        }
        content["score"]["reliability"] = [
            {"stated": float(stated), "found": float(share.value), "meters": int(count)}
            for stated, share, count in zip(
                score.reliability.stated, score.reliability.found, score.reliability.meters, strict=True
            )
            if count
        ]
    return content


def write_meters(found: Evaluation, path: Path) -> None:
    """Every result as csv that Excel opens, stated meters first, the most suspicious on top; raises UnusableError."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from yuejingzhun.telemetry.fleet_results import suspicious_first

    silent = found.results.filter(pc.is_null(found.results["exceeds"]))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS.values())
            for batch in pa.concat_tables([suspicious_first(found.results), silent]).to_batches():
                writer.writerows(row.values() for row in batch.to_pylist())
    except OSError as error:
        raise UnusableError(f"无法写入 {path}：{error.strerror}") from error


def report_of(found: Evaluation, limit: int, drawn: Any) -> Report:
    """As a printed report, with the figure."""
    summary = found.summary
    reasons = [(reason, str(count)) for reason, count in summary.refused.items()]
    inputs = [
        Table(
            "评价的读数",
            ("项", "数"),
            [
                ("台区", str(summary.districts)),
                ("其中数据支持估计的", str(summary.kept)),
                ("这些台区的分表", str(summary.meters)),
                ("能说明误差的", str(summary.stated)),
            ],
        ),
        *([Table("拒绝的台区", ("原因", "台区"), reasons)] if reasons else []),
    ]
    results = [Table("最可疑的表", METERS, [_meter(row) for row in found.most_suspicious(limit)], left=(0, 1))]
    if remarks := _remarked(found, limit)[0]:
        results.append(Table("另外发现", REMARKED, remarks, left=(0, 1, 2)))
    if found.score is not None:
        results.append(Table("对照真误差", SCORES, _scores(found), left=(0, 2)))
        results.append(Table("概率是否可信", BINS, list(_bins(found)), left=(0,)))
    return Report(
        title="在用电能表误差评价报告",
        computed="由台区总表与各分表的 96 点示值，估计每只分表的误差、不确定度与超差的概率。",
        file=found.folder,
        conditions=[
            ("时间", f"{found.first_day} 起 {found.days} 天"),
            ("最大允许误差", f"±{100 * found.mpe:g} %"),
            *([("地市", found.city)] if found.city else []),
        ],
        basis=["JJG 596-2012（最大允许误差）", "JCGM 100:2008（标准不确定度）", "模型与限制见 docs/fleet.md"],
        inputs=inputs,
        results=results,
        statement=_statement(found),
        figure=drawn,
        caption="最可疑的表：误差及其 95 % 区间",
    )


def _without(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def _statement(found: Evaluation) -> list[str]:
    summary = found.summary
    lines = [
        f"{summary.districts} 个台区，数据支持估计的 {summary.kept} 个；其中 {summary.meters} 只分表，"
        f"能说明误差的 {summary.stated} 只",
        f"超差（±{100 * found.mpe:g} %）概率 0.9 以上的 {summary.clear} 只，应先检定；"
        f"0.1 至 0.9 的 {summary.doubtful} 只，存疑；按各表的概率，预计超差 {summary.expected:.1f} 只",
    ]
    if found.done < found.tasks:
        lines.insert(0, f"评价尚未完成：{found.tasks} 个任务做了 {found.done} 个")
    if found.errors and found.score is None:
        lines.append("有真值的表都没有结论，无从对照")
    if summary.refused:
        lines.append("拒绝的：" + "；".join(f"{reason} {count} 个" for reason, count in summary.refused.items()))
    return lines


def _meter(row: Mapping[str, Any]) -> tuple[str, ...]:
    interval = f"{100 * row['low']:+.2f} ～ {100 * row['high']:+.2f}"
    figures = (f"{100 * row['error']:+.2f}", f"{100 * row['uncertainty']:.2f}", interval, _probability(row["exceeds"]))
    return row["district"], row["meter"], *figures


def _probability(value: float) -> str:
    return ">0.999" if value > 0.999 else f"{value:.3f}"


def _refused(found: Evaluation, limit: int) -> tuple[list[tuple[str, ...]], int]:
    """At most `limit` of the districts, and how many there are."""
    from yuejingzhun.telemetry.fleet_results import refused_districts

    rows = refused_districts(found.results)
    shown = rows.slice(0, limit).to_pylist()
    return [(row["district"], str(row["meters"]), row["reason"]) for row in shown], rows.num_rows


def _remarked(found: Evaluation, limit: int) -> tuple[list[tuple[str, ...]], int]:
    """Meters with something else to look after than their error; idle ones are too many to name."""
    from yuejingzhun.telemetry.fleet_remark import Remark
    from yuejingzhun.telemetry.fleet_results import remarked

    rows = remarked(found.results, Remark.FOREIGN, Remark.CLOCK, Remark.FALLING, Remark.UNREAD)
    shown = rows.slice(0, limit).to_pylist()
    return [(row["district"], row["meter"], row["remark"]) for row in shown], rows.num_rows


def _scores(found: Evaluation) -> list[tuple[str, ...]]:
    score = found.score
    assert score is not None  # noqa: S101 - asked by the callers
    small, large = score.coverage.small, score.coverage.large
    unknown = f"，另有 {score.unknown} 只没有真值" if score.unknown else ""
    return [
        (
            "对照的表",
            f"{score.meters}",
            f"其中超差 {score.bad} 只{unknown}；拒绝的台区里超差 {score.bad_refused} 只，不计",
        ),
        ("平均精确率", _figure(score.average_precision), "按概率从大到小排列；没有结论的表排在最后"),
        ("召回", _figure(score.recall), "精确率 90 % 时"),
        ("RMSE", _percent(score.rmse), "误差之差的均方根；没有结论的表按误差为零"),
        ("超差表的 RMSE", _percent(score.rmse_bad), ""),
        ("区间覆盖，误差小的", _percent(float(small.value), 1), f"应为 95 %；这里能确定到 {_limits(small)}"),
        ("区间覆盖，超差的", _percent(float(large.value), 1), f"应为 95 %；这里能确定到 {_limits(large)}"),
        ("Brier 分", _figure(score.brier, 5), "概率与结果之差的均方，越小越好"),
    ]


def _bins(found: Evaluation) -> Iterator[tuple[str, ...]]:
    from yuejingzhun.metrology.fleet.track_record import EDGES

    assert found.score is not None  # noqa: S101 - asked by the callers
    bins = found.score.reliability
    columns = zip(EDGES, EDGES[1:], bins.stated, bins.found, bins.meters, bins.agrees(), strict=False)
    for low, high, stated, share, count, agrees in columns:
        if count:
            label, value = f"{low:g} ～ {high:g}", f"{float(share.value):.4f}"
            yield label, f"{stated:.4f}", value, _limits(share), f"{count}", "是" if agrees else "否"


def _limits(share: Any) -> str:
    return f"{float(share.low):.3f} ～ {float(share.high):.3f}"


def _figure(value: float, decimals: int = 3) -> str:
    return "—" if math.isnan(value) else f"{value:.{decimals}f}"


def _percent(value: float, decimals: int = 3) -> str:
    return "—" if math.isnan(value) else f"{100 * value:.{decimals}f} %"


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
