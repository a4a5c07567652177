"""The JSON interface of traceability: chains for anyone, recalls for those whom they concern."""

from decimal import Decimal, InvalidOperation

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from yuejingzhun.platform.foundation.accounts.refusal import REFUSED
from yuejingzhun.platform.foundation.accounts.signed_in import SignedIn
from yuejingzhun.platform.foundation.parties.queries import current_actor, visitor
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.standards.errors import UnknownStandardError
from yuejingzhun.platform.registry.standards.queries import visible_standard
from yuejingzhun.platform.registry.traceability.errors import TraceabilityError, UnknownItemError
from yuejingzhun.platform.registry.traceability.models import Affected, Recall
from yuejingzhun.platform.registry.traceability.queries import (
    Step,
    affected_of,
    shown_chain,
    tallies_of,
    visible_recall,
)
from yuejingzhun.platform.registry.traceability.rules import Calibration, Finding, Kind
from yuejingzhun.platform.registry.traceability.schemas import (
    AffectedOut,
    CalibrationIn,
    ChainOut,
    HolderOut,
    LinkOut,
    RecallIn,
    RecallOut,
    RegionOut,
)
from yuejingzhun.platform.registry.traceability.services import declare_and_list, link_standard
from yuejingzhun.platform.registry.traceability.uppers import upper_of

router = Router(tags=["溯源"])
signed_in = SignedIn()
MOST_DIGITS, MOST_DECIMALS = 24, 12


def anyone(request: HttpRequest) -> bool:
    """Who isn't signed in may ask, too."""
    return True


@router.get(
    "/traceability/{kind}/{path:key}", auth=[signed_in, anyone], response={200: ChainOut, **REFUSED}, summary="溯源链"
)
def show_chain(request: HttpRequest, kind: str, key: str) -> ChainOut:
    """从证书（certificate）或计量标准（standard）等向上到国家计量基准；计量器具（instrument）与未公开的计量标准限有关的人。"""
    found = shown_chain(visitor(request), kind, key)
    return ChainOut(
        start=found.start.label,
        certificate=found.certificate,
        complete=found.is_complete,
        roots=[node.label for node in found.roots],
        links=[_link(step) for step in found.steps],
    )


@router.post(
    "/standards/{int:standard_id}/links", auth=signed_in, response={201: LinkOut, **REFUSED}, summary="登记溯源"
)
def add_link(request: HttpRequest, standard_id: int, body: CalibrationIn) -> Status[LinkOut]:
    """计量标准用什么检定或校准过；限建标单位的质量负责人。同一份证书登记两次是一条。"""
    actor = current_actor(request)
    try:
        standard = visible_standard(actor, standard_id)
    except UnknownStandardError as error:
        raise UnknownItemError(str(error)) from error
    upper = upper_of(Kind[body.kind.upper()], body.number, body.name, body.uncertainty)
    calibration = Calibration(
        **{name: getattr(body, name) for name in ("made_on", "certificate", "until", "part", "factor", "unit")},
        mpe=_decimal("最大允许误差", body.mpe),
        expanded_uncertainty=_decimal("证书给出的 U", body.expanded_uncertainty),
    )
    return Status(201, _link(Step(1, link_standard(actor, standard, upper, calibration, timezone.now()))))


@router.post("/recalls", auth=signed_in, response={201: RecallOut, **REFUSED}, summary="宣布失准追溯")
def declare(request: HttpRequest, body: RecallIn) -> Status[RecallOut]:
    """归属单位的质量负责人或当地监管人员宣布；清单短的当场列出，长的随后列出。不撤销任何证书。"""
    actor = current_actor(request)
    finding = Finding(body.from_day, body.to_day, _decimal("发现的误差", body.error), body.unit, body.reason)
    recall = declare_and_list(actor, body.kind, body.key, finding, timezone.now())
    return Status(201, _recall(actor, visible_recall(actor, recall.pk)))


@router.get("/recalls/{int:recall_id}", auth=signed_in, response={200: RecallOut, **REFUSED}, summary="追溯的结果")
def show_recall(request: HttpRequest, recall_id: int) -> RecallOut:
    """进度，以及按地区、按单位的数目。"""
    actor = current_actor(request)
    return _recall(actor, visible_recall(actor, recall_id))


@router.get(
    "/recalls/{int:recall_id}/affected",
    auth=signed_in,
    response={200: list[AffectedOut], **REFUSED},
    summary="受影响的证书",
)
def list_affected(
    request: HttpRequest, recall_id: int, after: int = Query(0, ge=0, le=2**31 - 1), standing: bool = False
) -> list[AffectedOut]:
    """影响最大的在前，每页 100 份；下一页以最后一个序号为 after。standing 只列未撤销、未被替换的。"""
    actor = current_actor(request)
    return [_affected(row) for row in affected_of(actor, visible_recall(actor, recall_id), after, standing=standing)]


def _decimal(label: str, text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value) >= 10 ** (MOST_DIGITS - MOST_DECIMALS):
        raise TraceabilityError(f"{label}：为 {text!r}，应为十进制数，绝对值小于 10^{MOST_DIGITS - MOST_DECIMALS}")
    if value != round(value, MOST_DECIMALS):
        raise TraceabilityError(f"{label}：为 {text!r}，小数最多 {MOST_DECIMALS} 位")
    return value


def _link(step: Step) -> LinkOut:
    link = step.link
    return LinkOut(
        level=step.level,
        lower=link.lower.label,
        lower_kind=link.lower.kind.lower(),
        part=link.part,
        upper=link.upper.label,
        upper_kind=link.upper.kind.lower(),
        upper_key=link.upper.key,
        upper_holder=link.upper.holder.name if link.upper.holder else None,
        upper_uncertainty=link.upper.uncertainty,
        certificate=link.certificate,
        made_on=link.made_on,
        until=link.until,
    )


def _recall(actor: Actor, found: Recall) -> RecallOut:
    holders, regions = tallies_of(actor, found)
    counts = ("region", "certificates", "instruments", "grave")
    return RecallOut(
        source=found.source.label,
        regions=[RegionOut(**row) for row in regions],
        holders=[
            HolderOut(holder=row.holder.name if row.holder else None, **{name: getattr(row, name) for name in counts})
            for row in holders
        ],
        **{
            name: getattr(found, name)
            for name in (
                "id",
                "from_day",
                "to_day",
                "error",
                "unit",
                "reason",
                "declared_at",
                "state",
                "found",
                "listed",
            )
        },
    )


def _affected(row: Affected) -> AffectedOut:
    link = row.link
    return AffectedOut(
        certificate=link.certificate,
        item=link.lower.label,
        holder=row.holder.name if row.holder else None,
        institute=row.institute.name if row.institute else None,
        made_on=link.made_on,
        mpe=link.mpe,
        expanded_uncertainty=link.expanded_uncertainty,
        unit=link.unit,
        weight_name=row.get_weight_display(),
        certificate_state=row.certificate_state,
        **{name: getattr(row, name) for name in ("rank", "region", "ended", "error", "to_mpe", "to_u", "weight")},
    )
