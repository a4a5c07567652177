"""Instruments found by what people remember: a fragment of the number, the model, the maker, or a word of the name.

Words are looked for among the known types (some 10^4 rows), numbers in an index of their fragments of three
characters. A number with one slip of the hand is still found, since one half of it must be right.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import normalize

from django.db import connection

from yuejingzhun.platform.foundation.parties.divisions import Level, division
from yuejingzhun.platform.registry.instruments.models import Instrument

SHORTEST_FRAGMENT = 3
LONGEST = 60
MOST = 50
MOST_TYPES = 100
NEAR = 1000  # candidates that are compared with a mistyped number

EXACT = "SELECT id FROM instruments_instrument i WHERE serial = %(text)s AND {reach} ORDER BY id LIMIT %(most)s"
FRAGMENT = """
SELECT id FROM instruments_instrument i
WHERE grams(serial, 3) @> grams(%(text)s, 3) AND strpos(folded(serial), folded(%(text)s)) > 0 AND {reach}
ORDER BY id LIMIT %(most)s
"""
# Each type by itself, so that the first of a frequent type doesn't hide the others.
OF_TYPES = """
SELECT i.id FROM ({types}) AS t CROSS JOIN LATERAL (
    SELECT id FROM instruments_instrument i
    WHERE i.maker = t.maker AND i.model = t.model AND {reach} LIMIT %(most)s) AS i
LIMIT %(most)s
"""
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
        """SQL over `i`, with its parameters; regions as ranges, which an index can follow."""
        parts, values = ["i.holder_id = ANY(%(holders)s)"], {"holders": list(self.holders)}
        for n, region in enumerate(self.regions):
            low, high = _range(region)
            parts.append(f"i.region BETWEEN %(low{n})s AND %(high{n})s")
            values |= {f"low{n}": low, f"high{n}": high}
        return f"({' OR '.join(parts if self.holders else parts[1:] or parts)})", values


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found; `mistyped` where nothing has the text itself, and these are only like it."""

    instruments: Sequence[Instrument]
    mistyped: bool
    more: bool


def search(text: str, reach: Reach) -> Found:
    """At most 50 instruments within reach, those of that number first, for a text of up to 60 characters."""
    wanted = normalize("NFKC", text.replace("\0", "")).strip()[:LONGEST]
    if not wanted:
        return Found((), False, False)
    keys = list(dict.fromkeys([*_of_number(wanted, reach), *_of_words(wanted, reach)]))
    mistyped = not keys
    if mistyped:
        keys = _with_one_slip(wanted, reach) or _like_words(wanted, reach)
    return Found(_read(keys[:MOST]), mistyped and bool(keys), len(keys) > MOST)


def _of_number(text: str, reach: Reach) -> list[int]:
    exact = _keys(EXACT, text, reach)
    return exact + (_keys(FRAGMENT, text, reach) if len(text) >= SHORTEST_FRAGMENT else [])


def _of_words(text: str, reach: Reach) -> list[int]:
    known = (WORD if len(text) > 1 else CHARACTER).format(text=TEXT)
    return _keys(OF_TYPES, text, reach, types=TYPES_WITH.format(known=known))


def _like_words(text: str, reach: Reach) -> list[int]:
    return [] if len(text) < SHORTEST_FRAGMENT else _keys(OF_TYPES, text, reach, types=TYPES_LIKE.format(text=TEXT))


def _with_one_slip(text: str, reach: Reach) -> list[int]:
    half = len(text) // 2
    if half < SHORTEST_FRAGMENT:
        return []
    near = [key for part in (text[:half], text[half:]) for key in _keys(FRAGMENT, part, reach, most=NEAR)]
    serials = Instrument.objects.filter(pk__in=near).values_list("pk", "serial")
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


def _read(keys: Sequence[int]) -> list[Instrument]:
    found = Instrument.objects.select_related("holder").in_bulk(keys)
    return [found[key] for key in keys if key in found]


def _range(region: str) -> tuple[str, str]:
    level = division(region).level
    if level is Level.COUNTY:
        return region, region
    kept = region[:2] if level is Level.PROVINCE else region[:4]
    return kept.ljust(6, "0"), kept.ljust(6, "9")
