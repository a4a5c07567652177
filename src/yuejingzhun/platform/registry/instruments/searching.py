"""Instruments found by what people remember: a fragment of the number, the model, the maker, or a word of the name.

Words are looked for among the known types (some 10^4 rows), numbers in an index of their fragments of three
characters. A number with one slip of the hand is still found, since one half of it must be right.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from django.db import connection, transaction
from django.db.models import BooleanField, Q, prefetch_related_objects
from django.db.models.expressions import RawSQL

from yuejingzhun.platform.foundation.parties.divisions import Level, division
from yuejingzhun.platform.registry.instruments.models import Instrument

SHORTEST_FRAGMENT = 3
LONGEST = 60
MOST = 50
MOST_TYPES = 20_000  # far more than there are: within a narrow reach any of them may be the one
WHOLE_NUMBER = 6  # from so many characters on, what is a number is taken for one, and not for a part of others
NEAR = 1000  # candidates that are compared with a mistyped number
# What a frequent fragment's bitmap needs; with less, PostgreSQL would compare whole pages row by row.
MEMORY = "SET LOCAL work_mem = '64MB'"

# Planning is most of what a look-up costs, and an order among the few that there are is half of the planning.
EXACT = "SELECT * FROM instruments_instrument i WHERE serial = %(text)s AND {reach} LIMIT %(most)s"
EXACT_FIRST = "SELECT * FROM instruments_instrument i WHERE serial = %(text)s AND {reach} ORDER BY id LIMIT %(most)s"
# Materialised, since the planner mistakes how often a fragment comes: told of the limit and an order, it would walk
# through the whole table for what is found nowhere. What is read of it ends with the limit all the same.
FRAGMENT = """
WITH those AS MATERIALIZED (
    SELECT id FROM instruments_instrument i
    WHERE grams(serial, 3) @> grams(%(text)s, 3) AND strpos(folded(serial), folded(%(text)s)) > 0 AND {reach})
SELECT id FROM (SELECT id FROM those LIMIT %(most)s) AS first ORDER BY id
"""
# Each type by itself, so that the first of a frequent type doesn't hide the others.
OF_TYPES = """
SELECT i.id FROM ({types}) AS t CROSS JOIN LATERAL (
    SELECT id FROM instruments_instrument i
    WHERE i.maker = t.maker AND i.model = t.model AND {reach} LIMIT %(most)s) AS i
LIMIT %(most)s
"""
# A holder has few instruments of few types: these are read, and not those of every type that has the word.
OF_TYPES_HELD = """
WITH t AS MATERIALIZED ({types}),
held AS MATERIALIZED (SELECT id, maker, model FROM instruments_instrument i WHERE {reach})
SELECT id FROM held WHERE (maker, model) IN (SELECT maker, model FROM t) LIMIT %(most)s
"""
# Some of a holder's, to see whether they are few; and the same said of each row, for a list that is read in its order.
OF_HOLDER = """
WITH t AS MATERIALIZED ({types}),
numbered AS MATERIALIZED (SELECT id FROM instruments_instrument i WHERE {reach} AND {numbers}),
typed AS MATERIALIZED (SELECT id FROM instruments_instrument i
                       WHERE {reach} AND (maker, model) IN (SELECT maker, model FROM t))
SELECT id FROM (SELECT id FROM numbered UNION ALL SELECT id FROM typed) AS found LIMIT %(most)s
"""
HAS_TEXT = """
(instruments_instrument.maker, instruments_instrument.model) IN ({types}) OR {numbers}
"""
FEW = 2000
NUMBER = "(serial = %(text)s)"
HAS_NUMBER = "strpos(folded(instruments_instrument.serial), folded(%(text)s)) > 0"
NUMBERS = "grams(serial, 3) @> grams(%(text)s, 3) AND strpos(folded(serial), folded(%(text)s)) > 0"
TEXT = "maker || ' ' || model || ' ' || name"
TYPES_WITH = """
SELECT maker, model FROM instruments_knowntype WHERE {known}
GROUP BY maker, model ORDER BY min(strpos(folded(model), folded(%(text)s))), maker, model LIMIT %(types)s
"""
WORD = "grams({text}, 2) @> grams(%(text)s, 2) AND strpos(folded({text}), folded(%(text)s)) > 0"
CHARACTER = "strpos(folded({text}), folded(%(text)s)) > 0"
# Those that share at least half of the fragments of a mistyped word.
TYPES_LIKE = """
SELECT maker, model FROM (
    SELECT maker, model, max(cardinality(ARRAY(
        SELECT unnest(grams({text}, 2)) INTERSECT SELECT unnest(grams(%(text)s, 2))))) AS shared
    FROM instruments_knowntype WHERE grams({text}, 2) && grams(%(text)s, 2) GROUP BY maker, model) AS near
WHERE 2 * shared >= cardinality(grams(%(text)s, 2)) ORDER BY shared DESC, maker, model LIMIT %(types)s
"""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose instruments may be found: those of a region, those of some holders, or of both."""

    regions: tuple[str, ...] = ()
    holders: tuple[int, ...] = ()

    def condition(self) -> tuple[str, dict[str, object]]:
        """SQL over `i`, with its parameters; regions as ranges, which an index can follow.

        The city, though it follows from the range, tells a table that is spread by city which part to ask.
        """
        parts, values = ["i.holder_id = ANY(%(holders)s)"], {"holders": list(self.holders)}
        for n, region in enumerate(self.regions):
            low, high = _range(region)
            here = "" if division(region).level is Level.PROVINCE else f"i.city = %(city{n})s AND "
            parts.append(f"{here}i.region BETWEEN %(low{n})s AND %(high{n})s")
            values |= {f"city{n}": region[:4], f"low{n}": low, f"high{n}": high}
        return f"({' OR '.join(parts if self.holders else parts[1:] or parts)})", values

    def check(self) -> tuple[str, dict[str, object]]:
        """The same for the few rows that an index of something else finds: nothing that the planner would weigh."""
        parts, values = ["i.holder_id = ANY(%(holders)s)"], {"holders": list(self.holders)}
        for n, region in enumerate(self.regions):
            level = division(region).level
            here = f"left(i.city, 2) = %(city{n})s" if level is Level.PROVINCE else f"i.city = %(city{n})s"
            parts.append(f"{here} AND i.region = %(county{n})s" if level is Level.COUNTY else here)
            values |= {f"city{n}": region[: 2 if level is Level.PROVINCE else 4], f"county{n}": region}
        return f"({' OR '.join(parts if self.holders else parts[1:] or parts)})", values

    def cities(self) -> Q:
        """The cities that the regions lie in; no condition where they aren't all that there is."""
        if self.holders or any(division(region).level is Level.PROVINCE for region in self.regions):
            return Q()
        return Q(city__in={region[:4] for region in self.regions})

    def apart(self) -> "Sequence[Reach]":
        """The regions and the holders, each by itself: what reads one well reads the other badly."""
        return [Reach(regions=self.regions)] * bool(self.regions) + [Reach(holders=self.holders)] * bool(self.holders)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; `mistyped` where nothing has the text itself, and these are only like it."""

    instruments: Sequence[Instrument]
    mistyped: bool
    more: bool


def wanted_of(text: str) -> str:
    """What is looked for, of what was typed."""
    return normalize("NFKC", text.replace("\0", "")).strip()[:LONGEST]


def search(text: str, reach: Reach) -> Found:
    """At most 50 instruments within reach, those of that number first, for a text of up to 60 characters."""
    wanted = wanted_of(text)
    if not wanted:
        return Found((), False, False)
    exact = of_number(wanted, reach)
    if exact and len(wanted) >= WHOLE_NUMBER:
        return Found(exact[:MOST], False, len(exact) > MOST)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(MEMORY)
        found = [*(one.pk for one in exact), *_with_fragment(wanted, reach), *_of_words(wanted, reach)]
        keys = list(dict.fromkeys(found))
        mistyped = not keys
        if mistyped:
            keys = _with_one_slip(wanted, reach) or _like_words(wanted, reach)
        return Found(_read(keys[:MOST], reach), mistyped and bool(keys), len(keys) > MOST)


def of_holder(text: str, holder_id: int) -> Q | RawSQL:
    """What a holder's instruments with that text have in common, for a list to be narrowed by; no mistake allowed.

    Few are named by their keys. Where there are many, most of the list has the text, and it is read in its order.
    """
    wanted = wanted_of(text)
    types = TYPES_WITH.format(known=(WORD if len(wanted) > 1 else CHARACTER).format(text=TEXT))
    short = len(wanted) < SHORTEST_FRAGMENT
    query = OF_HOLDER.replace("{numbers}", NUMBER if short else NUMBERS)
    keys = set(_keys(query, wanted, Reach(holders=(holder_id,)), types=types, most=FEW + 1))
    if len(keys) <= FEW:
        return Q(pk__in=keys)
    named = HAS_TEXT.format(types=types, numbers=NUMBER if short else HAS_NUMBER)
    values = {"text": wanted, "types": MOST_TYPES}
    # The outer query's parameters go by their places.
    places = [values[name] for name in re.findall(r"%\((\w+)\)s", named)]
    condition = re.sub(r"%\(\w+\)s", "%s", named)
    return RawSQL(condition, places, BooleanField())  # noqa: S611 - of the constants above alone


def of_number(serial: str, reach: Reach) -> list[Instrument]:
    """Those of exactly that serial number within reach, the 51 first filed at most, with their holders.

    These are read apart: two short statements are planned in half the time of a join.
    """
    condition, values = reach.check()
    values |= {"text": serial, "most": MOST + 1}
    found = sorted(Instrument.objects.raw(EXACT.format(reach=condition), values), key=lambda one: one.pk)
    if len(found) > MOST:
        found = list(Instrument.objects.raw(EXACT_FIRST.format(reach=condition), values))
    prefetch_related_objects(found, "holder")
    return found


def _with_fragment(text: str, reach: Reach) -> list[int]:
    return [] if len(text) < SHORTEST_FRAGMENT else _keys(FRAGMENT, text, reach)


def _of_words(text: str, reach: Reach) -> list[int]:
    known = (WORD if len(text) > 1 else CHARACTER).format(text=TEXT)
    return _of_types(TYPES_WITH.format(known=known), text, reach)


def _like_words(text: str, reach: Reach) -> list[int]:
    return [] if len(text) < SHORTEST_FRAGMENT else _of_types(TYPES_LIKE.format(text=TEXT), text, reach)


def _of_types(types: str, text: str, reach: Reach) -> list[int]:
    found: list[int] = []
    for part in reach.apart():
        found += _keys(OF_TYPES_HELD if part.holders else OF_TYPES, text, part, types=types)
    return found


def _with_one_slip(text: str, reach: Reach) -> list[int]:
    half = len(text) // 2
    if half < SHORTEST_FRAGMENT:
        return []
    near = [key for part in (text[:half], text[half:]) for key in _keys(FRAGMENT, part, reach, most=NEAR)]
    serials = Instrument.objects.filter(reach.cities(), pk__in=near).values_list("pk", "serial")
    return [key for key, serial in serials if is_one_slip(text.lower(), normalize("NFKC", serial).lower())]


def is_one_slip(typed: str, true: str) -> bool:
    """Whether one character was replaced, left out or added, or two neighbours were swapped."""
    if typed == true or abs(len(typed) - len(true)) > 1:
        return False
    start = next((n for n, (a, b) in enumerate(zip(typed, true, strict=False)) if a != b), min(len(typed), len(true)))
    a, b = typed[start:], true[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _keys(query: str, text: str, reach: Reach, *, types: str = "", most: int = MOST + 1) -> list[int]:
    condition, values = reach.condition()
    with connection.cursor() as cursor:
        cursor.execute(
            query.format(reach=condition, types=types), values | {"text": text, "most": most, "types": MOST_TYPES}
        )
        return [key for (key,) in cursor.fetchall()]


def _read(keys: Sequence[int], reach: Reach) -> list[Instrument]:
    found = Instrument.objects.filter(reach.cities()).select_related("holder").in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _range(region: str) -> tuple[str, str]:
    level = division(region).level
    if level is Level.COUNTY:
        return region, region
    kept = region[:2] if level is Level.PROVINCE else region[:4]
    return kept.ljust(6, "0"), kept.ljust(6, "9")
