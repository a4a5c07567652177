"""`yjz prepackage`: the verdict on a lot of prepackages from the contents of its sample."""

import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from yuejingzhun.cli.csv_columns import read_columns, unusable
from yuejingzhun.cli.outputs import output_options, write_outputs
from yuejingzhun.cli.plots.prepackage import draw_contents
from yuejingzhun.cli.report import Report, Table
from yuejingzhun.cli.terminal import NOT_VALID, VALID, json_option, print_json
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.net_content import Kind, PrepackageVerdict, Rule, judge

KINDS = {"mass": Kind.MASS_OR_VOLUME, "length": Kind.LENGTH, "area": Kind.AREA, "count": Kind.COUNT}
RULES = {"jjf1070": Rule.JJF_1070, "oiml": Rule.OIML_R87}
CLAUSES = {
    Rule.JJF_1070: ("《定量包装商品计量监督管理办法》（2023）附件 3", "JJF 1070-2023 抽样方案与第 6 章"),
    Rule.OIML_R87: ("OIML R 87 表 1、表 2、4.3",),
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--nominal", required=True, help="标注净含量（g 或 mL；长度为 m；计数为件）")
@click.option("--lot", type=click.IntRange(min=1), required=True, help="批量（件）")
@click.option("--kind", type=click.Choice(list(KINDS)), default="mass", show_default=True, help="标注的是什么")
@click.option("--rule", type=click.Choice(list(RULES)), default="jjf1070", show_default=True, help="按哪部规则")
@output_options
@json_option
def prepackage(
    file: Path, nominal: str, lot: int, kind: str, rule: str, plot: Path | None, pdf: Path | None, as_json: bool
) -> None:
    """由 FILE（csv：net，每件的实际含量，与标注同单位）判定一批定量包装商品。"""
    contents = read_columns(file, [], ["net"])["net"]
    try:
        verdict = judge(contents, nominal, lot, KINDS[kind], RULES[rule])
    except ArgumentError as error:
        raise unusable(file, error, {"contents": "net", "nominal": "--nominal", "lot_size": "--lot"}) from error
    write_outputs(
        *(plot, pdf),
        lambda: draw_contents(contents, nominal, verdict),
        lambda drawn: _report(file, contents, (nominal, lot, KINDS[kind], RULES[rule]), verdict, drawn),
    )
    if as_json:
        print_json(_as_json(verdict))
    else:
        plan = verdict.plan
        click.echo(f"批量 {lot}，抽 {plan.sample_size} 件；允许短缺量 T = {verdict.tolerable_deficiency:f}")
        click.echo(f"平均 {verdict.mean:.6g}，标准差 {verdict.standard_deviation:.4g}")
        for reason in verdict.reasons:
            click.echo(f"  {'✗' if reason.endswith('不符合') else '✓'} {reason}")
        click.echo("结论：合格" if verdict.conforms else "结论：不合格")
    sys.exit(VALID if verdict.conforms else NOT_VALID)


def _as_json(verdict: PrepackageVerdict) -> dict[str, object]:
    factor, corrected = verdict.plan.correction_factor, verdict.corrected_mean
    return {
        "conforms": verdict.conforms,
        "reasons": list(verdict.reasons),
        "sample_size": verdict.plan.sample_size,
        "correction_factor": None if factor is None else str(factor),
        "tolerable_deficiency": str(verdict.tolerable_deficiency),
        "mean": str(verdict.mean),
        "standard_deviation": str(verdict.standard_deviation),
        "corrected_mean": None if corrected is None else str(corrected),
        "beyond_t1": verdict.beyond_t1,
        "beyond_t2": verdict.beyond_t2,
    }


def _report(
    path: Path, contents: Sequence[str], lot: tuple[str, int, Kind, Rule], verdict: PrepackageVerdict, drawn: Any
) -> Report:
    nominal, size, kind, rule = lot
    target, deficiency, plan = Decimal(nominal), verdict.tolerable_deficiency, verdict.plan
    rows = [
        (str(number), content, f"{Decimal(content) - target:+f}", _beyond(target - Decimal(content), deficiency))
        for number, content in enumerate(contents, 1)
    ]
    verdict_word = "合格" if verdict.conforms else "不合格"
    return Report(
        title="定量包装商品净含量检验报告",
        computed=f"由抽样各件的实际含量，按 {rule.value} 判定一批定量包装商品的净含量。",
        file=path,
        conditions=[
            ("商品", f"以{kind.value}标注，标注净含量 {nominal}（单位同数据；{_units(kind)}）"),
            ("抽样", f"批量 {size} 件，抽取 {plan.sample_size} 件，大于 T 的至多 {plan.beyond_t1} 件"),
            ("允许短缺量", f"T = {deficiency:f}，2T = {2 * deficiency:f}"),
        ],
        basis=CLAUSES[rule],
        inputs=[Table("各件的实际含量", ("序号", "实际含量", "与标注之差", "短缺"), rows, left=(), across=2)],
        results=[Table("统计量", ("量", "数值"), _statistics(verdict))],
        statement=[f"结论：该批商品净含量{verdict_word}", *verdict.reasons],
        figure=drawn,
        caption="各件的实际含量",
    )


def _statistics(verdict: PrepackageVerdict) -> list[tuple[str, str]]:
    rows = [("平均实际含量", f"{verdict.mean:.8g}"), ("标准差 s", f"{verdict.standard_deviation:.4g}")]
    if verdict.corrected_mean is not None:
        rows.append(("修正因子 λ", f"{verdict.plan.correction_factor}"))
        rows.append(("修正平均实际含量", f"{verdict.corrected_mean:.8g}"))
    return [*rows, ("短缺量大于 T 的件数", f"{verdict.beyond_t1}"), ("短缺量大于 2T 的件数", f"{verdict.beyond_t2}")]


def _beyond(shortfall: Decimal, deficiency: Decimal) -> str:
    if shortfall <= deficiency:
        return ""
    return "大于 T" if shortfall <= 2 * deficiency else "大于 2T"


def _units(kind: Kind) -> str:
    return {Kind.MASS_OR_VOLUME: "g 或 mL", Kind.LENGTH: "m", Kind.AREA: "面积单位", Kind.COUNT: "件"}[kind]
