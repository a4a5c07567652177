"""A plausible filled record of any regulation, made from its declaration alone: for forms, demonstration and tests."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import numpy as np

from yuejingzhun.metrology.rounding import round_to_interval
from yuejingzhun.procedures.procedure import Choice, Point, Procedure, Test
from yuejingzhun.procedures.record import Item, Parameters, Record, ReferenceStandard, Row, VerificationKind

PASSING, FAILING = 0.3, 1.6  # share of the MPE around which a sample's errors lie


def sample_record(
    procedure: Procedure, *, passing: bool, generator: np.random.Generator, tested_on: date
) -> tuple[Record, ReferenceStandard]:
    """A record that passes, or one whose last point of the first test fails, and a standard that is capable."""
    kind = VerificationKind.SUBSEQUENT
    parameters = sample_parameters(procedure)
    readings = {}
    for position, test in enumerate(procedure.tests):
        points = test.points(parameters, kind)
        for point in points:
            fails = not passing and position == 0 and point is points[-1]
            share = FAILING if fails else PASSING * generator.uniform(-1, 1)
            target = test.mpe(parameters, point, kind) * Decimal(repr(round(share, 6)))
            rows = (_row(test, parameters, point, target, generator) for _ in range(test.repeats))
            readings[test.key, point.key] = tuple(rows)
    record = Record(
        regulation=procedure.code,
        kind=kind,
        item=Item(procedure.instrument, "DEMO-1", f"YJZ{generator.integers(10**7):07d}", "演示制造厂"),
        parameters=parameters,
        environment={c.number.key: _middle(*c.allowed(parameters)) for c in procedure.environment},
        readings=readings,
        checks={c.key: True if c.number is None else Decimal(0) for c in procedure.checks if kind in c.kinds},
        tested_on=tested_on,
    )
    return record, sample_standard(procedure, parameters, tested_on)


def sample_parameters(procedure: Procedure) -> Parameters:
    """The parameters of the common instrument that the declaration names as its example."""
    given = procedure.sample_parameters
    return {f.key: given[f.key] if isinstance(f, Choice) else Decimal(given[f.key]) for f in procedure.parameters}


def sample_standard(procedure: Procedure, parameters: Parameters, tested_on: date) -> ReferenceStandard:
    """A standard whose U is a fifth of the smallest MPE it is compared with, to one significant digit below."""
    kind = VerificationKind.INITIAL
    shares = [
        test.mpe(parameters, point, kind) / share
        for test in procedure.tests
        if test.from_standard
        for point in test.points(parameters, kind)
        if (share := test.from_standard(Decimal(1), parameters, point))
    ]
    u = min(shares) / 5
    u = u.quantize(Decimal(1).scaleb(u.adjusted() - 1), rounding="ROUND_DOWN")
    number, until = "[2024]粤量标演示证字第001号", date(tested_on.year + 2, 1, 31)
    return ReferenceStandard(procedure.standard_label, number, "DEMO-2024-0001", until, u)


def _row(
    test: Test, parameters: Parameters, point: Point, target: Decimal, generator: np.random.Generator
) -> Mapping[str, Decimal]:
    row: dict[str, Decimal] = {}
    for column in test.columns:
        nominal = column.nominal(parameters, point)
        row[column.number.key] = round_to_interval(nominal, column.step(parameters))
    reading = _solve(test, parameters, point, row, target)
    step = next(column.step(parameters) for column in test.columns if column.number.key == test.varied[0])
    if test.repeats > 1:
        reading += int(generator.integers(-1, 2)) * step
    return row | dict.fromkeys(test.varied, round_to_interval(reading, step))


def _solve(test: Test, parameters: Parameters, point: Point, row: Row, target: Decimal) -> Decimal:
    """The varied reading at which the error is the target; every declared error is linear in that reading."""

    def error(reading: Decimal) -> Decimal:
        varied = dict.fromkeys(test.varied, reading)
        return Decimal(test.error({**point.values, **row, **varied}, parameters))

    start = row[test.varied[0]]
    step = abs(start) / 100 or Decimal(1)
    slope = (error(start + step) - error(start)) / step
    return start + (target - error(start)) / slope


def _middle(low: Decimal, high: Decimal) -> Decimal:
    return round_to_interval((low + high) / 2, Decimal("0.1"))
