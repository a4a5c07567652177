"""`yjz gas`: calorific value, Wobbe index and density of a natural gas from its composition."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
import numpy as np

from yuejingzhun.cli.csv_columns import read_columns, unusable
from yuejingzhun.cli.terminal import json_option, print_json, print_table
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.gas_energy.calorific_value import Conditions
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
IN_THE_FILE = {"names": "component", "fractions": "fraction", "u_fractions": "u", "fractions、u": "fraction"}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--combustion", default=20.0, show_default=True, help="燃烧参比温度（°C）")
@click.option("--metering", default=20.0, show_default=True, help="计量参比温度（°C）")
@click.option("--normalise", is_flag=True, help="先把组成归一化（之和不是 1 的原始组成）")
@json_option
def gas(file: Path, combustion: float, metering: float, normalise: bool, as_json: bool) -> None:
    """由 FILE（csv：component,fraction,u，摩尔分数及其标准不确定度）按 GB/T 11062（ISO 6976:2016）计算天然气的性质。

    组分可写中文名、英文名或分子式；不归一化时各组分的不确定度视为互不相关。
    """
    columns = read_columns(file, ["component"], ["fraction", "u"])
    x, u = (np.array(columns[name], dtype=np.float64) for name in ("fraction", "u"))
    try:
        correlation = None
        if normalise:
            x, u, correlation = normalised(x, u)
        conditions = Conditions(combustion, metering)
        found = evaluate_gas(columns["component"], x, u, correlation, conditions)
    except ArgumentError as error:
        raise unusable(file, error, IN_THE_FILE) from error
    if as_json:
        values, sizes = asdict(found.value), asdict(found.u)
        properties = {name: {"value": float(values[name]), "u": float(sizes[name])} for name in LABELS}
        print_json({"combustion_c": combustion, "metering_c": metering, "properties": properties})
        return
    click.echo(f"参比条件：燃烧 {combustion:g} °C，计量 {metering:g} °C、101.325 kPa")
    print_table(("性质", "数值", "标准不确定度", "扩展不确定度（k=2）", "单位"), _rows(found))


def _rows(found: EvaluatedGas) -> Iterator[tuple[str, ...]]:
    values, sizes = asdict(found.value), asdict(found.u)
    for name, (label, unit) in LABELS.items():
        size = float(sizes[name])
        # As many decimals as show two digits of u.
        decimals = max(0, 1 - int(np.floor(np.log10(size)))) if size else 6
        yield label, f"{values[name]:.{decimals}f}", f"{size:.{decimals}f}", f"{2 * size:.{decimals}f}", unit
