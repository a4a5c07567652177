"""`yjz gas`: calorific value, Wobbe index and density of a natural gas from its composition."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from yuejingzhun.cli.csv_columns import read_columns, unusable
from yuejingzhun.cli.outputs import output_options, write_outputs
from yuejingzhun.cli.plots.gas import Share, draw_shares
from yuejingzhun.cli.report import Report, Table
from yuejingzhun.cli.terminal import json_option, print_json, print_table
from yuejingzhun.metrology.arguments import ArgumentError, Floats
from yuejingzhun.metrology.gas_energy.calorific_value import Conditions
from yuejingzhun.metrology.gas_energy.components import find, table
from yuejingzhun.metrology.gas_energy.composition import normalised
from yuejingzhun.metrology.gas_energy.property_uncertainty import EvaluatedGas, evaluate_gas

LABELS = {
    "volume_gross_mj_m3": ("体积高位发热量", "MJ/m³"),
    "volume_net_mj_m3": ("体积低位发热量", "MJ/m³"),
    "wobbe_gross_mj_m3": ("高位沃泊指数", "MJ/m³"),
    "wobbe_net_mj_m3": ("低位沃泊指数", "MJ/m³"),
    "mass_gross_mj_kg": ("质量高位发热量", "MJ/kg"),
    "mass_net_mj_kg": ("质量低位发热量", "MJ/kg"),
    "molar_gross_kj_mol": ("摩尔高位发热量", "kJ/mol"),
    "molar_net_kj_mol": ("摩尔低位发热量", "kJ/mol"),
    "density_kg_m3": ("密度", "kg/m³"),
    "relative_density": ("相对密度", "—"),
    "compression_factor": ("压缩因子", "—"),
    "molar_mass_g_mol": ("摩尔质量", "g/mol"),
}
HEADINGS = ("性质", "数值", "标准不确定度", "扩展不确定度（k=2）", "单位")
OF_TABLES = "标准的数据与常数"
IN_THE_FILE = {"names": "component", "fractions": "fraction", "u_fractions": "u", "fractions、u": "fraction、u"}
IN_THE_FILE |= {"combustion_c": "--combustion", "metering_c": "--metering"}


@dataclass(frozen=True, eq=False, slots=True)
class Analysed:
    """A composition as written in the file, as calculated with, and what it gave; shapes (components,)."""

    columns: dict[str, list[str]]
    x: Floats
    u: Floats
    found: EvaluatedGas
    conditions: Conditions
    normalised: bool
    shares: list[Share]  # one a component; then the data of the standard


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--combustion", default=20.0, show_default=True, help="燃烧参比温度（°C）")
@click.option("--metering", default=20.0, show_default=True, help="计量参比温度（°C）")
@click.option("--normalise", is_flag=True, help="先把组成归一化（之和不是 1 的原始组成）")
@output_options
@json_option
def gas(
    file: Path, combustion: float, metering: float, normalise: bool, plot: Path | None, pdf: Path | None, as_json: bool
) -> None:
    """由 FILE（csv：component,fraction,u，摩尔分数及其标准不确定度）按 GB/T 11062（ISO 6976:2016）计算天然气的性质。

    组分可写中文名、英文名或分子式；不归一化时各组分的不确定度视为互不相关。
    """
    columns = read_columns(file, ["component"], ["fraction", "u"])
    try:
        analysed = _analyse(columns, Conditions(combustion, metering), normalise)
    except ArgumentError as error:
        raise unusable(file, error, IN_THE_FILE) from error
    write_outputs(plot, pdf, lambda: draw_shares(analysed.shares), lambda drawn: _report(file, analysed, drawn))
    if as_json:
        print_json(_as_json(analysed))
        return
    click.echo(f"参比条件：{_conditions(analysed)}")
    print_table(HEADINGS, _rows(analysed.found))


def _analyse(columns: dict[str, list[str]], conditions: Conditions, normalise: bool) -> Analysed:
    raw, u_raw = (np.array(columns[name], dtype=np.float64) for name in ("fraction", "u"))
    names = columns["component"]
    x, u, found = _evaluate(names, raw, u_raw, conditions, normalise)
    # Those of the raw fractions are independent, so what each adds to the variance of the result adds up.
    alone = [_variance(_evaluate(names, raw, one, conditions, normalise)[2]) for one in np.diag(u_raw)]
    of_tables = _variance(_evaluate(names, raw, np.zeros_like(u_raw), conditions, normalise)[2])
    variances = np.append(np.array(alone) - of_tables, of_tables)
    whole = _variance(found)
    shares = _shares(names, x, conditions, 100 * variances / whole if whole else variances)
    return Analysed(columns, x, u, found, conditions, normalise, shares)


def _evaluate(
    names: list[str], raw: Floats, u_raw: Floats, conditions: Conditions, normalise: bool
) -> tuple[Floats, Floats, EvaluatedGas]:
    x, u, correlation = normalised(raw, u_raw) if normalise else (raw, u_raw, None)
    return x, u, evaluate_gas(names, x, u, correlation, conditions)


def _variance(found: EvaluatedGas) -> float:
    return float(found.u.volume_gross_mj_m3) ** 2


def _shares(names: list[str], x: Floats, conditions: Conditions, of_variance: Floats) -> list[Share]:
    """What each component, and last the data of the standard, has of the superior calorific value and of its u^2."""
    heat = x * table(names, conditions.combustion_c, conditions.metering_c).gross_kj_mol
    of_heat = 100 * heat / heat.sum() if heat.sum() else heat
    known = [find(name).chinese for name in names]
    figures = zip(known, 100 * x, of_heat, of_variance[:-1], strict=True)
    shares = [Share(label, float(mole), float(value), float(size)) for label, mole, value, size in figures]
    return [*shares, Share(OF_TABLES, None, None, float(of_variance[-1]))]


def _conditions(analysed: Analysed) -> str:
    conditions = analysed.conditions
    return f"燃烧 {conditions.combustion_c:g} °C，计量 {conditions.metering_c:g} °C、{conditions.pressure_kpa:g} kPa"


def _as_json(analysed: Analysed) -> dict[str, object]:
    values, sizes = asdict(analysed.found.value), asdict(analysed.found.u)
    return {
        "combustion_c": analysed.conditions.combustion_c,
        "metering_c": analysed.conditions.metering_c,
        "properties": {name: {"value": float(values[name]), "u": float(sizes[name])} for name in LABELS},
        "shares_of_volume_gross": [
            {"label": s.label, "value_percent": s.value_percent, "variance_percent": s.variance_percent}
            for s in analysed.shares
        ],
    }


def _rows(found: EvaluatedGas) -> Iterator[tuple[str, ...]]:
    values, sizes = asdict(found.value), asdict(found.u)
    for name, (label, unit) in LABELS.items():
        size = float(sizes[name])
        # As many decimals as show two digits of u.
        decimals = max(0, 1 - int(np.floor(np.log10(size)))) if size else 6
        yield label, f"{values[name]:.{decimals}f}", f"{size:.{decimals}f}", f"{2 * size:.{decimals}f}", unit


def _report(path: Path, analysed: Analysed, drawn: Any) -> Report:
    _, value, _, expanded, unit = next(_rows(analysed.found))
    treated = "先归一化，计入由此产生的相关" if analysed.normalised else "不归一化，各组分的不确定度视为互不相关"
    return Report(
        title="天然气发热量计算报告",
        computed="由天然气的摩尔组成及其标准不确定度，计算发热量、沃泊指数、密度、压缩因子及其不确定度。",
        file=path,
        conditions=[("参比条件", _conditions(analysed)), ("组成", treated)],
        basis=["GB/T 11062-2020", "ISO 6976:2016 第 5 至 11 章、附录 A、附录 B"],
        inputs=[_composition(analysed)],
        results=[Table("天然气的性质", HEADINGS, list(_rows(analysed.found)), left=(0,)), _share_table(analysed)],
        statement=[
            f"体积高位发热量 {value} {unit}，扩展不确定度 U = {expanded} {unit}（k = 2）",
            f"参比条件：{_conditions(analysed)}",
        ],
        figure=drawn,
        caption="各组分在体积高位发热量及其方差中所占的比例",
    )


def _composition(analysed: Analysed) -> Table:
    columns = analysed.columns
    written = list(zip(columns["component"], columns["fraction"], columns["u"], strict=True))
    if not analysed.normalised:
        return Table("摩尔组成", ("组分", "摩尔分数", "标准不确定度 u"), written)
    rows = [(*row, f"{x:.6f}", f"{u:.2g}") for row, x, u in zip(written, analysed.x, analysed.u, strict=True)]
    return Table("摩尔组成", ("组分", "原始摩尔分数", "u", "归一化后", "u"), rows)


def _share_table(analysed: Analysed) -> Table:
    rows = [
        (s.label, "—" if s.value_percent is None else f"{s.value_percent:.2f} %", f"{s.variance_percent:.2f} %")
        for s in analysed.shares
    ]
    return Table("体积高位发热量的来源", ("组分", "占发热量", "占其方差（u²）"), rows)
