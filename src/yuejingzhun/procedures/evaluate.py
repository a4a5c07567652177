"""The engine: from a raw record, by the declaration of its regulation, to errors, verdicts and a conclusion."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

from yuejingzhun.metrology.conformity import Verdict, accept_simply, is_capable
from yuejingzhun.metrology.rounding import round_to_interval, round_uncertainty
from yuejingzhun.metrology.uncertainty.budget import budget, given, type_b
from yuejingzhun.metrology.uncertainty.dual import Uncertain
from yuejingzhun.procedures.evaluation import Evaluation
from yuejingzhun.procedures.procedure import (
    Check,
    Point,
    PointResult,
    Procedure,
    RequirementResult,
    Test,
)
from yuejingzhun.procedures.record import Parameters, Problem, Record, RecordError, ReferenceStandard, Row
from yuejingzhun.procedures.scrutiny import scrutinise

COVERAGE_PROBABILITY = 0.95


def evaluate(procedure: Procedure, record: Record, standard: ReferenceStandard) -> Evaluation:
    """Every point's error, uncertainty and verdict, and the conclusion; raises RecordError with all problems."""
    scrutinise(procedure, record, standard)
    tested: list[tuple[Test, tuple[PointResult, ...]]] = []
    for test in procedure.tests:
        (zero,) = next((results for earlier, results in tested if earlier.key == test.zero), (None,))
        tested.append((test, _evaluate_test(test, record, standard, zero)))
    _require_capability(tested, record, standard)
    points = tuple(result for _, results in tested for result in results)
    requirements = (
        *(_evaluate_check(check, record) for check in procedure.checks if check.key in record.checks),
        *(
            requirement
            for test, results in tested
            for criterion in test.criteria
            for requirement in criterion(record.parameters, record.kind, results)
        ),
    )
    reasons = (*_failed_points(procedure, points), *_failed_requirements(requirements))
    validity = procedure.validity(record.parameters)
    return Evaluation(
        regulation=procedure.code,
        kind=record.kind,
        accuracy_class=str(record.parameters.get("accuracy_class", "")),
        points=points,
        requirements=requirements,
        passed=not reasons,
        reasons=reasons,
        tested_on=record.tested_on,
        valid_until=None if reasons else last_valid_day(record.tested_on, validity.months),
        validity_note=validity.note,
    )


def last_valid_day(tested_on: date, months: int) -> date:
    """The day before the same day `months` later; a day that month lacks counts as its last."""
    total = tested_on.month - 1 + months
    year, month = tested_on.year + total // 12, total % 12 + 1
    day = min(tested_on.day, monthrange(year, month)[1])
    return date(year, month, day) - timedelta(days=1)


def _evaluate_test(
    test: Test, record: Record, standard: ReferenceStandard, zero: PointResult | None
) -> tuple[PointResult, ...]:
    points = test.points(record.parameters, record.kind)
    rows = [record.readings[test.key, point.key] for point in points]
    offset = zero.error if zero else Decimal(0)
    errors = [
        tuple(test.error({**point.values, **row}, record.parameters) - offset for row in repeats)
        for point, repeats in zip(points, rows, strict=True)
    ]
    sizes, factors = _uncertainties(test, record.parameters, points, rows, errors, standard, zero)
    return tuple(
        _judge(test, record, point, repeats, found, size, factor)
        for point, repeats, found, size, factor in zip(points, rows, errors, sizes, factors, strict=True)
    )


def _judge(
    test: Test,
    record: Record,
    point: Point,
    rows: tuple[Row, ...],
    errors: tuple[Decimal, ...],
    expanded: float,
    factor: float,
) -> PointResult:
    mean = sum(errors, Decimal(0)) / len(errors)
    mpe = test.mpe(record.parameters, point, record.kind)
    rounded = round_to_interval(mean, test.interval(record.parameters, point))
    return PointResult(
        test=test.key,
        point=point,
        readings=rows,
        errors=errors,
        error=mean,
        rounded=rounded,
        mpe=mpe,
        expanded_uncertainty=round_uncertainty(Decimal(repr(expanded))),
        coverage_factor=round_to_interval(Decimal(repr(factor)), Decimal("0.01")),
        unit=test.unit,
        passed=accept_simply(rounded, mpe) is Verdict.CONFORMS,
    )


def _uncertainties(
    test: Test,
    parameters: Parameters,
    points: tuple[Point, ...],
    rows: list[tuple[Row, ...]],
    errors: list[tuple[Decimal, ...]],
    standard: ReferenceStandard,
    zero: PointResult | None,
) -> tuple[list[float], list[float]]:
    """U and k of the mean error at each point, all points of the test at once."""
    inputs: dict[str, Any] = {key: _constant(point.values[key] for point in points) for key in points[0].values}
    for column in test.columns:
        key = column.number.key
        inputs[key] = _constant(sum((row[key] for row in repeats), Decimal(0)) / len(repeats) for repeats in rows)
    for part in test.contributions:
        widths = _floats(part.half_width(parameters, point) for point in points)
        inputs[part.column] = inputs[part.column] + type_b(part.label, 0.0, widths, part.distribution)
    result: Uncertain = test.error(inputs, parameters)
    if test.from_standard:
        shares = _floats(test.from_standard(standard.expanded_uncertainty, parameters, point) for point in points)
        result = result + given("计量标准", 0.0, shares / float(standard.coverage_factor))
    if zero:
        result = result + given("零点误差", 0.0, zero.expanded_uncertainty / zero.coverage_factor)
    if test.repeats > 1:
        repeats = np.array([_floats(found) for found in errors])
        scatter = repeats.std(axis=1, ddof=1) / np.sqrt(test.repeats)
        result = result + given("测量重复性", 0.0, scatter, test.repeats - 1)
    found = budget(result)
    u = np.broadcast_to(np.asarray(found.u, dtype=np.float64), (len(points),))
    k = np.broadcast_to(found.coverage_factor(COVERAGE_PROBABILITY), (len(points),))
    return (u * k).tolist(), k.tolist()


def _floats(numbers: Iterator[Decimal] | tuple[Decimal, ...]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([float(value) for value in numbers])


def _constant(numbers: Iterator[Decimal]) -> Uncertain:
    return Uncertain(_floats(numbers), {})


def _require_capability(
    tested: list[tuple[Test, tuple[PointResult, ...]]], record: Record, standard: ReferenceStandard
) -> None:
    for test, results in tested:
        for result in results:
            if test.from_standard is None:
                continue
            share = test.from_standard(standard.expanded_uncertainty, record.parameters, result.point)
            if not is_capable(share, result.mpe):
                message = (
                    f"计量标准 {standard.number}：在 {test.title} {result.point.label} 处 U = {share.normalize():f} "
                    f"{test.unit}，应不超过最大允许误差 {result.mpe} {test.unit} 的三分之一"
                )
                raise RecordError((Problem(("standard", "expanded_uncertainty"), message),))


def _evaluate_check(check: Check, record: Record) -> RequirementResult:
    value = record.checks[check.key]
    if check.number is None or check.limit is None or isinstance(value, bool):
        return RequirementResult(check.label, "合格" if value else "不合格", "合格", bool(value))
    limit, unit = check.limit(record.parameters, record.kind), check.number.unit
    passed = accept_simply(value, limit) is Verdict.CONFORMS
    return RequirementResult(check.label, f"{value} {unit}", f"不超过 ±{limit} {unit}", passed)


def _failed_points(procedure: Procedure, points: tuple[PointResult, ...]) -> Iterator[str]:
    titles: Mapping[str, str] = {test.key: test.title for test in procedure.tests}
    for result in points:
        if not result.passed:
            yield (
                f"{titles[result.test]} {result.point.label}：示值误差 {result.rounded} {result.unit}，"
                f"超过最大允许误差 ±{result.mpe} {result.unit}"
            )


def _failed_requirements(requirements: tuple[RequirementResult, ...]) -> Iterator[str]:
    for result in requirements:
        if not result.passed:
            yield f"{result.label}：{result.found}，要求{result.limit}"
