"""Filing of measuring instruments, and what their holders do with them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from django.db import connection, transaction

from yuejingzhun.platform.foundation.audit.services import Change, record_event, record_events
from yuejingzhun.platform.foundation.events.services import Item as EventItem
from yuejingzhun.platform.foundation.events.services import publish, publish_many
from yuejingzhun.platform.foundation.parties.divisions import divisions
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import organisation, organisation_of_credit_code
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.registry.approvals.conformity import misfit
from yuejingzhun.platform.registry.catalogue.errors import UnknownEntryError
from yuejingzhun.platform.registry.catalogue.queries import entry, item_of_regulation
from yuejingzhun.platform.registry.instruments.desks import desks
from yuejingzhun.platform.registry.instruments.errors import InstrumentError, UnknownInstrumentError
from yuejingzhun.platform.registry.instruments.models import Instrument, InUse, Use
from yuejingzhun.platform.registry.instruments.rules import Filing, problems_of
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.procedures.record import Item

ROWS = 1000  # of one statement
NOTE = """
update instruments_instrument as i
set last_certificate = noted.certificate, last_passed = noted.passed, valid_until = noted.until
from unnest(%s::bigint[], %s::text[], %s::bool[], %s::date[]) as noted (id, certificate, passed, until)
where i.id = noted.id
"""
Known = tuple[str, str, str, str]  # what tells an instrument from all others: maker, model, serial, series


@dataclass(frozen=True, slots=True)
class Speaks:
    """The certificate that now speaks for an instrument; none where `certificate` is empty."""

    instrument_id: int
    certificate: str = ""
    passed: bool | None = None
    valid_until: date | None = None


@transaction.atomic
def file(actor: Actor, holder_id: int, filing: Filing, at: datetime) -> Instrument:
    """File an instrument in the holder's name; the one filed before where it is filed again.

    For the holder's own people, and on their behalf for the receptionists of the institutes of their region and for
    its regulators, as with a table of instruments (`desks`). Raises InstrumentError with every problem of the fields,
    or where the instrument stands in another's name.
    """
    holder = organisation(holder_id)
    if all(desk.refusal(holder_id, holder.region) for desk in desks(actor)):
        raise NotPermittedError(
            f"{actor.name} 不是该单位的经办人，也不是其所在地检定机构的收发人员或监管人员，不能代其备案"
        )
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
        publish_many([_filed(instrument, at)])
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
    key = f"{instrument.pk}:{at.isoformat()}"
    publish("instrument-use-changed", instrument.holder_id, key, at, {"instrument_id": instrument.pk, **after})
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


def file_instruments(actor: Actor, items: Sequence[tuple[Item, str]], holder_id: int, at: datetime) -> list[Instrument]:
    """The instruments of those makers, models, serials and kinds, each with its regulation, in their order.

    Filed now where they weren't; inside the caller's transaction. The caller has checked the right: filing happens
    with the acceptance of a verification.
    """
    holder = organisation(holder_id)
    made = {_known(item, regulation): (item, regulation) for item, regulation in items}
    found = _on_record(made)
    # In one order, so that two who file the same instruments wait for one another and don't lock each other out.
    missing = {
        known: Instrument(
            **_named(known),
            name=item.name.strip(),
            regulation=regulation,
            item=item_of_regulation(regulation, local_date(at)) or "",
            holder=holder,
            region=holder.region,
            city=holder.region[:4],
            filed_at=at,
        )
        for known, (item, regulation) in sorted(made.items(), key=lambda each: each[0])
        if known not in found
    }
    if missing:
        Instrument.objects.bulk_create(missing.values(), batch_size=ROWS, ignore_conflicts=True)
        # Whoever was quicker filed it with a tag of theirs, and told of it.
        filed = _on_record(missing)
        ours = [(known, filed[known]) for known in missing if filed[known].tag == missing[known].tag]
        after = {"holder": holder.name}
        changes = [Change(instrument.pk, after=_named(known) | after) for known, instrument in ours]
        record_events(actor, "器具备案", "instrument", changes, at)
        publish_many([_filed(instrument, at) for _, instrument in ours])
        found |= filed
    return [found[_known(item, regulation)] for item, regulation in items]


def note_verifications(noted: Sequence[Speaks]) -> None:
    """The certificates that now speak for instruments; for `certificates`, inside its transaction.

    Kept beside the instrument so that what falls due is one scan of an index.
    """
    columns = ([getattr(each, name) for each in noted] for name in Speaks.__slots__)
    with connection.cursor() as cursor:
        cursor.execute(NOTE, list(columns))


def _filed(instrument: Instrument, at: datetime) -> EventItem:
    """The news that a holder filed an instrument."""
    payload = {"instrument_id": instrument.pk, "item": instrument.item, "region": instrument.region}
    return EventItem("instrument-filed", instrument.holder_id, str(instrument.pk), at, payload)


def _known(item: Item, regulation: str) -> Known:
    return item.maker.strip(), item.model.strip(), item.serial.strip(), regulation.rpartition("-")[0]


def _named(known: Known) -> dict[str, str]:
    return dict(zip(("maker", "model", "serial", "regulation_series"), known, strict=True))


def _on_record(wanted: Mapping[Known, object]) -> dict[Known, Instrument]:
    makers, models, serials, series = (set(part) for part in zip(*wanted, strict=True)) if wanted else ((),) * 4
    rows = Instrument.objects.filter(
        maker__in=makers, model__in=models, serial__in=serials, regulation_series__in=series
    )
    found = {(row.maker, row.model, row.serial, row.regulation_series): row for row in rows}
    return {known: row for known, row in found.items() if known in wanted}


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
    if texts["type_approval"] and (why := misfit(texts["type_approval"], texts["maker"], texts["model"])):
        problems.append(f"型式批准证书号：{why}；请核对铭牌上的编号、制造单位与型号")
    if problems:
        raise InstrumentError(*problems)
    series = texts["regulation"].rpartition("-")[0] or texts["regulation"]
    known = {key: texts.pop(key) for key in ("maker", "model", "serial")} | {"regulation_series": series}
    return known, texts | {"city": texts["region"][:4]}


def _check_region(region: str) -> None:
    if region not in divisions():
        raise InstrumentError(f"所在行政区划：广东省没有代码 {region[:12]!r}")


def _lock_own(actor: Actor, instrument_id: int) -> Instrument:
    found = Instrument.objects.select_for_update().filter(pk=instrument_id).first()
    if found is None or not may_act(actor, Role.HOLDER, found.holder_id):
        # One answer for both, so that nobody learns by trying what others hold.
        raise UnknownInstrumentError(f"没有编号为 {instrument_id} 的器具，或不在您的单位名下")
    return found
