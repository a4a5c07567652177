from collections import Counter

import pytest

from yuejingzhun.platform.foundation.parties.divisions import (
    Belt,
    Level,
    UnknownDivisionError,
    belt,
    division,
    divisions,
    full_name,
    is_within,
)


def test_there_are_21_cities_and_122_divisions_below_them() -> None:
    assert Counter(found.level for found in divisions().values()) == {
        Level.PROVINCE: 1,
        Level.CITY: 21,
        Level.COUNTY: 122,
    }


def test_the_122_are_65_districts_20_cities_34_counties_and_3_autonomous_counties() -> None:
    names = [found.name for found in divisions().values() if found.level is Level.COUNTY]
    kinds = Counter("自治县" if name.endswith("自治县") else name[-1] for name in names)
    assert kinds == {"区": 65, "市": 20, "县": 34, "自治县": 3}


def test_dongguan_and_zhongshan_have_no_counties() -> None:
    parents = {found.parent for found in divisions().values()}
    assert not {"441900", "442000"} & parents
    assert {"440100", "445300"} <= parents


@pytest.mark.parametrize(
    ("code", "region", "expected"),
    [
        ("440106", "440106", True),
        ("440106", "440100", True),
        ("440106", "440000", True),
        ("440106", "440300", False),
        ("440100", "440106", False),
        ("440105", "440106", False),
    ],
)
def test_within(code: str, region: str, expected: bool) -> None:
    assert is_within(code, region) == expected


def test_every_city_has_one_belt() -> None:
    cities = [code for code, found in divisions().items() if found.level is Level.CITY]
    assert Counter(belt(code) for code in cities) == {Belt.DELTA: 9, Belt.EAST: 4, Belt.WEST: 3, Belt.NORTH: 5}
    assert belt("440000") is None


def test_names() -> None:
    assert full_name("440106") == "广州市天河区"
    assert full_name("441900") == "东莞市"
    assert division("440232").name == "乳源瑶族自治县"
    with pytest.raises(UnknownDivisionError, match="110000"):
        division("110000")
