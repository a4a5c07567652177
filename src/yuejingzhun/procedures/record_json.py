"""A record as JSON and back, exactly: decimals are strings, so that no digit is lost or added."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from yuejingzhun.procedures.procedure import Number, Procedure
from yuejingzhun.procedures.record import Item, Problem, Record, RecordError, ReferenceStandard, Row, VerificationKind


def record_to_json(record: Record) -> dict[str, Any]:
    """A JSON object; `readings` is test -> point -> list of rows."""
    readings: dict[str, dict[str, Any]] = {}
    for (test, point), rows in record.readings.items():
        readings.setdefault(test, {})[point] = [{key: str(value) for key, value in row.items()} for row in rows]
    return {
        "regulation": record.regulation,
        "kind": record.kind.name,
        "item": {
            "name": record.item.name,
            "model": record.item.model,
            "serial": record.item.serial,
            "maker": record.item.maker,
        },
        "parameters": {key: str(value) for key, value in record.parameters.items()},
        "environment": {key: str(value) for key, value in record.environment.items()},
        "readings": readings,
        "checks": {key: value if isinstance(value, bool) else str(value) for key, value in record.checks.items()},
        "tested_on": record.tested_on.isoformat(),
    }


def record_from_json(procedure: Procedure, content: Any) -> Record:
    """The record; raises RecordError with every part that is not of the expected form."""
    problems: list[Problem] = []
    content = _object(content, (), problems)
    numbers = {field.key for field in procedure.parameters if isinstance(field, Number)}
    given = _object(content.get("parameters"), ("parameters",), problems)
    parameters = {
        key: _decimal(value, ("parameters", key), problems) if key in numbers else str(value)
        for key, value in given.items()
    }
    environment = _decimals(content.get("environment"), ("environment",), problems)
    checks = {
        key: value if isinstance(value, bool) else _decimal(value, ("checks", key), problems)
        for key, value in _object(content.get("checks"), ("checks",), problems).items()
    }
    item = _object(content.get("item"), ("item",), problems)
    record = Record(
        regulation=str(content.get("regulation", "")),
        kind=_kind(content.get("kind"), problems),
        item=Item(*(str(item.get(key, "")) for key in ("name", "model", "serial", "maker"))),
        parameters=parameters,
        environment=environment,
        readings=_readings(content.get("readings"), problems),
        checks=checks,
        tested_on=_date(content.get("tested_on"), problems),
    )
    if problems:
        raise RecordError(tuple(problems))
    return record


def standard_to_json(standard: ReferenceStandard) -> dict[str, str]:
    """A JSON object of strings."""
    return {
        "name": standard.name,
        "number": standard.number,
        "certificate": standard.certificate,
        "valid_until": standard.valid_until.isoformat(),
        "expanded_uncertainty": str(standard.expanded_uncertainty),
        "coverage_factor": str(standard.coverage_factor),
    }


def standard_from_json(content: Mapping[str, str]) -> ReferenceStandard:
    """What `standard_to_json` made."""
    return ReferenceStandard(
        content["name"],
        content["number"],
        content["certificate"],
        date.fromisoformat(content["valid_until"]),
        Decimal(content["expanded_uncertainty"]),
        Decimal(content["coverage_factor"]),
    )


def _object(value: Any, path: tuple[str | int, ...], problems: list[Problem]) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    if value is not None:
        problems.append(Problem(path, f"{'.'.join(map(str, path)) or '记录'}：应为对象"))
    return {}


def _decimal(value: Any, path: tuple[str | int, ...], problems: list[Problem]) -> Decimal:
    try:
        if isinstance(value, str | int) and not isinstance(value, bool):
            return Decimal(value)
    except InvalidOperation:
        pass
    problems.append(Problem(path, f"{'.'.join(map(str, path))}：为 {value!r}，应为写成字符串的十进制数"))
    return Decimal(0)


def _decimals(value: Any, path: tuple[str | int, ...], problems: list[Problem]) -> dict[str, Decimal]:
    return {key: _decimal(item, (*path, key), problems) for key, item in _object(value, path, problems).items()}


def _readings(value: Any, problems: list[Problem]) -> dict[tuple[str, str], tuple[Row, ...]]:
    found: dict[tuple[str, str], tuple[Row, ...]] = {}
    for test, points in _object(value, ("readings",), problems).items():
        for point, rows in _object(points, ("readings", test), problems).items():
            path = ("readings", test, point)
            if not isinstance(rows, list):
                problems.append(Problem(path, f"{'.'.join(path)}：应为读数的数组"))
                continue
            found[test, point] = tuple(_decimals(row, (*path, repeat), problems) for repeat, row in enumerate(rows))
    return found


def _kind(value: Any, problems: list[Problem]) -> VerificationKind:
    if isinstance(value, str) and value in VerificationKind.__members__:
        return VerificationKind[value]
    problems.append(Problem(("kind",), f"检定类别：为 {value!r}，应为 {'、'.join(VerificationKind.__members__)} 之一"))
    return VerificationKind.INITIAL


def _date(value: Any, problems: list[Problem]) -> date:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        problems.append(Problem(("tested_on",), f"检定日期：为 {value!r}，应为 年-月-日，如 2026-11-24"))
        return date.min
