"""Reads of the outbox."""

from yuejingzhun.platform.foundation.events.models import Delivery


def waiting(most: int = 1_000) -> int:
    """How many deliveries wait, counted up to `most`."""
    return Delivery.objects.all()[:most].count()


def failures(most: int = 100) -> list[Delivery]:
    """What subscribers couldn't take so far, the oldest first, with the events."""
    return list(Delivery.objects.filter(attempts__gt=0).select_related("event").order_by("subscriber", "event")[:most])
