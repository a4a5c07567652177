"""The institutes of the synthetic province: 89 legal and 17 authorised ones with their scope, and who works there."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from yuejingzhun.demo.figures import AUTHORISED_INSTITUTES, LEGAL_INSTITUTES, METROLOGISTS, SEED, Places
from yuejingzhun.platform.foundation.parties.credit_code import check_character
from yuejingzhun.platform.foundation.parties.divisions import PROVINCE, Level, division, divisions, full_name
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.registry.catalogue.queries import items_to_verify
from yuejingzhun.platform.registry.catalogue.rules import Entry
from yuejingzhun.platform.registry.qualifications.models import Authorisation, AuthorisedItem, Registration
from yuejingzhun.procedures.catalogue import procedures

# What a county's institute verifies: the frequent kinds. The share of the others is an assumption.
OF_A_COUNTY = ("02.1", "14.1", "14.2", "16.1", "08.1", "18.1", "11.1", "01.2")
SHARE_OF_A_CITY = 0.75
ENDED, SHORT = 0.03, timedelta(days=120)
TERM = timedelta(days=5 * 365)


@dataclass(frozen=True, slots=True)
class Institute:
    """An institute with what it is authorised for: codes of the catalogue."""

    key: int
    kind: str
    level: str
    region: str
    items: tuple[str, ...]


def load_institutes(places: Places, by: Person, at: datetime, today: date) -> list[Institute]:
    """All of them, those included that the demonstration accounts work at."""
    generator = np.random.default_rng([SEED, 7])
    entries = items_to_verify(today)
    there = {one.region: one for one in Organisation.objects.filter(kind="institute", authorisations__kind="legal")}
    cities = [code for code, one in divisions().items() if one.level is Level.CITY]
    counties = [code for code in places.codes if division(code).level is Level.COUNTY]
    weights = np.array([places.people[places.codes.index(code)] for code in counties])
    own = LEGAL_INSTITUTES - 1 - len(cities)
    with_one = generator.choice(len(counties), own, replace=False, p=weights / weights.sum())
    regions = [PROVINCE, *cities, *(counties[place] for place in sorted(with_one))]
    found = [
        _load(region, "legal", n, there.get(region), _scope(region, entries, generator), by, at, today)
        for n, region in enumerate(regions)
    ]
    for n in range(AUTHORISED_INSTITUTES):
        few = generator.choice(len(entries), 4, replace=False)
        scope = tuple(entries[place].code for place in sorted(few))
        found.append(_load(PROVINCE, "authorised", LEGAL_INSTITUTES + n, None, scope, by, at, today))
    return found


def load_metrologists(institutes: Sequence[Institute], by: Person, at: datetime, today: date) -> None:
    """522 of the first level and 1,397 of the second, those included that are there; some terms have ended."""
    generator = np.random.default_rng([SEED, 8])
    weights = np.array([{"province": 12.0, "city": 4.0, "county": 1.0}[one.level] for one in institutes])
    levels = []
    for level, count in METROLOGISTS.items():
        levels += [level] * (count - Registration.objects.filter(level=level).count())
    works_at = generator.choice(len(institutes), len(levels), p=weights / weights.sum())
    people = Person.objects.bulk_create(
        Person(name=f"演示计量师{n:04}", organisation_id=institutes[place].key) for n, place in enumerate(works_at, 1)
    )
    codes = list(procedures())
    rows = []
    for n, (person, level) in enumerate(zip(people, levels, strict=True), 1):
        starts, ends = _term(generator, today)
        own = sorted(generator.choice(len(codes), int(generator.integers(1, 6)), replace=False))
        rows.append(
            Registration(
                person=person,
                institute_id=person.organisation_id,
                level=level,
                number=f"演示注册虚拟 {n:04}",
                regulations=[codes[place] for place in own],
                act="registration",
                valid_from=starts,
                valid_until=ends,
                granted_by=by,
                granted_at=at,
            )
        )
    Registration.objects.bulk_create(rows)


def _scope(region: str, entries: Sequence[Entry], generator: np.random.Generator) -> tuple[str, ...]:
    level = division(region).level
    if level is Level.PROVINCE:
        return tuple(entry.code for entry in entries if generator.random() < 0.95)
    if level is Level.COUNTY:
        return OF_A_COUNTY
    drawn = {entry.code for entry in entries if generator.random() < SHARE_OF_A_CITY}
    return tuple(entry.code for entry in entries if entry.code in drawn or entry.code in OF_A_COUNTY)


def _load(
    region: str,
    kind: str,
    n: int,
    there: Organisation | None,
    scope: tuple[str, ...],
    by: Person,
    at: datetime,
    today: date,
) -> Institute:
    level = division(region).level.name.lower()
    institute = there or _organisation(region, kind, n)
    granted = Authorisation.objects.filter(institute=institute, kind=kind).first()
    if granted is None:
        starts, ends = _term(np.random.default_rng([SEED, 9, n]), today)
        granted = Authorisation.objects.create(
            institute=institute,
            kind=kind,
            level=level,
            number=institute.authorisation,
            valid_from=starts,
            valid_until=ends,
            granted_by=by,
            granted_at=at,
        )
    AuthorisedItem.objects.bulk_create(
        AuthorisedItem(authorisation=granted, item=code, region=region) for code in scope
    )
    return Institute(institute.pk, kind, level, region, scope)


def _organisation(region: str, kind: str, n: int) -> Organisation:
    first17 = f"12{region}MX1Y{n:05}"
    name = "计量检定院" if region == PROVINCE else "计量检定所"
    return Organisation.objects.create(
        name=f"演示虚拟授权计量站{n:02}" if kind == "authorised" else f"演示虚拟{full_name(region)}{name}",
        kind="institute",
        region=region,
        credit_code=first17 + check_character(first17),
        address=f"{full_name(region)}演示路 {n + 100} 号",
        phone="000-00000000",
        authorisation=f"（演示）法计（2024）{n:05}号",
    )


def _term(generator: np.random.Generator, today: date) -> tuple[date, date]:
    """Five years that hold today; of a few the end is near or past."""
    left = timedelta(days=int(generator.integers(120, 5 * 365)))
    if generator.random() < ENDED:
        left = -timedelta(days=int(generator.integers(1, SHORT.days)))
    return today + left - TERM, today + left
