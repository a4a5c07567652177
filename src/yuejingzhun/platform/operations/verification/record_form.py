"""The web form of a raw record, generated from the declaration of its regulation, and back to a record.

A field's name is the path of its value in the record, its parts joined by "|"; so a problem of the engine finds its
field by itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.procedures.procedure import Choice, Number, Point, Procedure, Test
from yuejingzhun.procedures.record import Parameters, Problem, Record, VerificationKind
from yuejingzhun.procedures.scrutiny import out_of_range

SEPARATOR = "|"
ITEM_LABELS = {"name": "器具名称", "model": "型号", "serial": "出厂编号", "maker": "制造单位"}
YES, NO = "合格", "不合格"


@dataclass(frozen=True, slots=True)
class Field:
    """One input: `options` where it is a choice; `hint` says what is expected."""

    name: str
    label: str
    value: str
    unit: str = ""
    options: tuple[str, ...] = ()
    hint: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """One repeat at one point, with an input for each column."""

    label: str
    repeat: int
    repeats: int
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """One test: the columns' heads with units, and the lines."""

    title: str
    heads: tuple[str, ...]
    lines: tuple[Line, ...]


def item_fields(procedure: Procedure, values: Mapping[str, str]) -> list[Field]:
    """Name, model, serial number and maker; the name is proposed."""
    proposed = {"name": procedure.instrument}
    return [
        Field(f"item|{key}", label, values.get(f"item|{key}", proposed.get(key, "")))
        for key, label in ITEM_LABELS.items()
    ]


def parameter_fields(procedure: Procedure, values: Mapping[str, str]) -> list[Field]:
    """The instrument's parameters; a common instrument's are proposed."""
    return [
        _field("parameters", field, values, procedure.sample_parameters.get(field.key, ""))
        for field in procedure.parameters
    ]


def environment_fields(procedure: Procedure, values: Mapping[str, str]) -> list[Field]:
    """The environmental conditions, with the limits for the parameters where these are known."""
    parameters, fields = usable_parameters(procedure, values), []
    for condition in procedure.environment:
        field = _field("environment", condition.number, values, "")
        if parameters is not None:
            low, high = condition.allowed(parameters)
            field = Field(field.name, field.label, field.value, field.unit, hint=f"应为 {low}～{high} {field.unit}")
        fields.append(field)
    return fields


def check_fields(procedure: Procedure, kind: VerificationKind, values: Mapping[str, str]) -> list[Field]:
    """The other requirements; those that this kind of verification doesn't demand may stay open."""
    fields = []
    for check in procedure.checks:
        name, required = f"checks|{check.key}", kind in check.kinds
        unit = check.number.unit if check.number else ""
        options = () if check.number else (YES, NO)
        hint = "" if required else "本类检定可不检"
        fields.append(Field(name, check.label, values.get(name, ""), unit, options, hint, required))
    return fields


def tables(procedure: Procedure, kind: VerificationKind, values: Mapping[str, str]) -> list[Table]:
    """A table for each test, its lines following from the parameters; none where these are not usable yet."""
    parameters = usable_parameters(procedure, values)
    if parameters is None:
        return []
    return [_table(test, test.points(parameters, kind), values) for test in procedure.tests]


def usable_parameters(procedure: Procedure, values: Mapping[str, str]) -> Parameters | None:
    """The parameters as the engine wants them, or None where one is missing or impossible."""
    found: dict[str, Decimal | str] = {}
    for field in procedure.parameters:
        text = values.get(f"parameters|{field.key}", procedure.sample_parameters.get(field.key, "")).strip()
        if isinstance(field, Choice):
            if text not in field.options:
                return None
            found[field.key] = text
        else:
            number = _decimal(text)
            if out_of_range(field, number):
                return None
            found[field.key] = number or Decimal(0)
    return found


def content_of(procedure: Procedure, values: Mapping[str, str]) -> dict[str, Any]:
    """The record as JSON, from the values of the form; what was left empty is left out."""
    content: dict[str, Any] = {"regulation": procedure.code, "item": {}, "parameters": {}, "environment": {}}
    content |= {"checks": {}, "readings": {}, "kind": values.get("kind"), "tested_on": values.get("tested_on")}
    booleans = {f"checks|{check.key}" for check in procedure.checks if check.number is None}
    for name, text in values.items():
        section, *path = name.split(SEPARATOR)
        text = text.strip()
        if section not in {"item", "parameters", "environment", "checks", "readings"} or not text:
            continue
        if section == "readings":
            _put_reading(content["readings"], path, text)
        elif len(path) == 1:
            content[section][path[0]] = text == YES if name in booleans else text
    return content


def values_of(record: Record) -> dict[str, str]:
    """The form's values that give this record back: to show one, or to start a corrected one from it."""
    values = {"kind": record.kind.name, "tested_on": record.tested_on.isoformat()}
    values |= {f"item|{key}": getattr(record.item, key) for key in ITEM_LABELS}
    for section in ("parameters", "environment"):
        values |= {f"{section}|{key}": str(value) for key, value in getattr(record, section).items()}
    for key, answer in record.checks.items():
        values[f"checks|{key}"] = str(answer) if isinstance(answer, Decimal) else YES if answer else NO
    for (test, point), rows in record.readings.items():
        for repeat, row in enumerate(rows):
            for column, reading in row.items():
                values[SEPARATOR.join(("readings", test, point, str(repeat), column))] = str(reading)
    return values


def field_name(problem: Problem) -> str:
    """The name of the field that a problem is about."""
    return SEPARATOR.join(map(str, problem.path))


def problems_by_field(problems: Iterable[Problem]) -> dict[str, str]:
    """The problems by the name of their field."""
    return {field_name(problem): problem.message for problem in problems}


def institutes_to_test_in(actor: Actor, regulation: str) -> list[int]:
    """Where the actor may test by that regulation."""
    return [
        grant.organisation_id
        for grant in actor.grants
        if grant.role is Role.VERIFIER and regulation in grant.regulations
    ]


def _field(section: str, declared: Number | Choice, values: Mapping[str, str], proposed: str) -> Field:
    name = f"{section}|{declared.key}"
    value = values.get(name, proposed)
    if isinstance(declared, Choice):
        return Field(name, declared.label, value, options=declared.options)
    return Field(name, declared.label, value, declared.unit)


def _table(test: Test, points: tuple[Point, ...], values: Mapping[str, str]) -> Table:
    heads = tuple(f"{c.number.label}（{c.number.unit}）" if c.number.unit else c.number.label for c in test.columns)
    lines = tuple(
        Line(point.label, repeat, test.repeats, _line_fields(test, point, repeat, values))
        for point in points
        for repeat in range(test.repeats)
    )
    return Table(test.title, heads, lines)


def _line_fields(test: Test, point: Point, repeat: int, values: Mapping[str, str]) -> tuple[Field, ...]:
    fields = []
    for column in test.columns:
        name = SEPARATOR.join(("readings", test.key, point.key, str(repeat), column.number.key))
        label = f"{point.label} 第 {repeat + 1} 次 {column.number.label}"
        fields.append(Field(name, label, values.get(name, ""), column.number.unit))
    return tuple(fields)


def _put_reading(readings: dict[str, Any], path: list[str], text: str) -> None:
    if len(path) != 4 or not path[2].isdigit() or int(path[2]) > 100:
        return
    test, point, repeat, column = path
    rows = readings.setdefault(test, {}).setdefault(point, [])
    while len(rows) <= int(repeat):
        rows.append({})
    rows[int(repeat)][column] = text


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except ArithmeticError:
        return None
