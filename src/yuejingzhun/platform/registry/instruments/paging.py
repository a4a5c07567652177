"""Where a page of a list ended, as an address or the JSON interface says it to have the next one."""

from collections.abc import Sequence
from datetime import date

from yuejingzhun.platform.foundation.parties.divisions import divisions
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.instruments.queries import PAGE, Place

LARGEST_KEY = 2**63 - 1


def place_of(text: str) -> Place | None:
    """From 2026-11-24.17, or .17 among those without a day; None for the beginning, and for what says nothing."""
    day, _, key = text.partition(".")
    try:
        return (date.fromisoformat(day) if day else None, _key(key)) if key else None
    except ValueError:
        return None


def place_text(found: Sequence[Instrument]) -> str:
    """The place behind a page, "" behind the last one."""
    return f"{found[-1].valid_until or ''}.{found[-1].pk}" if len(found) == PAGE else ""


def county_place_of(text: str) -> tuple[str, int]:
    """From 440106.17, in a list by county."""
    county, _, key = text.partition(".")
    try:
        return (county, _key(key)) if county in divisions() else ("", 0)
    except ValueError:
        return "", 0


def county_place_text(found: Sequence[Instrument]) -> str:
    """As `place_text`, in a list by county."""
    return f"{found[-1].region}.{found[-1].pk}" if len(found) == PAGE else ""


def _key(text: str) -> int:
    return min(int(text), LARGEST_KEY)
