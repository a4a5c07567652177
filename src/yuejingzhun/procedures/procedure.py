"""The vocabulary in which a verification regulation is declared.

Form, workbook template, certificate and help page are all generated from these declarations, so every field
carries its Chinese label, its unit and the range that is physically possible.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from yuejingzhun.metrology.uncertainty.bounded import Rectangular
from yuejingzhun.metrology.uncertainty.distribution import Shape
from yuejingzhun.procedures.record import Parameters, Row, VerificationKind

# A formula uses + - * / only: the engine evaluates it once in Decimal for the exact error, and once on numbers
# that carry derivatives for the uncertainty. Its arguments are readings with point values, and parameters.
Formula: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, Any]], Any]
ALL_KINDS = frozenset(VerificationKind)


@dataclass(frozen=True, slots=True)
class Number:
    """A number to be entered: `low` and `high` are what is physically possible, not what is allowed."""

    key: str
    label: str
    unit: str
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values, each the text that is written on the instrument."""

    key: str
    label: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """An environmental condition; `allowed` gives the limits that the regulation sets for these parameters."""

    number: Number
    allowed: Callable[[Parameters], tuple[Decimal, Decimal]]


@dataclass(frozen=True, slots=True)
class Point:
    """A measured point: its values (such as a current in A) are known before anything is read."""

    key: str
    label: str
    values: Mapping[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Column:
    """A reading taken at each repeat; `nominal` is about what will be read, `step` the last digit written.

    `allowed` are the limits within which the regulation wants the reading to be kept (a flow rate, say).
    """

    number: Number
    nominal: Callable[[Parameters, Point], Decimal]
    step: Callable[[Parameters], Decimal]
    allowed: Callable[[Parameters, Point], tuple[Decimal, Decimal]] | None = None


@dataclass(frozen=True, slots=True)
class Contribution:
    """A type B contribution: `column` is known to +-half_width(parameters, point), in that column's unit."""

    label: str
    column: str
    half_width: Callable[[Parameters, Point], Decimal]
    distribution: type[Shape] = Rectangular


@dataclass(frozen=True, slots=True)
class PointResult:
    """What came out at one point; errors, MPE and U in the unit of the test."""

    test: str
    point: Point
    readings: tuple[Row, ...]
    errors: tuple[Decimal, ...]  # one a repeat, unrounded
    error: Decimal  # their mean, unrounded
    rounded: Decimal  # what is compared with the MPE
    mpe: Decimal
    expanded_uncertainty: Decimal
    coverage_factor: Decimal
    unit: str
    passed: bool


@dataclass(frozen=True, slots=True)
class RequirementResult:
    """What came of a requirement other than the error at a point."""

    label: str
    found: str
    limit: str
    passed: bool


@dataclass(frozen=True, slots=True)
class Test:
    """A test: where it is measured, what is read, how an error follows and which limit it must keep."""

    key: str
    title: str
    clause: str
    points: Callable[[Parameters, VerificationKind], tuple[Point, ...]]
    columns: tuple[Column, ...]
    repeats: int
    error: Formula
    unit: str
    mpe: Callable[[Parameters, Point, VerificationKind], Decimal]
    interval: Callable[[Parameters, Point], Decimal]
    varied: tuple[str, ...]  # the columns that follow the instrument under test
    contributions: tuple[Contribution, ...] = ()
    criteria: tuple["Criterion", ...] = ()
    zero: str | None = None  # an earlier test of one point, whose error is subtracted from each of these
    # The reference standard's U (in the unit of the requirement) as it enters this error; None: not at all.
    from_standard: Callable[[Decimal, Parameters, Point], Decimal] | None = lambda u, _parameters, _point: u


Criterion: TypeAlias = Callable[[Parameters, VerificationKind, tuple[PointResult, ...]], tuple[RequirementResult, ...]]


@dataclass(frozen=True, slots=True)
class Check:
    """A requirement answered by yes or no, or (with `limit`) by a number whose size may not exceed it."""

    key: str
    label: str
    clause: str
    kinds: frozenset[VerificationKind] = ALL_KINDS
    number: Number | None = None
    limit: Callable[[Parameters, VerificationKind], Decimal] | None = None


@dataclass(frozen=True, slots=True)
class Validity:
    """How long a pass holds, in months, and what the certificate says beside the date."""

    months: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Procedure:
    """One verification regulation. `unsure` names what is still to be checked against the text, figure by figure."""

    code: str
    title: str
    instrument: str
    quantity: str
    scope: str
    parameters: tuple[Number | Choice, ...]
    environment: tuple[Condition, ...]
    standard_label: str
    standard_unit: str
    tests: tuple[Test, ...]
    checks: tuple[Check, ...]
    validity: Callable[[Parameters], Validity]
    sample_parameters: Mapping[str, str]  # a common instrument: the example of form, template and demonstration
    unsure: tuple[str, ...] = ()

    def find(self, test: str) -> Test:
        """The test of that key; raises KeyError for one that the regulation doesn't have."""
        return {candidate.key: candidate for candidate in self.tests}[test]


def number(parameters: Parameters, key: str) -> Decimal:
    """A numeric parameter; raises TypeError where the declaration made it a choice."""
    value = parameters[key]
    if not isinstance(value, Decimal):
        raise TypeError(f"parameter {key} is a choice, not a number")
    return value
