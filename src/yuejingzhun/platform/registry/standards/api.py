"""The JSON interface of measurement standards: the same queries and services as the pages."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status
from ninja.errors import HttpError

from yuejingzhun.platform.foundation.accounts.refusal import REFUSED
from yuejingzhun.platform.foundation.accounts.signed_in import SignedIn
from yuejingzhun.platform.foundation.parties.divisions import divisions
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.registry.standards import queries
from yuejingzhun.platform.registry.standards.errors import ProposalError, StandardError, UnknownStandardError
from yuejingzhun.platform.registry.standards.models import (
    MeasurementStandard,
    RepeatabilityRecord,
    StabilityRecord,
    plain,
)
from yuejingzhun.platform.registry.standards.rules import Level
from yuejingzhun.platform.registry.standards.schemas import (
    EquipmentOut,
    FailureOut,
    ReadingsIn,
    RepeatabilityOut,
    StabilityOut,
    StandardDetail,
    StandardOut,
    StandardsOut,
)
from yuejingzhun.platform.registry.standards.services.records import record_repeatability, record_stability
from yuejingzhun.platform.registry.standards.validity import Evidence, Failure, failing, warnings
from yuejingzhun.procedures.local_date import local_date

router = Router(tags=["计量标准"])
signed_in = SignedIn()
Text = Query("", max_length=60)


@router.get("/standards", auth=signed_in, response={200: StandardsOut, **REFUSED}, summary="计量标准")
def list_standards(
    request: HttpRequest,
    region: str = Text,
    level: str = Text,
    item: str = Text,
    q: str = Text,
    expiring_days: int | None = Query(None, ge=0, le=3660),
    after: str = Text,
) -> StandardsOut:
    """本单位或辖区内的计量标准，按有效期排列；每页 50 项。"""
    actor = current_actor(request)
    filters = _filters(region, level, item, q, expiring_days, after)
    return _page(filters, lambda given: queries.standard_page(actor, given))


@router.get("/published-standards", response={200: StandardsOut, **REFUSED}, summary="公开的计量标准")
def list_published(
    request: HttpRequest, region: str = Text, level: str = Text, item: str = Text, q: str = Text, after: str = Text
) -> StandardsOut:
    """社会公用计量标准与公开的自我声明，无须登录。"""
    return _page(_filters(region, level, item, q, None, after), queries.published_page)


@router.get(
    "/standards/{int:standard_id}", auth=signed_in, response={200: StandardDetail, **REFUSED}, summary="一项计量标准"
)
def show_standard(request: HttpRequest, standard_id: int) -> StandardDetail:
    """组成、记录，以及能否使用。"""
    with _refusals():
        standard = queries.visible_standard(current_actor(request), standard_id)
    today = local_date(timezone.now())
    evidence = queries.evidence_of([standard], today)[standard.pk]
    return StandardDetail(
        **_standard(standard, evidence, today).model_dump(),
        warnings=_failures(warnings(evidence, today)),
        equipment=[
            EquipmentOut(
                is_main=row.is_main,
                name=row.name,
                model=row.model,
                serial=row.serial,
                certificate=row.certificate,
                valid_until=row.valid_until,
                removed_on=row.removed_on,
            )
            for row in queries.equipment_of(standard.pk)
        ],
        materials=queries.materials_of(standard.pk),
        repeatability=[_repeatability(row) for row in queries.repeatability_of(standard.pk)],
        stability=[_stability(row) for row in queries.stability_of(standard.pk)],
    )


@router.post(
    "/standards/{int:standard_id}/repeatability",
    auth=signed_in,
    response={201: RepeatabilityOut, **REFUSED},
    summary="记录重复性试验",
)
def add_repeatability(request: HttpRequest, standard_id: int, body: ReadingsIn) -> Status[RepeatabilityOut]:
    """至少 10 个读数，与技术报告的 s 比较。"""
    actor = current_actor(request)
    with _refusals():
        record = record_repeatability(actor, standard_id, body.measured_on, body.readings, timezone.now())
    return Status(201, _repeatability(record))


@router.post(
    "/standards/{int:standard_id}/stability",
    auth=signed_in,
    response={201: StabilityOut, **REFUSED},
    summary="记录稳定性考核",
)
def add_stability(request: HttpRequest, standard_id: int, body: ReadingsIn) -> Status[StabilityOut]:
    """核查标准的一组读数，与上一组平均值比较。"""
    actor = current_actor(request)
    with _refusals():
        record = record_stability(actor, standard_id, body.measured_on, body.readings, timezone.now())
    return Status(201, _stability(record))


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except UnknownStandardError as error:
        raise HttpError(404, str(error)) from error
    except StandardError as error:
        raise HttpError(409, str(error)) from error
    except ProposalError as error:
        raise HttpError(422, str(error)) from error


def _filters(region: str, level: str, item: str, words: str, days: int | None, after: str) -> queries.Filters:
    if region and region not in divisions():
        raise HttpError(422, f"region：广东省没有行政区划代码 {region!r}")
    if level and level not in Level.__members__:
        raise HttpError(422, f"level：为 {level!r}，应为 {'、'.join(Level.__members__)} 之一")
    ends_by = None if days is None else local_date(timezone.now()) + timedelta(days=days)
    return queries.Filters(region, level, item, words, ends_by, _after(after))


def _after(text: str) -> tuple[date, int] | None:
    if not text:
        return None
    day, _, key = text.partition("_")
    try:
        return date.fromisoformat(day), min(int(key), 2**62)
    except ValueError as error:
        raise HttpError(422, f"after：为 {text!r}，应为上一页给出的值") from error


def _page(filters: queries.Filters, read: Callable[[queries.Filters], list[MeasurementStandard]]) -> StandardsOut:
    found, today = read(filters), local_date(timezone.now())
    shown = found[: queries.PAGE]
    evidence = queries.evidence_of(shown, today)
    after = f"{shown[-1].valid_until}_{shown[-1].pk}" if len(found) > queries.PAGE else ""
    standards = [_standard(standard, evidence[standard.pk], today) for standard in shown]
    return StandardsOut(standards=standards, after=after)


def _standard(found: MeasurementStandard, evidence: Evidence, today: date) -> StandardOut:
    return StandardOut(
        id=found.pk,
        number=found.number,
        name=found.name,
        owner=found.owner.name,
        region=found.owner.region,
        level=found.level,
        level_name=Level[found.level].value,
        regulations=found.regulations,
        items=found.items,
        measuring_range=found.measuring_range,
        accuracy=found.accuracy,
        expanded_uncertainty=plain(found.expanded_uncertainty),
        coverage_factor=plain(found.coverage_factor),
        unit=found.unit,
        traceable_to=found.traceable_to,
        valid_until=found.valid_until,
        failing=_failures(failing(evidence, today)),
    )


def _failures(found: tuple[Failure, ...]) -> list[FailureOut]:
    return [FailureOut(predicate=each.predicate.name, text=each.text) for each in found]


def _repeatability(row: RepeatabilityRecord) -> RepeatabilityOut:
    readings = [plain(value) for value in row.readings]
    return RepeatabilityOut(measured_on=row.measured_on, readings=readings, s=row.s, limit=row.limit, passed=row.passed)


def _stability(row: StabilityRecord) -> StabilityOut:
    return StabilityOut(
        measured_on=row.measured_on,
        readings=[plain(value) for value in row.readings],
        mean=row.mean,
        change=row.change,
        limit=row.shown_limit,
        passed=row.passed,
    )
