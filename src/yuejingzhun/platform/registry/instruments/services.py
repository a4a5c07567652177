"""Filing of measuring instruments, and what their holders do with them."""

from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.divisions import divisions, is_within
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import institutes_among, organisation, organisation_of_credit_code
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.registry.catalogue.errors import UnknownEntryError
from yuejingzhun.platform.registry.catalogue.queries import entry, item_of_regulation
from yuejingzhun.platform.registry.instruments.errors import InstrumentError, UnknownInstrumentError
from yuejingzhun.platform.registry.instruments.models import Instrument, InUse, Use
from yuejingzhun.platform.registry.instruments.rules import Filing, problems_of
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.procedures.record import Item


@transaction.atomic
def file(actor: Actor, holder_id: int, filing: Filing, at: datetime) -> Instrument:
    """File an instrument in the holder's name; the one filed before where it is filed again.

    For the holder's own people, and on their behalf for the receptionists of the institutes of their region. Raises
    InstrumentError with every problem of the fields, or where the instrument stands in another's name.
    """
    holder = organisation(holder_id)
    if not (may_act(actor, Role.HOLDER, holder_id) or _receives_from(actor, holder.region)):
        raise NotPermittedError(f"{actor.name} 不是该单位的经办人，也不是其所在地检定机构的收发人员，不能代其备案")
    known, details = _checked(filing, local_date(at))
    details |= {"holder": holder, "filed_at": at}
    instrument, created = Instrument.objects.get_or_create(**known, defaults=details)
    if instrument.holder_id != holder_id:
        raise InstrumentError(
            f"出厂编号：{known['maker']} 的 {known['model']} 编号 {known['serial']} 已备案在另一单位名下；"
            "请由原单位办理转移，或核对编号"
        )
    if created:
        record_event(actor, "器具备案", "instrument", instrument.pk, at, after=known | {"holder": holder_id})
    return instrument


@transaction.atomic
def hand_over(actor: Actor, instrument_id: int, to_credit_code: str, at: datetime) -> Instrument:
    """Put an instrument into another holder's name; by the holder whose it is."""
    instrument = _lock_own(actor, instrument_id)
    to = organisation_of_credit_code(to_credit_code.strip())
    if to.pk == instrument.holder_id:
        raise InstrumentError("接收单位：就是现在的使用单位")
    before, instrument.holder = instrument.holder_id, to
    instrument.save(update_fields=["holder"])
    record_event(actor, "器具转移", "instrument", instrument.pk, at, before={"holder": before}, after={"holder": to.pk})
    return instrument


@transaction.atomic
def relocate(actor: Actor, instrument_id: int, region: str, place: str, at: datetime) -> Instrument:
    """Say where an instrument is now."""
    instrument = _lock_own(actor, instrument_id)
    _check_region(region)
    before = {"region": instrument.region, "place": instrument.place}
    instrument.region, instrument.city, instrument.place = region, region[:4], place.strip()
    instrument.save(update_fields=["region", "city", "place"])
    after = {"region": region, "place": instrument.place}
    record_event(actor, "器具移址", "instrument", instrument.pk, at, before=before, after=after)
    return instrument


@transaction.atomic
def set_in_use(actor: Actor, instrument_id: int, in_use: InUse, reason: str, at: datetime) -> Instrument:
    """Stop using an instrument, use it again, or scrap it for good."""
    instrument = _lock_own(actor, instrument_id)
    if instrument.in_use == InUse.SCRAPPED:
        raise InstrumentError("使用状态：已报废的器具不能再用")
    if not reason.strip():
        raise InstrumentError("原因：没有填写")
    before, instrument.in_use = instrument.in_use, in_use
    instrument.save(update_fields=["in_use"])
    after = {"in_use": str(in_use)}
    record_event(
        actor,
        "器具状态",
        "instrument",
        instrument.pk,
        at,
        before={"in_use": before},
        after=after,
        reason=reason.strip(),
    )
    return instrument


def file_instrument(actor: Actor, item: Item, regulation: str, holder_id: int, at: datetime) -> Instrument:
    """The instrument of that maker, model, serial and kind, filed now if it wasn't; inside the caller's transaction.

    The caller has checked the right: filing happens with the acceptance of a verification.
    """
    holder = organisation(holder_id)
    known = {
        "maker": item.maker.strip(),
        "model": item.model.strip(),
        "serial": item.serial.strip(),
        "regulation_series": regulation.rpartition("-")[0],
    }
    details = {
        "name": item.name.strip(),
        "regulation": regulation,
        "item": item_of_regulation(regulation, local_date(at)) or "",
        "holder": holder,
        "region": holder.region,
        "city": holder.region[:4],
        "filed_at": at,
    }
    instrument, created = Instrument.objects.get_or_create(**known, defaults=details)
    if created:
        record_event(actor, "器具备案", "instrument", instrument.pk, at, after=known | {"holder": holder.name})
    return instrument


def note_verification(instrument_id: int, certificate: str, passed: bool | None, valid_until: date | None) -> None:
    """The certificate that now speaks for an instrument, none where `certificate` is empty; for `certificates`.

    Kept beside the instrument so that what falls due is one scan of an index.
    """
    Instrument.objects.filter(pk=instrument_id).update(
        last_certificate=certificate, last_passed=passed, valid_until=valid_until
    )


def _checked(filing: Filing, on: date) -> tuple[dict[str, str], dict[str, object]]:
    """What an instrument is known by, and the rest; raises InstrumentError with every problem."""
    texts = {key: str(value).strip() for key, value in asdict(filing).items()}
    problems = list(problems_of(texts))
    if texts["region"] not in divisions():
        problems.append(f"所在行政区划：广东省没有代码 {texts['region'][:12]!r}")
    if texts["use"] not in Use.values:
        problems.append(f"用途：应为 {'、'.join(Use.values)} 之一，为 {texts['use'][:20]!r}")
    if texts["item"]:
        try:
            entry(texts["item"], on)
        except UnknownEntryError as error:
            problems.append(f"强制管理目录项目：{error}")
    if problems:
        raise InstrumentError(*problems)
    series = texts["regulation"].rpartition("-")[0] or texts["regulation"]
    known = {key: texts.pop(key) for key in ("maker", "model", "serial")} | {"regulation_series": series}
    return known, texts | {"city": texts["region"][:4]}


def _receives_from(actor: Actor, region: str) -> bool:
    found = [grant for grant in actor.grants if grant.role is Role.RECEPTIONIST and is_within(region, grant.region)]
    return bool(institutes_among(grant.organisation_id for grant in found))


def _check_region(region: str) -> None:
    if region not in divisions():
        raise InstrumentError(f"所在行政区划：广东省没有代码 {region[:12]!r}")


def _lock_own(actor: Actor, instrument_id: int) -> Instrument:
    found = Instrument.objects.select_for_update().filter(pk=instrument_id).first()
    if found is None or not may_act(actor, Role.HOLDER, found.holder_id):
        # One answer for both, so that nobody learns by trying what others hold.
        raise UnknownInstrumentError(f"没有编号为 {instrument_id} 的器具，或不在您的单位名下")
    return found
