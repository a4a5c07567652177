"""`yjz compare`: reference values and degrees of equivalence of one comparison."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np

from yuejingzhun.cli.csv_columns import read_columns, unusable
from yuejingzhun.cli.terminal import json_option, print_json, print_table, write_file
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.equivalence import COVERAGE_FACTOR, DegreesOfEquivalence, degrees_of_equivalence
from yuejingzhun.metrology.comparison.power_moderated_mean import power_moderated_mean
from yuejingzhun.metrology.comparison.random_effects import dersimonian_laird, paule_mandel, reml
from yuejingzhun.metrology.comparison.reference_value import ReferenceValue, linear_pool, weighted_mean

Estimator = Callable[[Any, Any], ReferenceValue]
ESTIMATORS: dict[str, tuple[str, Estimator]] = {
    "weighted": ("加权平均", weighted_mean),
    "moderated": ("权重调和平均（PMM）", power_moderated_mean),
    "dl": ("DerSimonian-Laird", dersimonian_laird),
    "pm": ("Paule-Mandel", paule_mandel),
    "reml": ("REML", reml),
    "pool": ("线性合并", linear_pool),
}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reference", type=click.Choice(list(ESTIMATORS)), help="参考值的算法；不给则一致用加权平均，否则用 PMM")
@click.option("--plot", type=click.Path(path_type=Path), help="把等效度画成图（.svg、.png 或 .pdf）")
@json_option
def compare(file: Path, reference: str | None, plot: Path | None, as_json: bool) -> None:
    """由 FILE（csv：lab,value,u，u 为标准不确定度）计算比对的参考值、等效度与 En。"""
    columns = read_columns(file, ["lab"], ["value", "u"])
    x, u = (np.array(columns[name], dtype=np.float64) for name in ("value", "u"))
    try:
        found = {name: estimator(x, u) for name, (_, estimator) in ESTIMATORS.items()}
        chosen = reference or ("weighted" if found["weighted"].consistent() else "moderated")
        degrees = degrees_of_equivalence(x, u, found[chosen])
        en = degrees.en()
    except ArgumentError as error:
        raise unusable(file, error, {"x": "value"}) from error
    if plot is not None:
        write_file(plot, _picture(plot, columns["lab"], found[chosen], degrees))
    if as_json:
        print_json(_as_json(columns["lab"], found, chosen, degrees, en))
    else:
        _print(columns, found, chosen, degrees, en)


def _as_json(
    labs: list[str], found: dict[str, ReferenceValue], chosen: str, degrees: DegreesOfEquivalence, en: Any
) -> dict[str, object]:
    values = {
        name: {"value": float(r.value), "u": float(r.u), "tau": float(r.tau), "weights": np.asarray(r.weights).tolist()}
        for name, r in found.items()
    }
    mean = found["weighted"]
    rows = zip(labs, degrees.difference, degrees.expanded(), en, strict=True)
    return {
        "chi2": {"value": float(mean.chi2), "dof": int(mean.dof), "p": float(mean.p)},
        "reference_values": values,
        "reference": chosen,
        "degrees": [{"lab": lab, "d": float(d), "U": float(size), "en": float(score)} for lab, d, size, score in rows],
    }


def _print(
    columns: dict[str, list[str]], found: dict[str, ReferenceValue], chosen: str, degrees: DegreesOfEquivalence, en: Any
) -> None:
    mean = found["weighted"]
    outcome = "一致" if mean.consistent() else "不一致，加权平均不宜作参考值"
    click.echo(f"χ² = {mean.chi2:.4g}，自由度 {mean.dof:d}，p = {mean.p:.3g}：{outcome}")
    print_table(("参考值", "数值", "u", "实验室间 τ"), _values(found, chosen))
    print_table(("实验室", "数值", "u", "d", f"U(d)（k={COVERAGE_FACTOR:g}）", "En", ""), _rows(columns, degrees, en))


def _values(found: dict[str, ReferenceValue], chosen: str) -> Iterator[tuple[str, ...]]:
    for name, (label, _) in ESTIMATORS.items():
        one = found[name]
        tau = f"{one.tau:.4g}" if one.tau else "—"
        yield label + (" ←" if name == chosen else ""), f"{one.value:.8g}", f"{one.u:.4g}", tau


def _rows(columns: dict[str, list[str]], degrees: DegreesOfEquivalence, en: Any) -> Iterator[tuple[str, ...]]:
    cells = zip(columns["lab"], columns["value"], columns["u"], degrees.difference, degrees.expanded(), en, strict=True)
    for lab, value, u, d, size, score in cells:
        yield lab, value, u, f"{d:.4g}", f"{size:.4g}", f"{score:.2f}", "" if abs(score) <= 1 else "|En| > 1"


def _picture(path: Path, labs: list[str], reference: ReferenceValue, degrees: DegreesOfEquivalence) -> bytes:
    from yuejingzhun.cli.picture import figure, picture

    drawn, axes = figure(max(6.0, 0.5 * len(labs) + 2), 4.0)
    places = np.arange(len(labs))
    axes.errorbar(places, degrees.difference, yerr=degrees.expanded(), fmt="o", capsize=4, color="#0b5394")
    size = COVERAGE_FACTOR * float(reference.u)
    axes.axhspan(-size, size, color="#0b5394", alpha=0.12, lw=0)
    axes.axhline(0, color="#0b5394", lw=0.8)
    axes.set_xticks(places, labs, rotation=30 if len(labs) > 6 else 0, ha="right" if len(labs) > 6 else "center")
    axes.set_ylabel("等效度 d ± U(d)")
    axes.set_title("与参考值之差；阴影为参考值的扩展不确定度")
    return picture(drawn, path)
