"""Instruments are found by fragments, in Chinese, with a slip of the hand, and only within reach."""

from datetime import date

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.platform.registry.instruments.counting import add_up, standing_by_item, standing_by_region
from yuejingzhun.platform.registry.instruments.models import CountChange, Instrument, InUse
from yuejingzhun.platform.registry.instruments.searching import Reach, is_one_slip, search

TODAY = date(2026, 11, 24)
PROVINCE = Reach(regions=("440000",))


@pytest.fixture
def shelf(world) -> dict[str, Instrument]:
    rows = {
        "meter": ("单相智能电能表", "DDZY-云智", "GD2023-004471", "广州云智仪表有限公司", "440106"),
        "scale": ("电子计价秤", "ACS-30", "SZ887301", "深圳衡器厂", "440305"),
        "wide": ("电子秤", "ＴＣＳ－１５０", "Ｎｏ７７１２３４", "佛山衡器厂", "440605"),
    }
    return {
        key: Instrument.objects.create(
            holder=world.holder if key != "scale" else world.other_institute,
            name=name,
            model=model,
            serial=serial,
            maker=maker,
            regulation="JJG 596-2012",
            regulation_series="JJG 596",
            region=region,
            city=region[:4],
        )
        for key, (name, model, serial, maker, region) in rows.items()
    }


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GD2023-004471", "meter"),
        ("004471", "meter"),
        ("gd2023", "meter"),
        ("云智", "meter"),
        ("智能电能", "meter"),
        ("DDZY", "meter"),
        ("计价秤", "scale"),
        ("深圳衡器", "scale"),
        ("887", "scale"),
        ("TCS-150", "wide"),
        ("no771234", "wide"),
        ("佛", "wide"),
    ],
)
def test_a_fragment_finds(shelf, text: str, expected: str) -> None:
    found = search(text, PROVINCE)
    assert shelf[expected] in found.instruments and not found.mistyped


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GD2023-004417", "meter"),
        ("GD2023-00447", "meter"),
        ("GD2O23-004471", "meter"),
        ("SZ8873011", "scale"),
        ("单相只能电能表", "meter"),
        ("深圳横器厂", "scale"),
    ],
)
def test_a_slip_of_the_hand_still_finds_and_says_so(shelf, text: str, expected: str) -> None:
    found = search(text, PROVINCE)
    assert [shelf[expected]] == list(found.instruments)
    assert found.mistyped == (text not in shelf[expected].serial)


@pytest.mark.parametrize("text", ["", "   ", "\0", "不存在的东西", "%", "_", "'; drop table x; --", "zz9" * 40])
def test_nothing_is_found_for_nothing(shelf, text: str) -> None:
    assert list(search(text, PROVINCE).instruments) == []


def test_reach_narrows(shelf, world) -> None:
    assert list(search("衡器厂", Reach(regions=("440300",))).instruments) == [shelf["scale"]]
    assert list(search("衡器厂", Reach(regions=("440605",))).instruments) == [shelf["wide"]]
    assert list(search("衡器厂", Reach(holders=(world.holder.pk,))).instruments) == [shelf["wide"]]
    assert list(search("衡器厂", Reach()).instruments) == []
    both = Reach(regions=("440300",), holders=(world.holder.pk,))
    assert set(search("衡器厂", both).instruments) == {shelf["scale"], shelf["wide"]}


def test_a_renamed_type_is_found_under_its_new_name(shelf) -> None:
    Instrument.objects.filter(pk=shelf["scale"].pk).update(name="电子皮带秤")
    assert list(search("皮带", PROVINCE).instruments) == [shelf["scale"]]


def test_the_indexes_are_used(shelf) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT id FROM instruments_instrument WHERE grams(serial, 3) @> grams('004471', 3)")
        assert "serial_fragments" in str(cursor.fetchall())


@given(st.text("ab12", min_size=1, max_size=8), st.integers(0, 7), st.sampled_from("ab12"))
def test_one_slip_is_one_change(true: str, at: int, other: str) -> None:
    at = min(at, len(true) - 1)
    for typed in (true[:at] + other + true[at + 1 :], true[:at] + true[at + 1 :], true[:at] + other + true[at:]):
        assert typed == true or is_one_slip(typed, true)
    swapped = true[:at] + true[at : at + 2][::-1] + true[at + 2 :]
    assert swapped == true or is_one_slip(swapped, true)
    assert not is_one_slip(true + "xyz", true)


def counted(within: str) -> dict[str, tuple[int, int, int, int]]:
    found = standing_by_region(within, TODAY, date(2026, 12, 24))
    return {row.region: (row.number, row.never, row.overdue, row.soon) for row in found}


def test_counts_follow_every_change_added_up_or_not(shelf) -> None:
    for fold in (False, True):
        if fold:
            add_up()
            assert not CountChange.objects.exists()
        assert counted("440000") == {"440100": (1, 1, 0, 0), "440300": (1, 1, 0, 0), "440600": (1, 1, 0, 0)}
    Instrument.objects.filter(pk=shelf["meter"].pk).update(valid_until=date(2026, 11, 23))
    Instrument.objects.filter(pk=shelf["scale"].pk).update(valid_until=date(2026, 11, 24))
    Instrument.objects.filter(pk=shelf["wide"].pk).update(in_use=InUse.SCRAPPED)
    for fold in (False, True):
        if fold:
            add_up()
        assert counted("440000") == {"440100": (1, 0, 1, 0), "440300": (1, 0, 0, 1)}
        assert counted("440100") == {"440106": (1, 0, 1, 0)}
        assert [(row.item, row.number, row.never) for row in standing_by_item("440000", TODAY)] == [("", 2, 0)]
