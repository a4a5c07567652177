"""Indicator 8 on the small province against a count by hand, and against one written anew in SQL for every division.

The hand count reads the definition files: the catalogue's 2020.csv and the demonstration's own rules. The count in SQL
shares nothing with the product's: it reads the raw tables, and the catalogue's file by itself.
"""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from conftest_demo import AT, TINY
from django.db import connection, transaction
from django.test import Client, override_settings

from yuejingzhun.demo import province
from yuejingzhun.demo.institutes import OF_A_COUNTY
from yuejingzhun.demo.loading import load_scale
from yuejingzhun.platform.foundation.parties.divisions import divisions
from yuejingzhun.platform.registry import catalogue
from yuejingzhun.platform.registry.qualifications.queries import coverage_of

ON = date(2026, 11, 24)
# By hand from catalogue/2020.csv: it has 83 entries of the second level. Five ask for type approval alone, so that 78
# ask for verification (74 periodic, 4 only the first) on any day since 2023.
ITEMS = 78
# By hand: of these one, 39.1, has no regulation on record, so that no standard can serve it. All others have one, and
# each city draws three quarters of them (institutes.SHARE_OF_A_CITY), so that none of the 77 is missing in all 21.
ESTABLISHED, GAP = 77, "39.1"
# By hand from OF_A_COUNTY: every entry that a county's institute is authorised for asks for verification, and has a
# regulation; the demonstration gives each a standard, a few of which have lapsed.
OF_COUNTIES = 8
# The six regions of the demonstration accounts' institutes are cities; 89 legal institutes, less the province's and
# those of the 21 cities, are in counties.
COUNTIES_WITH_ONE = 67

# A line answers an item by naming it or the entry above it, or the regulation, or both; it counts where the institute
# holds a standard, in date, for a regulation of the item, whatever the years of the regulations.
COUNT = r"""
WITH item AS (SELECT * FROM unnest(%(codes)s::text[], %(series)s::text[]) AS item(code, series)),
line AS (
    SELECT a.institute_id, a.level, l.item, regexp_replace(l.regulation, '-\d{4}$', '') AS regulation, l.region
    FROM qualifications_authoriseditem l JOIN qualifications_authorisation a ON a.id = l.authorisation_id
    WHERE %(on)s BETWEEN a.valid_from AND a.valid_until
      AND NOT EXISTS (SELECT 1 FROM qualifications_authorisation n
                      WHERE n.supersedes_id = a.id AND n.valid_from <= %(on)s)
      AND NOT EXISTS (SELECT 1 FROM qualifications_withdrawal w
                      WHERE w.authorisation_id = a.id AND w.effective_from <= %(on)s)),
held AS (
    SELECT s.owner_id, regexp_replace(r, '-\d{4}$', '') AS series
    FROM standards_measurementstandard s, unnest(s.regulations) AS r WHERE s.valid_until >= %(on)s)
SELECT DISTINCT item.code, line.level, line.region
FROM item JOIN held USING (series) JOIN line ON line.institute_id = held.owner_id
WHERE (line.item = '' OR line.item = item.code OR item.code LIKE line.item || '.%%')
  AND (line.regulation = '' OR line.regulation = item.series) AND (line.item <> '' OR line.regulation <> '')
"""


@pytest.fixture(scope="module")
def small(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The demonstration's accounts with their institutes, and the registries of the small province.

    These are the same at every scale; instruments and certificates, which don't matter here, are few or none.
    """
    folder = tmp_path_factory.mktemp("small")
    with django_db_blocker.unblock(), override_settings(DATA=folder, KEYS=folder / "keys"), transaction.atomic():
        with mock.patch.object(province, "_verifications"):
            province.load(AT, lambda _: None)
        load_scale(TINY, AT, lambda _: None)
        yield
        transaction.set_rollback(True)


def entries() -> dict[str, list[str]]:
    """The codes of the catalogue that ask for verification, with their regulations, as the file has them."""
    path = Path(catalogue.__file__).with_name("2020.csv")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["parent"] and row["verification"] != "none"]
    return {row["code"]: [name for name in row["regulations"].split(";") if name] for row in rows}


def counted() -> dict[str, tuple[set[str], set[str], set[str]]]:
    """By division what is established, what is served, and what institutes of counties establish; all from SQL."""
    pairs = [(code, name) for code, names in entries().items() for name in names]
    values = {"codes": [code for code, _ in pairs], "series": [name for _, name in pairs], "on": ON}
    with connection.cursor() as cursor:
        cursor.execute(COUNT, values)
        found = cursor.fetchall()
    counts = {}
    for region in divisions():
        around = {region, region[:4] + "00", "440000"}
        inside = region[:2] if region == "440000" else region[:4] if region.endswith("00") else region
        here = [(code, level, reach) for code, level, reach in found if reach in around or reach.startswith(inside)]
        counts[region] = (
            {code for code, _, _ in here},
            {code for code, _, reach in here if reach in around},
            {code for code, level, _ in here if level == "county"},
        )
    return counts


@pytest.mark.django_db
def test_the_indicator_of_the_province_is_what_was_counted_by_hand(small: None) -> None:
    (found,) = coverage_of(["440000"], ON)
    assert len(found.items) == len(entries()) == ITEMS
    assert len(found.established) == ESTABLISHED
    assert [entry.code for entry in found.gaps] == [GAP]
    share = found.share(found.established)
    assert share is not None and (share.numerator, share.denominator) == (ESTABLISHED, ITEMS)
    assert len(found.by_level["county"]) == len(OF_A_COUNTY) == OF_COUNTIES


@pytest.mark.django_db
def test_every_division_is_what_a_count_in_sql_finds(small: None) -> None:
    expected = counted()
    for found in coverage_of(list(divisions()), ON):
        established, served, of_counties = expected[found.region]
        assert found.established == established, found.region
        assert found.served == served, found.region
        assert found.by_level["county"] == of_counties, found.region
    assert len(expected["440000"][0]) == ESTABLISHED


@pytest.mark.django_db
def test_counties_have_what_their_institutes_and_those_above_have(small: None) -> None:
    found = {one.region: one for one in coverage_of(list(divisions()), ON)}
    with_one = [one for one in found.values() if one.by_level["county"] and not one.region.endswith("00")]
    # Three in a hundred authorisations have ended: a few of the counties' institutes count for nothing.
    assert COUNTIES_WITH_ONE * 0.85 <= len(with_one) <= COUNTIES_WITH_ONE
    for one in with_one:
        assert one.by_level["county"] <= set(OF_A_COUNTY)
        assert one.established == one.served  # whoever reaches into a county reaches all of it
        assert one.established >= found["440000"].by_level["province"]


@pytest.mark.django_db
def test_the_public_page_and_the_interface_say_the_same(small: None) -> None:
    page = Client().get("/coverage", {"on": str(ON)}).content.decode()
    assert "98.7" in page and GAP in page  # 77/78, rounded down
    (whole, *_) = Client().get("/api/v1/coverage", {"on": str(ON)}).json()
    assert whole["region"] == "440000"
