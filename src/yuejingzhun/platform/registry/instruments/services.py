"""Filing of measuring instruments."""

from datetime import date, datetime

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.procedures.record import Item


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
