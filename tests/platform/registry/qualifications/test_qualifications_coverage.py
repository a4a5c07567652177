"""The coverage of mandatory verification: a hand count, and what must hold of any count."""

from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.platform.foundation.parties.divisions import divisions, is_within
from yuejingzhun.platform.registry.catalogue.queries import items_to_verify
from yuejingzhun.platform.registry.catalogue.rules import Entry, Use, Verification
from yuejingzhun.platform.registry.qualifications.coverage import Capability, Coverage, coverage, supply
from yuejingzhun.platform.registry.qualifications.rules import Scope


def entry(code: str, *regulations: str) -> Entry:
    uses = frozenset({Use.TRADE})
    return Entry(code, code[:2], code, False, Verification.PERIODIC, None, None, uses, "", regulations, "")


ITEMS = (entry("11.1", "JJG 162"), entry("19.1", "JJG 596", "JJG 307"), entry("39.1"), entry("08.1", "JJG 443"))
PROVINCE, GUANGZHOU, TIANHE, HAIZHU, SHENZHEN, DONGGUAN = "440000", "440100", "440106", "440105", "440300", "441900"
CAPABILITIES = (
    Capability(1, "province", Scope("19", "", PROVINCE)),  # meters in the whole province
    Capability(2, "city", Scope("11.1", "", GUANGZHOU)),
    Capability(2, "city", Scope("08.1", "", GUANGZHOU)),  # authorised, but the standard has lapsed
    Capability(3, "county", Scope("", "JJG 443-2015", TIANHE)),
    Capability(4, "city", Scope("11.1", "JJG 162-2019", SHENZHEN)),  # authorised, but no standard
)
STANDARDS = ((1, "JJG 307-2006"), (2, "JJG 162-2019"), (3, "JJG 443-2015"), (4, "JJG 443-2015"), (5, "JJG 162-2019"))


def count(region: str, standards: tuple[tuple[int, str], ...] = STANDARDS) -> Coverage:
    return coverage(ITEMS, supply(ITEMS, CAPABILITIES, standards), region)


def test_the_province_counted_by_hand() -> None:
    whole = count(PROVINCE)
    # Meters by the province's institute, water meters in Guangzhou, dispensers in Tianhe; sugar nowhere.
    assert whole.established == {"11.1", "19.1", "08.1"}
    assert whole.share(whole.established) == Fraction(3, 4)
    assert whole.served == {"19.1"}
    assert [found.code for found in whole.gaps] == ["39.1"]
    assert whole.by_level == {"province": {"19.1"}, "city": {"11.1"}, "county": {"08.1"}}


def test_the_regions_counted_by_hand() -> None:
    assert count(GUANGZHOU).established == {"11.1", "19.1", "08.1"}
    assert count(GUANGZHOU).served == {"11.1", "19.1"}
    assert count(TIANHE).served == count(TIANHE).established == {"11.1", "19.1", "08.1"}
    assert count(HAIZHU).established == {"11.1", "19.1"}
    assert count(SHENZHEN).established == count(DONGGUAN).established == {"19.1"}
    assert [found.code for found in count(SHENZHEN).unserved] == ["11.1", "39.1", "08.1"]


def test_no_items_have_no_share() -> None:
    nothing = coverage((), supply((), CAPABILITIES, STANDARDS), PROVINCE)
    assert nothing.share(nothing.established) is None


OWNERS = st.integers(1, 6)
REGIONS = st.sampled_from([PROVINCE, GUANGZHOU, TIANHE, HAIZHU, SHENZHEN, DONGGUAN, "440305"])
HELD = st.tuples(
    OWNERS, st.sampled_from(["JJG 162-2019", "JJG 596-2012", "JJG 307-2006", "JJG 443-2015", "JJG 1-1999"])
)
SCOPES = st.builds(
    Scope, st.sampled_from(["11.1", "19", "19.1", "08", "39.1"]), st.sampled_from(["", "JJG 596-2012"]), REGIONS
)
CAPABLE = st.builds(Capability, OWNERS, st.sampled_from(["province", "city", "county"]), SCOPES)


@given(st.lists(CAPABLE, max_size=12), st.lists(HELD, max_size=12), HELD, CAPABLE, REGIONS)
def test_one_more_standard_or_authorisation_never_lowers_the_share(
    capable: list[Capability], held: list[tuple[int, str]], standard: tuple[int, str], more: Capability, region: str
) -> None:
    before = coverage(ITEMS, supply(ITEMS, capable, held), region)
    for after in (
        coverage(ITEMS, supply(ITEMS, capable, [*held, standard]), region),
        coverage(ITEMS, supply(ITEMS, [*capable, more], held), region),
    ):
        assert before.established <= after.established
        assert before.served <= after.served
        assert all(codes <= after.by_level[level] for level, codes in before.by_level.items())


@given(st.lists(CAPABLE, max_size=12), st.lists(HELD, max_size=12))
def test_regions_and_levels_add_up(capable: list[Capability], held: list[tuple[int, str]]) -> None:
    supplied = supply(ITEMS, capable, held)
    found = {region: coverage(ITEMS, supplied, region) for region in divisions()}
    for region, one in found.items():
        assert one.served <= one.established
        assert one.established == frozenset().union(*one.by_level.values())
        assert set(one.established) | {gap.code for gap in one.gaps} == {entry.code for entry in ITEMS}
        for other, larger in found.items():
            if is_within(region, other):
                assert larger.served <= one.served  # who serves the whole serves the part
                assert one.established - one.served <= larger.established


@given(st.lists(CAPABLE, max_size=12), st.lists(HELD, max_size=12), REGIONS)
def test_the_count_is_that_of_the_definition_read_word_by_word(
    capable: list[Capability], held: list[tuple[int, str]], region: str
) -> None:
    expected = set()
    for item in ITEMS:
        for one in capable:
            named = one.scope.item in (item.code, item.code[:2])
            by = [name for owner, name in held if owner == one.institute_id and name[:-5] in item.regulations]
            by = [name for name in by if one.scope.regulation in ("", name)]
            near = is_within(region, one.scope.region) or is_within(one.scope.region, region)
            if named and by and near:
                expected.add(item.code)
    assert coverage(ITEMS, supply(ITEMS, capable, held), region).established == expected


def test_the_real_catalogue_has_items_to_count() -> None:
    items = items_to_verify(date(2026, 11, 24))
    everything = [Capability(1, "province", Scope(found.code, "", PROVINCE)) for found in items]
    standards = [(1, name) for found in items for name in found.regulations]
    whole = coverage(items, supply(items, everything, standards), PROVINCE)
    assert [found.code for found in whole.gaps] == [found.code for found in items if not found.regulations] == ["39.1"]
