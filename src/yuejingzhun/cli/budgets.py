"""`yjz budget`: an uncertainty budget from a file that a metrologist can write."""

import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
import numpy as np

from yuejingzhun.cli.formula import FormulaError, parse_formula, value_of
from yuejingzhun.cli.terminal import UnusableError, json_option, print_json, print_table, read_file, write_file
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.budget import Correlations, Distribution, given, type_a, type_b
from yuejingzhun.metrology.uncertainty.budget_table import HEADINGS, BudgetTable, budget_table, cells, statement
from yuejingzhun.metrology.uncertainty.dual import Uncertain
from yuejingzhun.metrology.uncertainty.second_order import second_order

DISTRIBUTIONS = {
    "normal": Distribution.NORMAL,
    "rectangular": Distribution.RECTANGULAR,
    "triangular": Distribution.TRIANGULAR,
    "arcsine": Distribution.ARCSINE,
}
TOP = {"quantity", "unit", "model", "probability", "input", "correlation"}
OF_INPUT = {"name", "value", "u", "half_width", "distribution", "readings", "dof"}


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--second-order", "second", is_flag=True, help="另给出含二阶项的结果（JCGM 100 5.1.2 注）")
@click.option("--plot", type=click.Path(path_type=Path), help="把各分量画成图（.svg、.png 或 .pdf）")
@json_option
def budget(file: Path, second: bool, plot: Path | None, as_json: bool) -> None:
    """由 FILE（toml：model 与各 [[input]]）计算不确定度预算表。

    输入量有三种写法：value 与 u；value 与 half_width（distribution 为 rectangular、normal、triangular 或 arcsine）；
    readings。
    """
    try:
        content = tomllib.loads(read_file(file).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnusableError(f"{file} 不是可读的 toml：{error}") from error
    try:
        with np.errstate(invalid="raise", divide="raise", over="raise"):
            table, extra = _evaluate(content, second)
    except (ArgumentError, FormulaError) as error:
        raise UnusableError(f"{file}：{error}") from error
    except (ArithmeticError, ValueError) as error:
        raise UnusableError(f"{file}：公式在给定的值处不能计算（{error}）") from error
    if not (np.isfinite(table.value) and np.isfinite(table.u)):
        raise UnusableError(f"{file}：公式在给定的值处没有有限的结果")
    unit = str(content.get("unit", ""))
    if plot is not None:
        write_file(plot, _picture(plot, table, unit))
    if as_json:
        print_json(_as_json(table, unit) | extra)
        return
    print_table(HEADINGS, cells(table))
    click.echo(statement(table, unit))
    if extra:
        click.echo(f"含二阶项：数值 {extra['second_order_value']:.8g}，合成标准不确定度 {extra['second_order_u']:.6g}")


def _evaluate(content: Mapping[str, Any], second: bool) -> tuple[BudgetTable, dict[str, float]]:
    _known(content, TOP, "文件")
    entries = content.get("input")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise ArgumentError("input", "应至少有一个 [[input]]")
    inputs: dict[str, Uncertain] = {}
    for number, entry in enumerate(entries, 1):
        name = unicodedata.normalize("NFKC", str(entry.get("name", "")))
        if not name.isidentifier() or name in inputs:
            raise ArgumentError(f"第 {number} 个 input", f"name 应为字母或汉字开头、各不相同的名称，为 {name!r}")
        inputs[name] = _named(f"input {name}", lambda entry=entry, name=name: _input(name, entry))
    tree = parse_formula(str(content.get("model", "")), list(inputs))
    pairs = _correlations(content.get("correlation", []), inputs)
    result = value_of(tree, inputs)
    table = budget_table(
        str(content.get("quantity", "y")), result, pairs or None, _number(content, "probability", 0.95)
    )
    if not second:
        return table, {}
    if pairs:
        raise ArgumentError("correlation", "含二阶项的结果只适用于互不相关的输入量")
    keys = [next(iter(x.derivatives)) for x in inputs.values()]
    found = second_order(lambda *values: value_of(tree, dict(zip(inputs, values, strict=True))), keys)
    return table, {"second_order_value": float(found.value), "second_order_u": float(found.u)}


def _input(name: str, entry: Mapping[str, Any]) -> Uncertain:
    _known(entry, OF_INPUT, "输入量")
    forms = [form for form in ("u", "half_width", "readings") if form in entry]
    if len(forms) != 1:
        raise ArgumentError("u", "u、half_width、readings 应恰有其一")
    dof = _number(entry, "dof", np.inf)
    if forms[0] == "readings":
        readings = entry["readings"]
        if not isinstance(readings, list) or any(
            isinstance(r, bool) or not isinstance(r, int | float) for r in readings
        ):
            raise ArgumentError("readings", "应为一列数")
        return type_a(name, readings)
    value, size = _number(entry, "value"), _number(entry, forms[0])
    if size < 0:
        raise ArgumentError(forms[0], f"不应为负，为 {size:g}")
    if forms[0] == "u":
        return given(name, value, size, dof)
    distribution = str(entry.get("distribution", "rectangular"))
    if distribution not in DISTRIBUTIONS:
        raise ArgumentError("distribution", f"应为 {'、'.join(DISTRIBUTIONS)} 之一，为 {distribution!r}")
    return type_b(name, value, size, DISTRIBUTIONS[distribution], dof)


def _correlations(entries: Any, inputs: Mapping[str, Uncertain]) -> Correlations:
    pairs = {}
    if not isinstance(entries, list):
        raise ArgumentError("correlation", "应写成 [[correlation]]，各有 between 与 r")
    for entry in entries:
        between = entry.get("between") if isinstance(entry, dict) else None
        if not isinstance(between, list) or len(between) != 2 or any(name not in inputs for name in between):
            raise ArgumentError("correlation", f"between 应为两个输入量的名称，为 {between!r}")
        keys = [next(iter(inputs[name].derivatives)) for name in between]
        pairs[frozenset(keys)] = _number(entry, "r")
    return pairs


def _number(entry: Mapping[str, Any], field: str, default: float | None = None) -> float:
    value = entry.get(field, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or np.isnan(value):
        raise ArgumentError(field, "缺少" if value is None else f"应为数，为 {value!r}")
    return float(value)


def _known(entry: Mapping[str, Any], fields: set[str], what: str) -> None:
    if strange := sorted(set(entry) - fields):
        raise ArgumentError(strange[0], f"不认识的项，{what}可有 {'、'.join(sorted(fields))}")


def _named(where: str, make: Callable[[], Uncertain]) -> Uncertain:
    try:
        return make()
    except ArgumentError as error:
        raise ArgumentError(f"{where} 的 {error.argument}", error.reason) from error
    except ValueError as error:
        raise ArgumentError(where, f"不可用（{error}）") from error


def _as_json(table: BudgetTable, unit: str) -> dict[str, object]:
    finite = lambda number: None if np.isinf(number) else float(number)  # noqa: E731 - JSON has no infinity
    rows = [
        {
            "name": row.quantity,
            "estimate": row.estimate,
            "u": row.u,
            "evaluation": row.evaluation,
            "dof": finite(row.dof),
            "sensitivity": row.sensitivity,
            "contribution": row.contribution,
            "share_percent": row.share_percent,
        }
        for row in table.rows
    ]
    result = {"value": table.value, "u": table.u, "dof": finite(table.dof), "k": table.k, "U": table.expanded_u}
    return {
        "quantity": table.quantity,
        "unit": unit,
        "probability": table.coverage_probability,
        **result,
        "inputs": rows,
    }


def _picture(path: Path, table: BudgetTable, unit: str) -> bytes:
    from yuejingzhun.cli.picture import figure, picture

    rows = sorted(table.rows, key=lambda row: row.contribution)
    drawn, axes = figure(7.0, 1.4 + 0.35 * (len(rows) + 1))
    names = [*(row.quantity for row in rows), f"合成 u({table.quantity})"]
    axes.barh(names, [*(row.contribution for row in rows), table.u], color=["#6fa8dc"] * len(rows) + ["#0b5394"])
    axes.set_xlabel(f"不确定度分量 |c|·u{f'（{unit}）' if unit else ''}")
    return picture(drawn, path)
