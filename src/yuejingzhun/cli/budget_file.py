"""The file of `yjz budget`: a measurement model and its inputs, as a metrologist writes them in toml."""

import ast
import sys
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from yuejingzhun.cli.formula import parse_formula, value_of
from yuejingzhun.cli.terminal import UnusableError, read_file
from yuejingzhun.metrology.arguments import ArgumentError, probability
from yuejingzhun.metrology.uncertainty.bounded import ArcSine, Rectangular, Triangular
from yuejingzhun.metrology.uncertainty.budget import Correlations, given, type_a, type_b
from yuejingzhun.metrology.uncertainty.distribution import Normal
from yuejingzhun.metrology.uncertainty.dual import Input, Uncertain

SHAPES: dict[str, Any] = {"normal": Normal, "rectangular": Rectangular, "triangular": Triangular, "arcsine": ArcSine}
TOP = {"quantity", "unit", "model", "probability", "input", "correlation"}
# How an input may be stated, and what may stand beside it.
FORMS = {"u": {"value", "dof"}, "half_width": {"value", "dof", "distribution"}, "readings": set()}
OF_INPUT = {"name", "value", "u", "half_width", "distribution", "readings", "dof"}


@dataclass(frozen=True, eq=False, slots=True)
class StatedInput:
    """One input: for the first order, and as the file states it; `shape` is that over +-half width, or None."""

    number: Uncertain
    key: Input
    form: str  # one of FORMS
    half_width: float = 0.0
    shape: Any = None
    readings: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False, slots=True)
class BudgetFile:
    """The content of a file that was read without a problem."""

    quantity: str
    unit: str
    probability: float
    formula: str
    tree: ast.expr
    inputs: tuple[StatedInput, ...]
    correlations: Correlations

    def model(self, *values: Any) -> Any:
        """The formula at these values of the inputs, which may be uncertain numbers or arrays."""
        return value_of(self.tree, dict(zip((x.key.name for x in self.inputs), values, strict=True)))


def read_budget(path: Path) -> BudgetFile:
    """The file; raises UnusableError for what is no toml, ArgumentError or FormulaError for what it says."""
    try:
        content = tomllib.loads(read_file(path).decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UnusableError(f"{path} 不是可读的 toml：{error}") from error
    _known(content, TOP, "文件")
    inputs: dict[str, StatedInput] = {}
    for number, entry in enumerate(_entries(content), 1):
        name = unicodedata.normalize("NFKC", str(entry.get("name", "")))
        if not name.isidentifier() or name in inputs:
            raise ArgumentError(f"第 {number} 个 input", f"name 应为字母或汉字开头、各不相同的名称，为 {name!r}")
        try:
            inputs[name] = _input(name, entry)
        except ArgumentError as error:
            raise ArgumentError(f"input {name} 的 {error.argument}", error.reason) from error
    formula = str(content.get("model", ""))
    return BudgetFile(
        str(content.get("quantity", "y")),
        str(content.get("unit", "")),
        probability("probability", _number(content, "probability", 0.95)),
        formula,
        parse_formula(formula, list(inputs)),
        tuple(inputs.values()),
        _correlations(content.get("correlation", []), inputs),
    )


def _entries(content: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    entries = content.get("input")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise ArgumentError("input", "应至少有一个 [[input]]")
    return entries


def _input(name: str, entry: Mapping[str, Any]) -> StatedInput:
    _known(entry, OF_INPUT, "输入量")
    forms = [form for form in FORMS if form in entry]
    if len(forms) != 1:
        raise ArgumentError("u", "u、half_width、readings 应恰有其一")
    form = forms[0]
    if strange := sorted(set(entry) - FORMS[form] - {"name", form}):
        raise ArgumentError(strange[0], f"不与 {form} 同用")
    if form == "readings":
        readings = _readings(entry["readings"])
        return _stated(type_a(name, readings), form, readings=readings)
    value, size, dof = _number(entry, "value"), _number(entry, form), _dof(entry)
    if size < 0:
        raise ArgumentError(form, f"不应为负，为 {size:g}")
    if form == "u":
        return _stated(given(name, value, size, dof), form)
    shape = str(entry.get("distribution", "rectangular"))
    if shape not in SHAPES:
        raise ArgumentError("distribution", f"应为 {'、'.join(SHAPES)} 之一，为 {shape!r}")
    return _stated(type_b(name, value, size, SHAPES[shape], dof), form, half_width=size, shape=SHAPES[shape])


def _stated(number: Uncertain, form: str, **more: Any) -> StatedInput:
    return StatedInput(number, next(iter(number.derivatives)), form, **more)


def _readings(readings: Any) -> tuple[float, ...]:
    if not isinstance(readings, list):
        raise ArgumentError("readings", "应为一列数")
    numbers = tuple(_number({"readings": reading}, "readings") for reading in readings)
    if len(numbers) < 2:
        raise ArgumentError("readings", f"至少需要 2 个读数，只有 {len(numbers)}")
    return numbers


def _correlations(entries: Any, inputs: Mapping[str, StatedInput]) -> Correlations:
    pairs: dict[frozenset[Input], float] = {}
    if not isinstance(entries, list):
        raise ArgumentError("correlation", "应写成 [[correlation]]，各有 between 与 r")
    for entry in entries:
        between = entry.get("between") if isinstance(entry, dict) else None
        if not isinstance(between, list) or len(between) != 2 or not all(isinstance(name, str) for name in between):
            raise ArgumentError("correlation", f"between 应为两个输入量的名称，为 {between!r}")
        _known(entry, {"between", "r"}, "correlation ")
        names = [unicodedata.normalize("NFKC", name) for name in between]
        if any(name not in inputs for name in names):
            raise ArgumentError("correlation", f"between 应为两个输入量的名称，为 {between!r}")
        pair, r = frozenset(inputs[name].key for name in names), _number(entry, "r")
        if len(pair) < 2 or pair in pairs or not -1 <= r <= 1:
            raise ArgumentError(
                "correlation", f"应为两个不同的输入量、每对一次、r 在 -1 与 1 之间，为 {between!r}，{r:g}"
            )
        pairs[pair] = r
    return pairs


def _dof(entry: Mapping[str, Any]) -> float:
    if entry.get("dof") == np.inf:
        return np.inf
    dof = _number(entry, "dof", np.inf)
    if dof <= 0:
        raise ArgumentError("dof", f"应大于零，为 {dof:g}")
    return dof


def _number(entry: Mapping[str, Any], field: str, default: float | None = None) -> float:
    value = entry.get(field)
    if value is None and default is not None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ArgumentError(field, "缺少" if value is None else f"应为数，为 {value!r}")
    if abs(value) > sys.float_info.max or value != value:  # an integer of toml has no limit
        raise ArgumentError(field, f"应为有限的数，为 {str(value)[:40]}")
    return float(value)


def _known(entry: Mapping[str, Any], fields: set[str], what: str) -> None:
    if strange := sorted(set(entry) - fields):
        raise ArgumentError(strange[0], f"不认识的项，{what}可有 {'、'.join(sorted(fields))}")
