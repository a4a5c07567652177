"""A regulation explained, from its declaration: what is measured where, how an error follows, what it must keep."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from yuejingzhun.procedures.formula_text import formula_text
from yuejingzhun.procedures.procedure import Choice, Number, Procedure, Test
from yuejingzhun.procedures.record import Parameters, VerificationKind
from yuejingzhun.procedures.sample import sample_parameters


@dataclass(frozen=True, slots=True)
class Limits:
    """The MPE at each point by class: `rows` are a point's label and one text for each of `classes`."""

    kinds: str
    classes: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class ExplainedTest:
    """One test of a regulation."""

    title: str
    clause: str
    formula: str
    readings: tuple[str, ...]
    repeats: int
    interval: str
    contributions: tuple[str, ...]
    limits: tuple[Limits, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A regulation in words and tables, for the common instrument that the declaration names as its sample."""

    procedure: Procedure
    sample: tuple[str, ...]
    classes: tuple[str, ...]
    environment: tuple[str, ...]
    tests: tuple[ExplainedTest, ...]
    checks: tuple[tuple[str, str, str], ...]
    months: int
    note: str


def explain(procedure: Procedure) -> Explanation:
    """The explanation, computed from the declared functions."""
    parameters = sample_parameters(procedure)
    validity = procedure.validity(parameters)
    return Explanation(
        procedure=procedure,
        sample=tuple(_parameter(field, parameters) for field in procedure.parameters),
        classes=_classes(procedure),
        environment=tuple(
            f"{condition.number.label} {low:f}～{high:f} {condition.number.unit}"
            for condition in procedure.environment
            for low, high in [condition.allowed(parameters)]
        ),
        tests=tuple(_test(procedure, test, parameters) for test in procedure.tests),
        checks=tuple((check.label, check.clause, _kinds(check.kinds)) for check in procedure.checks),
        months=validity.months,
        note=validity.note,
    )


def _test(procedure: Procedure, test: Test, parameters: Parameters) -> ExplainedTest:
    first = test.points(parameters, VerificationKind.SUBSEQUENT)[0]
    return ExplainedTest(
        title=test.title,
        clause=test.clause,
        formula=formula_text(procedure, test, parameters),
        readings=tuple(f"{column.number.label}（{column.number.unit}）".replace("（）", "") for column in test.columns),
        repeats=test.repeats,
        interval=f"{_plain(test.interval(parameters, first))} {test.unit}".strip(),
        contributions=tuple(f"{found.label}（{found.distribution.term}分布）" for found in test.contributions),
        limits=tuple(_limits(procedure, test, parameters)),
    )


def _limits(procedure: Procedure, test: Test, parameters: Parameters) -> Iterable[Limits]:
    """One table for all kinds of verification that have the same limits."""
    found: dict[tuple[tuple[str, tuple[str, ...]], ...], list[VerificationKind]] = {}
    for kind in VerificationKind:
        found.setdefault(_rows(procedure, test, parameters, kind), []).append(kind)
    for rows, kinds in found.items():
        yield Limits(_kinds(kinds), _classes(procedure), rows)


def _rows(
    procedure: Procedure, test: Test, parameters: Parameters, kind: VerificationKind
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    classes = _classes(procedure) or ("",)
    rows: dict[str, dict[str, str]] = {}
    for name in classes:
        chosen = {**parameters, "accuracy_class": name} if name else parameters
        for point in test.points(chosen, kind):
            rows.setdefault(point.label, {})[name] = f"±{_plain(test.mpe(chosen, point, kind))} {test.unit}".strip()
    return tuple((label, tuple(cells.get(name, "—") for name in classes)) for label, cells in rows.items())


def _classes(procedure: Procedure) -> tuple[str, ...]:
    return next(
        (
            field.options
            for field in procedure.parameters
            if isinstance(field, Choice) and field.key == "accuracy_class"
        ),
        (),
    )


def _parameter(field: Number | Choice, parameters: Parameters) -> str:
    value = parameters[field.key]
    text = _plain(value) if isinstance(value, Decimal) else value
    return f"{field.label} {text} {field.unit if isinstance(field, Number) else ''}".strip()


def _kinds(kinds: Iterable[VerificationKind]) -> str:
    chosen = set(kinds)
    return (
        "各类检定" if chosen == set(VerificationKind) else "、".join(k.value for k in VerificationKind if k in chosen)
    )


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
