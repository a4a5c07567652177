"""Reads of measuring instruments."""

from yuejingzhun.platform.registry.instruments.models import Instrument


def instrument(instrument_id: int) -> Instrument | None:
    """The instrument with its holder, or None."""
    return Instrument.objects.select_related("holder").filter(pk=instrument_id).first()
