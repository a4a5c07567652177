"""Whether a record can be evaluated at all: everything that is wrong with it is named at once."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal

from yuejingzhun.procedures.procedure import Choice, Column, Number, Point, Procedure, Test
from yuejingzhun.procedures.record import Parameters, Problem, Record, RecordError, ReferenceStandard, Row

LONGEST_TEXT = 120  # of a name, model, serial number or maker: what a certificate and the register have room for


def scrutinise(procedure: Procedure, record: Record, standard: ReferenceStandard) -> None:
    """Raises RecordError with every problem of the record.

    With wrong parameters the points, and the limits of the environment, are not known and not judged.
    """
    problems = [*_identity(procedure, record)]
    wrong_parameters = [*_parameters(procedure, record)]
    problems += wrong_parameters
    if not wrong_parameters:
        problems += [*_environment(procedure, record), *_readings(procedure, record)]
    problems += [*_checks(procedure, record), *_standard(standard, record.tested_on)]
    if problems:
        raise RecordError(tuple(problems))


def out_of_range(number: Number, value: object) -> str | None:
    """In Chinese what is wrong with a value for this number, or None."""
    expected = f"应为 {number.low}～{number.high} {number.unit}".rstrip() + " 之间的数"
    if not isinstance(value, Decimal):
        return f"{number.label}：{'未填写' if value is None else f'为 {value!r}，不是数'}，{expected}"
    if not value.is_finite() or not number.low <= value <= number.high:
        return f"{number.label}：为 {value}，超出可能的范围，{expected}"
    return None


def _identity(procedure: Procedure, record: Record) -> Iterator[Problem]:
    if record.regulation != procedure.code:
        yield Problem(("regulation",), f"检定依据：为 {record.regulation!r}，应为 {procedure.code}")
    for key, label in (
        ("name", "器具名称"),
        ("model", "型号"),
        ("serial", "出厂编号"),
        ("maker", "制造单位"),
    ):
        text = getattr(record.item, key)
        if not text.strip():
            yield Problem(("item", key), f"{label}：未填写")
        elif len(text) > LONGEST_TEXT:
            yield Problem(("item", key), f"{label}：有 {len(text)} 个字，应不超过 {LONGEST_TEXT} 个字")
        elif strange := next((mark for mark in text if not mark.isprintable()), None):
            yield Problem(("item", key), f"{label}：含有不能印刷的字符 U+{ord(strange):04X}，应删去")


def _parameters(procedure: Procedure, record: Record) -> Iterator[Problem]:
    yield from _unknown("parameters", record.parameters, {field.key for field in procedure.parameters})
    for field in procedure.parameters:
        value = record.parameters.get(field.key)
        if isinstance(field, Choice):
            if value not in field.options:
                found = "未填写" if value is None else f"为 {value!r}，本规程没有"
                message = f"{field.label}：{found}，应为 {'、'.join(field.options)} 之一"
                yield Problem(("parameters", field.key), message)
        elif wrong := out_of_range(field, value):
            yield Problem(("parameters", field.key), wrong)


def _environment(procedure: Procedure, record: Record) -> Iterator[Problem]:
    yield from _unknown("environment", record.environment, {c.number.key for c in procedure.environment})
    for condition in procedure.environment:
        key, label, unit = condition.number.key, condition.number.label, condition.number.unit
        value = record.environment.get(key)
        if wrong := out_of_range(condition.number, value):
            yield Problem(("environment", key), wrong)
            continue
        low, high = condition.allowed(record.parameters)
        if value is not None and not low <= value <= high:
            message = f"{label}：为 {value} {unit}，不满足检定条件，应为 {low}～{high} {unit}"
            yield Problem(("environment", key), message)


def _readings(procedure: Procedure, record: Record) -> Iterator[Problem]:
    expected = set()
    for test in procedure.tests:
        for point in test.points(record.parameters, record.kind):
            expected.add((test.key, point.key))
            yield from _rows(test, point, record.parameters, record.readings.get((test.key, point.key), ()))
    for test_key, point_key in sorted(record.readings.keys() - expected):
        yield Problem(("readings", test_key, point_key), f"检定点 {point_key}：本规程在此参数下没有这一点")


def _rows(test: Test, point: Point, parameters: Parameters, rows: tuple[Row, ...]) -> Iterator[Problem]:
    if len(rows) != test.repeats:
        message = f"{test.title} {point.label}：有 {len(rows)} 次读数，应为 {test.repeats} 次"
        yield Problem(("readings", test.key, point.key), message)
    for repeat, row in enumerate(rows):
        for column in test.columns:
            wrong = _wrong_reading(column, row.get(column.number.key), parameters, point)
            if wrong:
                path = ("readings", test.key, point.key, repeat, column.number.key)
                yield Problem(path, f"{test.title} {point.label} 第 {repeat + 1} 次 {wrong}")


def _wrong_reading(column: Column, value: Decimal | None, parameters: Parameters, point: Point) -> str | None:
    number = column.number
    wrong = out_of_range(number, value)
    if wrong or value is None or column.allowed is None:
        return wrong
    low, high = (format(limit.normalize(), "f") for limit in column.allowed(parameters, point))
    if Decimal(low) <= value <= Decimal(high):
        return None
    return f"{number.label}：为 {value} {number.unit}，不满足检定条件，应为 {low}～{high} {number.unit}"


def _checks(procedure: Procedure, record: Record) -> Iterator[Problem]:
    yield from _unknown("checks", record.checks, {check.key for check in procedure.checks})
    for check in procedure.checks:
        value = record.checks.get(check.key)
        if value is None:
            if record.kind in check.kinds:
                yield Problem(("checks", check.key), f"{check.label}：未填写，{record.kind.value}须检此项")
        elif check.number is None:
            if not isinstance(value, bool):
                yield Problem(("checks", check.key), f"{check.label}：为 {value}，应为 合格 或 不合格")
        elif wrong := out_of_range(check.number, None if isinstance(value, bool) else value):
            yield Problem(("checks", check.key), wrong)


def _standard(standard: ReferenceStandard, tested_on: date) -> Iterator[Problem]:
    if standard.valid_until < tested_on:
        message = f"计量标准 {standard.number}：有效期至 {standard.valid_until}，检定日期 {tested_on} 已过期"
        yield Problem(("standard", "valid_until"), message)
    u, k = standard.expanded_uncertainty, standard.coverage_factor
    if not (u.is_finite() and u > 0 and k.is_finite() and k > 0):
        message = f"计量标准 {standard.number}：扩展不确定度 {u}、包含因子 {k}，都应为正数"
        yield Problem(("standard", "expanded_uncertainty"), message)


def _unknown(section: str, given: Mapping[str, object], known: set[str]) -> Iterator[Problem]:
    for key in sorted(given.keys() - known):
        yield Problem((section, key), f"{key}：本规程没有这一项")
