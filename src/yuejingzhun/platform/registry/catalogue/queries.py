"""Reads of the catalogue; every one takes the day for which it is asked."""

from collections.abc import Sequence
from datetime import date

from yuejingzhun.platform.registry.catalogue import editions as files
from yuejingzhun.platform.registry.catalogue.editions import Edition
from yuejingzhun.platform.registry.catalogue.errors import UnknownEntryError
from yuejingzhun.platform.registry.catalogue.rules import (
    Entry,
    Interval,
    Verification,
    covers,
    entry_of_series,
    in_force,
    series,
    strictest,
)


def edition(on: date) -> Edition:
    """The edition in force on that day; raises UnknownEntryError before the first on record."""
    found = [candidate for candidate in files.editions() if candidate.effective_from <= on]
    if not found:
        first = files.editions()[0].effective_from
        raise UnknownEntryError(f"{on} 适用的强制管理目录没有收录，最早的一版自 {first} 起施行")
    return found[-1]


def entries(on: date) -> tuple[Entry, ...]:
    """All entries in force on that day, of both levels, in the order of the catalogue."""
    return tuple(edition(on).entries.values())


def entry(code: str, on: date) -> Entry:
    """The entry of that code on that day; raises UnknownEntryError."""
    found = edition(on).entries.get(code)
    if found is None:
        raise UnknownEntryError(f"{on} 的强制管理目录没有项目 {code[:20]!r}")
    return found


def leaves(code: str, on: date) -> tuple[Entry, ...]:
    """The entries of the second level that the code names or contains; raises UnknownEntryError."""
    entry(code, on)
    return tuple(found for found in entries(on) if found.parent is not None and covers(code, found.code))


def items_to_verify(on: date) -> tuple[Entry, ...]:
    """The entries of the second level that ask for mandatory verification on that day."""
    return tuple(found for found in entries(on) if found.required(on) is not Verification.NONE)


def requires_verification(code: str, use: str, on: date) -> Verification:
    """What an instrument of that entry in that use ("trade", ...) must undergo: FIRST, PERIODIC or NONE.

    Asked of an entry of the first level, the most that any of its children asks for. Raises UnknownEntryError.
    """
    return strictest(found.required_for(use, on) for found in leaves(code, on))


def requires_type_approval(code: str, on: date) -> bool:
    """Whether anything under that entry needs type approval; raises UnknownEntryError."""
    return any(found.type_approval for found in leaves(code, on))


def intervals_of(code: str, on: date) -> tuple[Interval, ...]:
    """The intervals by which instruments of that entry fall due on that day; raises UnknownEntryError."""
    names = dict.fromkeys(name for found in leaves(code, on) for name in found.regulations)
    return in_force(files.intervals(), tuple(names), on)


def interval_months(code: str, on: date, regulation: str | None = None) -> int | None:
    """The shortest interval, in months, of the entry, by one regulation only where it is given; None for unknown.

    The shortest, since it depends on class and kind: the certificate says the date that counts.
    """
    wanted = None if regulation is None else series(regulation)
    found = [known.months for known in intervals_of(code, on) if wanted in (None, known.regulation)]
    return min(found, default=None)


def item_of_regulation(regulation: str, on: date) -> str | None:
    """The code of the narrowest entry for what that regulation covers, given with or without its year."""
    return entry_of_series(entries(on), regulation)


def series_of(code: str, on: date) -> frozenset[str]:
    """The regulations, without their years, by which instruments of that entry are verified."""
    return frozenset(name for found in leaves(code, on) for name in found.regulations)


def named_like(text: str, on: date) -> tuple[Entry, ...]:
    """The entries with the text in their name, code, scope or regulations, each with its parent, in order."""
    wanted = text.strip().casefold()
    if not wanted:
        return entries(on)
    hits = [found for found in entries(on) if wanted in _words(found)]
    return _with_family(hits, on)


def _words(found: Entry) -> str:
    return " ".join((found.code, found.name, found.scope, *found.regulations)).casefold()


def _with_family(hits: Sequence[Entry], on: date) -> tuple[Entry, ...]:
    """The parents of what was found, and the children of a parent that was found by itself."""
    whole = {found.code for found in hits if found.parent is None}
    kept = whole | {found.code for found in hits} | {found.parent for found in hits}
    return tuple(found for found in entries(on) if found.code in kept or found.parent in whole)
