"""Test results by hand or from a table, for tests made elsewhere; a wrong one is superseded or withdrawn."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.db import IntegrityError, transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.foundation.tables.columns import (
    Column,
    MappingError,
    check_mapping,
    guess_mapping,
    read_rows,
)
from yuejingzhun.platform.foundation.tables.parsing import choice, day, plain, text
from yuejingzhun.platform.foundation.tables.reading import open_table
from yuejingzhun.platform.foundation.tables.table import Cell, TableError
from yuejingzhun.platform.operations.metering.errors import MeteringError, UnknownEvaluationError
from yuejingzhun.platform.operations.metering.models import SampledMeter, Truth, Withdrawal, WorkItem
from yuejingzhun.platform.operations.metering.parts import stated_of_meters
from yuejingzhun.platform.operations.metering.queries import check_engineer, finished_of
from yuejingzhun.platform.operations.metering.rules import Medium, Source, Standing
from yuejingzhun.procedures.local_date import local_date

MOST_ROWS, TOLD = 5_000, 20
HUNDRED = Decimal(100)


def _percent(cell: Cell) -> Decimal:
    found = plain(cell).strip().removesuffix("%").strip()
    try:
        value = Decimal(found)
    except ArithmeticError:
        raise ValueError("以 % 计的数，如 -2.35") from None
    if not value.is_finite() or not -100 <= value <= 900:
        raise ValueError("-100 与 900 之间的数")
    return value


COLUMNS = (
    Column("meter", "表号", text(64), ("资产编号", "电能表编号"), required=True),
    Column("tested_on", "检定日期", day, ("试验日期", "检测日期"), required=True),
    Column("error", "误差（%）", _percent, ("误差", "误差%"), required=True),
    Column("passed", "结论", choice({"1": "合格", "0": "不合格"}), required=True),
    Column("remark", "说明", text(300)),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a test found; `error` relative."""

    meter: str
    tested_on: date
    error: Decimal | None
    passed: bool
    remark: str = ""


@transaction.atomic
def record_truth(
    actor: Actor, holder_id: int, medium: Medium, tested: Outcome, at: datetime, supersedes: int | None = None
) -> Truth:
    """Record one result, in place of another where one is named; raises NotPermittedError and MeteringError."""
    check_engineer(actor, holder_id)
    if problem := _refusal(tested, at):
        raise MeteringError(problem)
    replaced = None if supersedes is None else _own(holder_id, supersedes)
    made = truths_of([tested], holder_id, medium, at, Source.BY_HAND, actor.person_id)[0]
    made.supersedes = replaced
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError as error:
        raise MeteringError("这个结果已被更正过，请更正最新的一个") from error
    note_tested(holder_id, medium, [tested.meter])
    _tell(actor, "检定结果：录入", made.pk, holder_id, at, {"meter": tested.meter, "error": str(tested.error)})
    return made


@transaction.atomic
def record_table(actor: Actor, holder_id: int, medium: Medium, path: Path, at: datetime) -> int:
    """Every row of a table, or none; raises NotPermittedError, and MeteringError that says what is wrong where."""
    check_engineer(actor, holder_id)
    found = _rows(path, at)
    made = truths_of(found, holder_id, medium, at, Source.FILE, actor.person_id)
    Truth.objects.bulk_create(made, batch_size=1000)
    note_tested(holder_id, medium, [one.meter for one in found])
    _tell(actor, "检定结果：导入", made[0].pk, holder_id, at, {"rows": len(made)})
    return len(made)


@transaction.atomic
def withdraw_truth(actor: Actor, truth_id: int, reason: str, at: datetime) -> None:
    """That a result doesn't count; raises UnknownEvaluationError, NotPermittedError and MeteringError."""
    found = Truth.objects.filter(pk=truth_id).first() if truth_id < 2**63 else None
    if found is None:
        raise UnknownEvaluationError(f"没有编号为 {truth_id} 的检定结果")
    check_engineer(actor, found.organisation_id)
    if not reason.strip():
        raise MeteringError("撤回须写明原因")
    if hasattr(found, "withdrawal") or hasattr(found, "successor"):
        raise MeteringError("这个结果已经撤回或更正")
    Withdrawal.objects.create(result=found, reason=reason.strip(), at=at, by_id=actor.person_id)
    _tell(actor, "检定结果：撤回", found.pk, found.organisation_id, at, {"meter": found.meter}, reason.strip())


def truths_of(
    tested: Sequence[Outcome], holder_id: int, medium: Medium, at: datetime, source: Source, by: int | None
) -> list[Truth]:
    """Results with what had been stated of each meter before it was tested, and its chance to be drawn; not yet kept.

    That is what the newest evaluation said whose last day lies before the test: readings after it are another meter's,
    or an adjusted one's.
    """
    made = [
        Truth(
            organisation_id=holder_id, medium=medium.name, meter=one.meter, tested_on=one.tested_on, error=one.error,
            passed=one.passed, remark=one.remark, source=source.name, recorded_at=at, recorded_by_id=by,
        )
        for one in tested
    ]  # fmt: skip
    waiting = {id(one): one for one in made}
    for evaluation in finished_of(holder_id, medium):
        asked = [one for one in waiting.values() if evaluation.last_day < one.tested_on]
        stated = stated_of_meters(evaluation, sorted({one.meter for one in asked}))
        for one in asked:
            found = stated.get(one.meter)
            if found is not None and found.exceeds is not None:
                one.evaluation, one.exceeds, one.stated_error = evaluation, found.exceeds, found.error
                one.low, one.high = found.low, found.high
                del waiting[id(one)]
    chances = _chances(holder_id, [one.meter for one in made])
    for one in made:
        one.chance = chances.get((one.meter, one.evaluation_id))
    return made


def note_tested(holder_id: int, medium: Medium, meters: Collection[str]) -> None:
    """On the work list they have their result."""
    found = WorkItem.objects.filter(organisation_id=holder_id, medium=medium.name, meter__in=meters)
    found.update(standing=Standing.TESTED.name)


def _chances(holder_id: int, meters: Collection[str]) -> dict[tuple[str, int | None], float]:
    found = SampledMeter.objects.filter(organisation_id=holder_id, meter__in=meters).order_by("pk")
    return {
        (meter, evaluation): chance
        for meter, evaluation, chance in found.values_list("meter", "analysis__evaluation_id", "chance")
    }


def _own(holder_id: int, truth_id: int) -> Truth:
    rows = Truth.objects.filter(organisation_id=holder_id, source__in=[Source.BY_HAND.name, Source.FILE.name])
    found = rows.filter(pk=truth_id).first() if truth_id < 2**63 else None
    if found is None:
        raise MeteringError("只能更正本单位录入的结果；证书的结果由检定机构更正")
    return found


def _refusal(tested: Outcome, at: datetime) -> str | None:
    if not tested.meter:
        return "没有给出表号"
    if tested.tested_on > local_date(at):
        return f"检定日期 {tested.tested_on} 在今天之后"
    return None


def _rows(path: Path, at: datetime) -> list[Outcome]:
    try:
        table = open_table(path)
        mapping = guess_mapping(COLUMNS, table.headings)
        check_mapping(COLUMNS, mapping, table.headings)
    except (TableError, MappingError) as error:
        raise MeteringError(str(error)) from error
    names = [column.key for column in COLUMNS if column.key in mapping]
    found, problems = [], []
    for row in read_rows(COLUMNS, mapping, table):
        if len(found) >= MOST_ROWS:
            raise MeteringError(f"一个文件至多 {MOST_ROWS} 行，请分成几个")
        if row.problems:
            problems += [
                f"第 {row.number} 行 {one.column}：现为“{one.found}”，应为{one.expected}" for one in row.problems
            ]
            continue
        said = dict(zip(names, row.values, strict=True))
        one = Outcome(said["meter"], said["tested_on"], said["error"] / HUNDRED, said["passed"] == "1",
                     said.get("remark") or "")  # fmt: skip
        if problem := _refusal(one, at):
            problems.append(f"第 {row.number} 行：{problem}")
        found.append(replace(one, error=one.error.quantize(Decimal("0.0000001")) if one.error is not None else None))
    if problems:
        more = f"；等共 {len(problems)} 处" if len(problems) > TOLD else ""
        raise MeteringError("一行也没有导入。" + "；".join(problems[:TOLD]) + more)
    if not found:
        raise MeteringError("表里没有数据行")
    return found


def _tell(
    actor: Actor, action: str, key: int, holder_id: int, at: datetime, after: dict[str, object], reason: str = ""
) -> None:
    record_event(actor, action, "metering", key, at, after=after, reason=reason, organisation_id=holder_id)
