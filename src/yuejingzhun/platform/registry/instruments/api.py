"""The JSON interface of instruments: lists, search, filing and what holders do, by the same services as the pages.

One instrument with its verifications is GET /instruments/{id}, which stands with the verifications.
"""

from collections.abc import Sequence
from datetime import date

from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Status

from yuejingzhun.platform.foundation.accounts.refusal import REFUSED, ProblemsOut
from yuejingzhun.platform.foundation.accounts.signed_in import SignedIn
from yuejingzhun.platform.foundation.parties.queries import current_actor, holder_choice, organisation_of_credit_code
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.registry.instruments.desks import desks
from yuejingzhun.platform.registry.instruments.errors import InstrumentError
from yuejingzhun.platform.registry.instruments.filters import Filters
from yuejingzhun.platform.registry.instruments.models import Instrument, InUse
from yuejingzhun.platform.registry.instruments.paging import (
    county_place_of,
    county_place_text,
    place_of,
    place_text,
)
from yuejingzhun.platform.registry.instruments.queries import (
    due,
    find,
    instrument_of_tag,
    never_verified,
    own_instruments,
    standing_of,
)
from yuejingzhun.platform.registry.instruments.rules import SOON, Filing, Standing
from yuejingzhun.platform.registry.instruments.schemas import (
    DueIn,
    FiledOut,
    FilingIn,
    FoundOut,
    HolderIn,
    OwnIn,
    PageOut,
    PlaceIn,
    StateOut,
    UseIn,
)
from yuejingzhun.platform.registry.instruments.services import file, hand_over, relocate, set_in_use
from yuejingzhun.procedures.local_date import local_date

router = Router(tags=["计量器具"])
signed_in = SignedIn()


@router.get("/instruments", auth=signed_in, response={200: PageOut, **REFUSED}, summary="本单位的器具")
def list_own(request: HttpRequest, asked: Query[OwnIn]) -> PageOut:
    """先到期的在前，每页 50 台；text 为编号、型号、名称或制造单位的一段。"""
    actor, today = current_actor(request), local_date(timezone.now())
    if asked.standing and asked.standing not in Standing.__members__:
        raise InstrumentError(f"standing：为 {asked.standing!r}，应为 {'、'.join(Standing.__members__)} 之一")
    standing = Standing[asked.standing] if asked.standing else None
    filters = Filters(today, standing, asked.item, asked.region, asked.first, asked.last, asked.text)
    holder_id = holder_choice(actor, str(asked.holder or "")).chosen.pk
    found = own_instruments(actor, holder_id, place_of(asked.after), filters)
    return PageOut(instruments=_filed(found, today), next=place_text(found))


@router.get("/instruments/search", auth=signed_in, response={200: FoundOut, **REFUSED}, summary="查找器具")
def search_instruments(request: HttpRequest, text: str = Query(..., max_length=60, title="要找的内容")) -> FoundOut:
    """编号、型号、名称或制造单位的任何一段，错一个字也能找到；限于调用者可以查看的器具。"""
    found = find(current_actor(request), text)
    instruments = _filed(found.instruments, local_date(timezone.now()))
    return FoundOut(instruments=instruments, mistyped=found.mistyped, more=found.more)


@router.get("/instruments/due", auth=signed_in, response={200: PageOut, **REFUSED}, summary="辖区内到期的器具")
def list_due(request: HttpRequest, asked: Query[DueIn]) -> PageOut:
    """超期最久的在前，每页 50 台；限监管人员。"""
    actor, today = current_actor(request), local_date(timezone.now())
    found = due(actor, asked.region, asked.until or today + SOON, place_of(asked.after))
    return PageOut(instruments=_filed(found, today), next=place_text(found))


@router.get("/instruments/never", auth=signed_in, response={200: PageOut, **REFUSED}, summary="辖区内从未检定的器具")
def list_never(
    request: HttpRequest,
    region: str = Query(..., max_length=6, title="市或县（市、区）的行政区划代码"),
    after: str = Query("", max_length=40, title="上一页给出的 next"),
) -> PageOut:
    """按县、备案先后，每页 50 台；限监管人员。"""
    found = never_verified(current_actor(request), region, county_place_of(after))
    return PageOut(instruments=_filed(found, local_date(timezone.now())), next=county_place_text(found))


@router.get("/instruments/tags/{tag}", response={200: StateOut, 404: ProblemsOut}, summary="扫标签看状态")
def show_tag(request: HttpRequest, tag: str) -> StateOut:
    """任何人可查；不含使用单位。"""
    return StateOut(**_state(instrument_of_tag(tag.replace("\0", "").upper()), local_date(timezone.now())))


@router.post("/instruments", auth=signed_in, response={201: FiledOut, **REFUSED}, summary="备案")
def file_instrument(request: HttpRequest, body: FilingIn) -> Status[FiledOut]:
    """同一台（制造单位、型号、出厂编号、规程相同）再次备案，给出原来的一台。"""
    actor, at = current_actor(request), timezone.now()
    given = body.model_dump()
    holder_id = _holder(actor, given.pop("holder").strip())
    return Status(201, _filed([file(actor, holder_id, Filing(**given), at)], local_date(at))[0])


@router.post(
    "/instruments/{int:instrument_id}/place", auth=signed_in, response={200: FiledOut, **REFUSED}, summary="移址"
)
def relocate_instrument(request: HttpRequest, instrument_id: int, body: PlaceIn) -> FiledOut:
    """登记器具现在在哪里。"""
    at = timezone.now()
    return _one(relocate(current_actor(request), instrument_id, body.region, body.place, at), local_date(at))


@router.post(
    "/instruments/{int:instrument_id}/use",
    auth=signed_in,
    response={200: FiledOut, **REFUSED},
    summary="停用、恢复使用或报废",
)
def change_use(request: HttpRequest, instrument_id: int, body: UseIn) -> FiledOut:
    """报废之后不能再用。"""
    if body.in_use not in InUse.values:
        raise InstrumentError(f"使用状态：为 {body.in_use!r}，应为 {'、'.join(InUse.values)} 之一")
    at = timezone.now()
    return _one(set_in_use(current_actor(request), instrument_id, InUse(body.in_use), body.reason, at), local_date(at))


@router.post(
    "/instruments/{int:instrument_id}/holder", auth=signed_in, response={200: FiledOut, **REFUSED}, summary="转移"
)
def change_holder(request: HttpRequest, instrument_id: int, body: HolderIn) -> FiledOut:
    """转移到另一单位名下。"""
    at = timezone.now()
    return _one(hand_over(current_actor(request), instrument_id, body.credit_code, at), local_date(at))


def _holder(actor: Actor, credit_code: str) -> int:
    if credit_code:
        return organisation_of_credit_code(credit_code).pk
    choice = holder_choice(actor) if actor.has(Role.HOLDER) or not desks(actor) else None
    if choice is None or choice.several:
        raise InstrumentError("使用单位统一社会信用代码：代使用单位备案，或经办几个单位时，必须给出")
    return choice.chosen.pk


def _state(found: Instrument, on: date) -> dict[str, object]:
    names = set(StateOut.model_fields) - {"standing"}
    return {name: getattr(found, name) for name in names} | {"standing": standing_of(found, on).value}


def _one(found: Instrument, on: date) -> FiledOut:
    return _filed([found], on)[0]


def _filed(found: Sequence[Instrument], on: date) -> list[FiledOut]:
    names = set(FiledOut.model_fields) - {"standing", "holder", "holder_credit_code"}
    return [
        FiledOut(
            **{name: getattr(each, name) for name in names},
            standing=standing_of(each, on).value,
            holder=each.holder.name,
            holder_credit_code=each.holder.credit_code,
        )
        for each in found
    ]
