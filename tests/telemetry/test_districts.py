"""From the lake's table to arrays: no copy where none is needed, and gaps, rollovers and falls as they were."""

from datetime import timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from reading_tables import AT, FIRST, district_table, with_registers
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.telemetry.admission.admit import admit
from yuejingzhun.telemetry.admission.headings import layout
from yuejingzhun.telemetry.admission.sieve import Expected
from yuejingzhun.telemetry.districts import District, Registers, Unusable, by_district, registers
from yuejingzhun.telemetry.reading import ORDER


def as_in_the_lake(table: pa.Table) -> pa.Table:
    numbers = np.arange(1, table.num_rows + 1)
    found = admit(table, numbers, layout(table.column_names), Expected("f", local_date(AT), AT))
    return found.rows.sort_by([(name, "ascending") for name in ORDER]).combine_chunks()


def arrays(table: pa.Table, days: int = 2) -> Registers:
    return registers(as_in_the_lake(table), FIRST, days)


def test_whole_districts_are_views_of_the_tables_memory() -> None:
    table = as_in_the_lake(district_table(meters=3, days=4))
    found = registers(table, FIRST, 4)
    memory = table["registers"].chunk(0).flatten().to_numpy()
    assert np.shares_memory(found.steps, memory)
    assert found.present is None
    (district,) = by_district(found)
    assert isinstance(district, District)
    assert np.shares_memory(district.steps, memory)
    wanted = np.array(district_table(meters=3, days=4)["registers"].to_pylist()).reshape(4, -1)
    assert np.array_equal(district.steps, wanted[:3])
    assert np.array_equal(district.total_steps, wanted[3])
    assert district.total_step_kwh == 0.8
    assert district.step_kwh.tolist() == [0.01] * 3
    assert district.present.all()


def test_districts_of_different_sizes_and_missing_days_keep_their_places() -> None:
    one, two = district_table("T1", meters=2, days=3), district_table("T2", meters=4, days=3)
    gone = pc.and_(pc.equal(two["meter"], "T2-M1"), pc.equal(two["day"], pa.scalar(FIRST + timedelta(days=1))))
    lists = one["registers"].to_pylist()
    lists[0][7] = None
    both = pa.concat_tables([with_registers(one, 0, lists[0]), two.filter(pc.invert(gone))])
    first, second = by_district(arrays(both, days=3))
    assert isinstance(first, District)
    assert isinstance(second, District)
    assert (first.steps.shape, second.steps.shape) == ((2, 288), (4, 288))
    assert np.flatnonzero(~first.present[0]).tolist() == [7]
    assert np.flatnonzero(~second.present[1]).tolist() == list(range(96, 192))
    assert second.total_present.all()
    truth = np.array(two["registers"].to_pylist()).reshape(5, -1)
    assert np.array_equal(second.steps[second.present], truth[:4][second.present])


def test_a_rollover_in_the_middle_of_a_day_or_at_midnight_is_continuous_over_the_month() -> None:
    table = district_table(meters=2, days=3)
    energy = 7 * np.arange(288)
    for row, start in ((0, 10**7 - 7 * 130), (3, 10**7 - 7 * 96)):
        truth = (start + energy).reshape(3, 96)
        for day in range(3):
            table = with_registers(table, row + day, (truth[day] % 10**7).tolist())
    (district,) = by_district(arrays(table, days=3))
    assert isinstance(district, District)
    assert district.present.all()
    assert np.array_equal(district.steps[0], 10**7 - 7 * 130 + energy)
    assert np.array_equal(district.steps[1], 10**7 - 7 * 96 + energy)


def test_single_falls_are_absent_and_a_changed_meter_is_left_out() -> None:
    table = district_table(meters=2, days=2)
    spike = table["registers"].to_pylist()[0]
    spike[50] = 3
    table = with_registers(with_registers(table, 0, spike), 3, list(range(96)))  # the second meter begins again
    (district,) = by_district(arrays(table))
    assert isinstance(district, District)
    assert np.flatnonzero(~district.present[0]).tolist() == [50]
    assert not district.present[1].any()


def test_feed_in_has_a_sign_of_its_own() -> None:
    table = district_table(meters=2, days=2)
    roles = ["meter"] * 2 + ["feed_in"] * 2 + ["total"] * 2
    table = table.set_column(3, "role", pa.array(roles))
    table = table.append_column("phase", pa.array(["A"] * 2 + [None] * 4))
    (district,) = by_district(arrays(table))
    assert isinstance(district, District)
    assert district.signs.tolist() == [1, -1]
    assert district.groups.tolist() == ["A", ""]


def test_the_total_is_net_of_what_it_fed_in() -> None:
    table = district_table(meters=2, days=2)
    back = table.slice(4, 2)
    lists = [[value // 2 for value in row] for row in back["registers"].to_pylist()]
    back = with_registers(with_registers(back, 0, lists[0]), 1, lists[1])
    back = back.set_column(3, "role", pa.array(["total_feed_in"] * 2))
    (district,) = by_district(arrays(pa.concat_tables([table, back])))
    assert isinstance(district, District)
    assert len(district.meters) == 2
    forward = np.concatenate(table["registers"].to_pylist()[4:])
    assert np.array_equal(district.total_steps, forward - np.concatenate(lists))


def test_districts_that_can_not_be_evaluated_say_why() -> None:
    none = district_table("T1").slice(0, 6)
    alone = district_table("T2").slice(6, 2)
    twice = district_table("T3")
    twice = twice.set_column(3, "role", pa.array(["total"] * 2 + twice["role"].to_pylist()[2:]))
    found = list(by_district(arrays(pa.concat_tables([none, alone, twice]))))
    assert found == [
        Unusable("T1", "没有总表的示值"),
        Unusable("T2", "没有分表的示值"),
        Unusable("T3", "有 2 只总表"),
    ]


def test_days_outside_are_refused_and_nothing_is_nothing() -> None:
    table = as_in_the_lake(district_table())
    with pytest.raises(ValueError, match="不在"):
        registers(table, FIRST, 1)
    assert list(by_district(registers(table.slice(0, 0), FIRST, 2))) == []
