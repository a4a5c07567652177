"""`yjz prepackage`: the verdict on a lot of prepackages from the contents of its sample."""

import sys
from pathlib import Path

import click

from yuejingzhun.cli.csv_columns import read_columns, unusable
from yuejingzhun.cli.terminal import NOT_VALID, VALID, json_option, print_json
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.net_content import Kind, PrepackageVerdict, Rule, judge

KINDS = {"mass": Kind.MASS_OR_VOLUME, "length": Kind.LENGTH, "area": Kind.AREA, "count": Kind.COUNT}
RULES = {"jjf1070": Rule.JJF_1070, "oiml": Rule.OIML_R87}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--nominal", required=True, help="标注净含量（g 或 mL；长度为 m；计数为件）")
@click.option("--lot", type=click.IntRange(min=1), required=True, help="批量（件）")
@click.option("--kind", type=click.Choice(list(KINDS)), default="mass", show_default=True, help="标注的是什么")
@click.option("--rule", type=click.Choice(list(RULES)), default="jjf1070", show_default=True, help="按哪部规则")
@json_option
def prepackage(file: Path, nominal: str, lot: int, kind: str, rule: str, as_json: bool) -> None:
    """由 FILE（csv：net，每件的实际含量，与标注同单位）判定一批定量包装商品。"""
    contents = read_columns(file, [], ["net"])["net"]
    try:
        verdict = judge(contents, nominal, lot, KINDS[kind], RULES[rule])
    except ArgumentError as error:
        raise unusable(file, error, {"contents": "net", "nominal": "--nominal", "lot_size": "--lot"}) from error
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
