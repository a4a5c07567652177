"""`yjz compare`: reference values and degrees of equivalence of one comparison."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from yuejingzhun.cli.csv_columns import read_columns, unusable
from yuejingzhun.cli.outputs import output_options, write_outputs
from yuejingzhun.cli.plots.comparison import draw_degrees
from yuejingzhun.cli.report import Report, Table
from yuejingzhun.cli.terminal import json_option, print_json, print_table
from yuejingzhun.metrology.arguments import ArgumentError, Floats
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
SOURCES = {
    "weighted": "Cox 2002，Metrologia 39 589，程序 A",
    "moderated": "Pommé 与 Keightley 2015，Metrologia 52 S200",
    "dl": "Rukhin 2009，Metrologia 46 323",
    "pm": "Rukhin 2009，Metrologia 46 323",
    "reml": "Rukhin 2009，Metrologia 46 323",
    "pool": "Koepke 等 2017，Metrologia 54 S34",
}
HEADINGS_OF_VALUES = ("参考值", "数值", "u", "实验室间 τ")
HEADINGS_OF_DEGREES = ("实验室", "数值", "u", "d", f"U(d)（k={COVERAGE_FACTOR:g}）", "En", "")


@dataclass(frozen=True, eq=False, slots=True)
class Compared:
    """The results as written in the file, and what they gave: `chosen` is the key of the reference value taken."""

    columns: dict[str, list[str]]
    found: dict[str, ReferenceValue]
    chosen: str
    degrees: DegreesOfEquivalence
    en: Floats

    @property
    def reference(self) -> ReferenceValue:
        return self.found[self.chosen]

    @property
    def expanded_reference(self) -> float:
        """U of the reference value, with the coverage factor of the degrees."""
        return COVERAGE_FACTOR * float(self.reference.u)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--reference", type=click.Choice(list(ESTIMATORS)), help="参考值的算法；不给则一致用加权平均，否则用 PMM")
@output_options
@json_option
def compare(file: Path, reference: str | None, plot: Path | None, pdf: Path | None, as_json: bool) -> None:
    """由 FILE（csv：lab,value,u，u 为标准不确定度）计算比对的参考值、等效度与 En。"""
    columns = read_columns(file, ["lab"], ["value", "u"])
    x, u = (np.array(columns[name], dtype=np.float64) for name in ("value", "u"))
    try:
        found = {name: estimator(x, u) for name, (_, estimator) in ESTIMATORS.items()}
        chosen = reference or ("weighted" if found["weighted"].consistent() else "moderated")
        degrees = degrees_of_equivalence(x, u, found[chosen])
        compared = Compared(columns, found, chosen, degrees, degrees.en())
    except ArgumentError as error:
        raise unusable(file, error, {"x": "value"}) from error
    write_outputs(
        *(plot, pdf),
        lambda: draw_degrees(columns["lab"], degrees.difference, degrees.expanded(), compared.expanded_reference),
        lambda drawn: _report(file, compared, drawn),
    )
    if as_json:
        print_json(_as_json(compared))
        return
    click.echo(_consistency(compared))
    print_table(HEADINGS_OF_VALUES, _values(compared))
    print_table(HEADINGS_OF_DEGREES, _rows(compared))


def _as_json(compared: Compared) -> dict[str, object]:
    values = {
        name: {"value": float(r.value), "u": float(r.u), "tau": float(r.tau), "weights": np.asarray(r.weights).tolist()}
        for name, r in compared.found.items()
    }
    mean, degrees = compared.found["weighted"], compared.degrees
    rows = zip(compared.columns["lab"], degrees.difference, degrees.expanded(), compared.en, strict=True)
    return {
        "chi2": {"value": float(mean.chi2), "dof": int(mean.dof), "p": float(mean.p)},
        "reference_values": values,
        "reference": compared.chosen,
        "degrees": [{"lab": lab, "d": float(d), "U": float(size), "en": float(score)} for lab, d, size, score in rows],
    }


def _consistency(compared: Compared) -> str:
    mean = compared.found["weighted"]
    outcome = "一致" if mean.consistent() else "不一致，加权平均不宜作参考值"
    return f"χ² = {mean.chi2:.4g}，自由度 {mean.dof:d}，p = {mean.p:.3g}：{outcome}"


def _values(compared: Compared) -> Iterator[tuple[str, ...]]:
    for name, (label, _) in ESTIMATORS.items():
        one = compared.found[name]
        tau = f"{one.tau:.4g}" if one.tau else "—"
        yield label + (" ←" if name == compared.chosen else ""), f"{one.value:.8g}", f"{one.u:.4g}", tau


def _rows(compared: Compared) -> Iterator[tuple[str, ...]]:
    columns, degrees = compared.columns, compared.degrees
    names = (columns["lab"], columns["value"], columns["u"])
    for lab, value, u, d, size, score in zip(*names, degrees.difference, degrees.expanded(), compared.en, strict=True):
        decimals = max(0, 3 - int(np.floor(np.log10(size)))) if size else 4  # four digits of U, and d to the same place
        yield (
            lab,
            value,
            u,
            f"{d:.{decimals}f}",
            f"{size:.{decimals}f}",
            f"{score:.2f}",
            "" if abs(score) <= 1 else "|En| > 1",
        )


def _report(path: Path, compared: Compared, drawn: Any) -> Report:
    columns, label = compared.columns, ESTIMATORS[compared.chosen][0]
    apart = [lab for lab, score in zip(columns["lab"], compared.en, strict=True) if abs(score) > 1]
    outcome = f"|En| > 1 的 {len(apart)} 个：{'、'.join(apart)}" if apart else "|En| 均不大于 1"
    given = list(zip(columns["lab"], columns["value"], columns["u"], strict=True))
    degrees = [(row[0], *row[3:]) for row in _rows(compared)]
    return Report(
        title="比对结果报告",
        computed="由各实验室的结果与标准不确定度，计算比对的参考值、各实验室的等效度与 En。",
        file=path,
        conditions=[("参加者", f"{len(given)} 个实验室"), ("参考值", f"{label}（{SOURCES[compared.chosen]}）")],
        basis=[
            "CIPM MRA 技术附录 T.3（等效度）",
            "ISO 13528:2022 9.7（En）",
            "Cox 2002，Metrologia 39 589，第 5 节（χ² 检验）",
        ],
        inputs=[Table("各实验室的结果", ("实验室", "数值", "标准不确定度 u"), given)],
        results=[
            Table("参考值", HEADINGS_OF_VALUES, list(_values(compared)), note="← 为本报告采用的参考值。"),
            Table("等效度", (HEADINGS_OF_DEGREES[0], *HEADINGS_OF_DEGREES[3:]), degrees),
        ],
        statement=[
            f"参考值 {compared.reference.value:.8g}，标准不确定度 {compared.reference.u:.4g}（{label}）；"
            f"{len(given)} 个实验室中 {outcome}",
            _consistency(compared),
        ],
        figure=drawn,
        caption="各实验室的等效度",
    )
