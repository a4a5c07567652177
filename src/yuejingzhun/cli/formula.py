"""A measurement model written as a formula: only arithmetic and named functions, so that a file can't run programs."""

import ast
import math
from collections.abc import Callable, Mapping
from typing import Any

from yuejingzhun.metrology.uncertainty import dual

FUNCTIONS: dict[str, Callable[..., Any]] = {
    name: getattr(dual, name)
    for name in ("sqrt", "exp", "log", "log10", "sin", "cos", "tan", "arcsin", "arccos", "arctan", "arctan2")
} | {"abs": dual.absolute}
CONSTANTS = {"pi": math.pi, "e": math.e}
OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
    ast.USub: lambda a: -a,
    ast.UAdd: lambda a: a,
}
LONGEST = 2000


class FormulaError(ValueError):
    """What is no formula; the message says in Chinese what was found."""


def parse_formula(text: str, inputs: list[str]) -> ast.expr:
    """The formula over these inputs; raises FormulaError. `^` is a power too."""
    if len(text) > LONGEST:
        raise FormulaError(f"公式过长，应不超过 {LONGEST} 个字符")
    try:
        tree = ast.parse(text.replace("^", "**").strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(f"“{text[:60]}”不是公式，应如 V / I * cos(phi)") from error
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for node in ast.walk(tree):
        _check(node, inputs)
    if unused := [name for name in inputs if name not in used]:
        raise FormulaError(f"公式没有用到输入量 {'、'.join(unused)}")
    return tree


def value_of(tree: ast.expr, values: Mapping[str, Any]) -> Any:
    """The formula at these values, which may be uncertain numbers or arrays."""
    if isinstance(tree, ast.Constant):
        return float(tree.value)  # type: ignore[arg-type]
    if isinstance(tree, ast.Name):
        return values[tree.id] if tree.id in values else CONSTANTS[tree.id]
    if isinstance(tree, ast.BinOp):
        return OPERATORS[type(tree.op)](value_of(tree.left, values), value_of(tree.right, values))
    if isinstance(tree, ast.UnaryOp):
        return OPERATORS[type(tree.op)](value_of(tree.operand, values))
    assert isinstance(tree, ast.Call)  # noqa: S101 - `parse_formula` lets nothing else through
    assert isinstance(tree.func, ast.Name)  # noqa: S101
    return FUNCTIONS[tree.func.id](*(value_of(argument, values) for argument in tree.args))


def _check(node: ast.AST, inputs: list[str]) -> None:
    if isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in FUNCTIONS or node.keywords:
            raise FormulaError(f"只能用函数 {'、'.join(FUNCTIONS)}")
        wanted = 2 if node.func.id == "arctan2" else 1
        if len(node.args) != wanted:
            raise FormulaError(f"函数 {node.func.id} 应有 {wanted} 个参数，为 {len(node.args)} 个")
    elif isinstance(node, ast.Name):
        if node.id not in inputs and node.id not in FUNCTIONS and node.id not in CONSTANTS:
            raise FormulaError(f"公式中的 {node.id} 不是输入量（有 {'、'.join(inputs)}）")
    elif isinstance(node, ast.Constant):
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise FormulaError(f"公式中的 {node.value!r} 不是数")
    elif not isinstance(node, (ast.BinOp, ast.UnaryOp, ast.Load, *OPERATORS)):
        raise FormulaError("公式只能有 + - * / ^、括号、函数、数与输入量")
