"""A declared formula as people write it, read off the formula itself: it is run once on names instead of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yuejingzhun.procedures.procedure import Number, Procedure, Test
from yuejingzhun.procedures.record import Parameters

_SUM, _PRODUCT, _ATOM = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Written:
    """A part of a formula; `binding` says how tightly it holds together, for the brackets."""

    text: str
    binding: int = _ATOM

    def __add__(self, other: Any) -> "Written":
        return _joined(self, "+", _written(other), _SUM)

    def __radd__(self, other: Any) -> "Written":
        return _joined(_written(other), "+", self, _SUM)

    def __sub__(self, other: Any) -> "Written":
        return _joined(self, "−", _written(other), _SUM)

    def __rsub__(self, other: Any) -> "Written":
        return _joined(_written(other), "−", self, _SUM)

    def __mul__(self, other: Any) -> "Written":
        return _joined(self, "×", _written(other), _PRODUCT)

    def __rmul__(self, other: Any) -> "Written":
        return _joined(_written(other), "×", self, _PRODUCT)

    def __truediv__(self, other: Any) -> "Written":
        return _joined(self, "÷", _written(other), _PRODUCT)

    def __rtruediv__(self, other: Any) -> "Written":
        return _joined(_written(other), "÷", self, _PRODUCT)


class _Names(Mapping[str, Any]):
    """Labels for readings and numeric parameters; what is chosen from a list stays as it is."""

    def __init__(self, labels: Mapping[str, str], chosen: Mapping[str, Any]) -> None:
        self._labels, self._chosen = labels, chosen

    def __getitem__(self, key: str) -> Any:
        if key in self._chosen:
            return self._chosen[key]
        return Written(self._labels.get(key, "检定点的值"))

    def __iter__(self) -> Any:
        return iter({**self._labels, **self._chosen})

    def __len__(self) -> int:
        return len({**self._labels, **self._chosen})


def formula_text(procedure: Procedure, test: Test, parameters: Parameters) -> str:
    """The error of a test in the labels of its readings, for these parameters, with its unit."""
    numbers = {field.key: field.label for field in procedure.parameters if isinstance(field, Number)}
    labels = {column.number.key: column.number.label for column in test.columns}
    chosen = {key: value for key, value in parameters.items() if key not in numbers}
    text = _written(test.error(_Names(labels, {}), _Names(numbers, chosen))).text
    return f"误差 = {text}" + (f"（{test.unit}）" if test.unit else "")


def _written(value: Any) -> Written:
    if isinstance(value, Written):
        return value
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    return Written(f"{number.normalize():f}")


def _joined(left: Written, sign: str, right: Written, binding: int) -> Written:
    first = f"（{left.text}）" if left.binding < binding else left.text
    # Subtraction and division don't associate: what stands on their right keeps its brackets.
    tight = right.binding > binding or (right.binding == binding and sign in "+×")
    second = right.text if tight else f"（{right.text}）"
    return Written(f"{first} {sign} {second}", binding)
