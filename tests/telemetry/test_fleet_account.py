"""The account of a district: it balances, finds the losses that were simulated, and names what is noteworthy."""

from datetime import datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from reading_tables import FIRST, with_registers
from simulated_readings import SMALL, in_the_lake, placed
from yuejingzhun.demo.fleet.district import Design
from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.demo.fleet.table import readings
from yuejingzhun.metrology.fleet.verdict import TEXTS, Reason
from yuejingzhun.telemetry.districts import Unusable
from yuejingzhun.telemetry.fleet import evaluate_fleet
from yuejingzhun.telemetry.fleet_account import Account, account
from yuejingzhun.telemetry.fleet_remark import Remark
from yuejingzhun.telemetry.reading import ORDER, Role

DAYS = SMALL.days


def of(table: pa.Table, days: int = DAYS) -> Account:
    found = account(in_the_lake(table), FIRST, days, "T1")
    assert isinstance(found, Account)
    return found


def test_the_account_balances_and_finds_the_simulated_losses() -> None:
    given = placed(1)
    found = of(readings(given))
    simulated = given.simulated
    assert found.reason is None
    assert (found.begin, found.end) == (datetime(2026, 3, 1), datetime(2026, 3, 25, 23, 45))
    assert found.read_share == 1
    rise = simulated.registers[:, -2] - simulated.registers[:, 0]
    assert [each.energy_kwh for each in found.meters] == pytest.approx(rise * 0.01)
    assert found.meters_kwh == pytest.approx(rise.sum() * 0.01)
    total = (simulated.total[-2] - simulated.total[0]) * 0.008
    assert found.total_kwh == pytest.approx(total)
    assert found.difference_kwh == pytest.approx(total - rise.sum() * 0.01)
    parts = found.corrected_kwh + found.loss_kwh + found.unexplained_kwh
    assert parts == pytest.approx(found.total_kwh)
    true_loss = simulated.losses_kwh[:-1].sum()
    assert found.loss_kwh == pytest.approx(true_loss, rel=0.05)
    assert abs(found.unexplained_kwh) < 0.05 * true_loss
    assert sum(each.meters for each in found.groups) == SMALL.meters
    assert all(each.loss_kwh >= 0 for each in found.groups)
    assert sum(each.energy_kwh for each in found.groups) == pytest.approx(found.meters_kwh)
    assert len(found.residual_by_hour_kwh) == 24
    assert max(abs(each) for each in found.residual_by_hour_kwh if each is not None) < 0.05


def test_days_add_up_and_the_errors_are_those_of_the_kernel() -> None:
    rows = in_the_lake(readings(placed(2)))
    found = account(rows, FIRST, DAYS, "T1")
    assert isinstance(found, Account)
    assert [each.day for each in found.days] == [FIRST + timedelta(days=day) for day in range(DAYS)]
    assert sum(each.difference_kwh or np.nan for each in found.days) == pytest.approx(found.difference_kwh)
    stated = evaluate_fleet(rows, FIRST, DAYS).to_pylist()
    for name in ("meter", "error", "uncertainty", "low", "high", "exceeds"):
        assert [getattr(each, name) for each in found.meters] == [row[name] for row in stated]
    assert any(each.error is not None for each in found.meters)


def test_a_foreign_meter_is_in_the_ledger_but_not_in_the_balance() -> None:
    given = placed(3, [Fault.FOREIGN_METER], design=Design(meters=60, days=DAYS))
    found = of(readings(given))
    (row,) = given.simulated.faulty.tolist()
    assert Remark.FOREIGN in found.meters[row].remarks
    assert found.meters[row].error is None
    assert found.difference_kwh < found.loss_kwh - 0.9 * (found.meters[row].energy_kwh or 0)
    assert abs(found.unexplained_kwh) < 0.1 * found.loss_kwh


def test_a_load_that_no_meter_sees_shows_in_the_evening_and_no_error_is_stated() -> None:
    found = of(readings(placed(4, [Fault.THEFT], design=Design(meters=60, days=DAYS))))
    assert found.reason == TEXTS[Reason.UNMETERED_LOAD]
    assert all(each.error is None and each.exceeds is None for each in found.meters)
    residual = np.array(found.residual_by_hour_kwh, dtype=np.float64)
    assert residual[18:].mean() > residual[:17].mean() + 0.02


def test_what_is_fed_in_is_net_and_the_totals_two_registers_become_one() -> None:
    given = placed(5, [Fault.FEED_IN])
    table = readings(given)
    assert Role.TOTAL_FEED_IN in table["role"].to_pylist()
    found = of(table)
    fed = [each for each in found.meters if each.role is Role.FEED_IN]
    assert len(fed) == 3
    assert all(each.error is None and (each.energy_kwh or 0) > 0 for each in fed)
    simulated = given.simulated
    assert found.total_kwh == pytest.approx((simulated.total[-2] - simulated.total[0]) * 0.008)
    net = ((simulated.registers[:, -2] - simulated.registers[:, 0]) * simulated.signs).sum() * 0.01
    assert found.meters_kwh == pytest.approx(net)


def test_missing_days_have_no_balance_and_the_account_keeps_to_what_all_have() -> None:
    table = readings(placed(6))
    day = FIRST + timedelta(days=DAYS - 1)
    gone = pc.and_(pc.equal(table["meter"], "T1-0003"), pc.equal(table["day"], pa.scalar(day)))
    found = of(table.filter(pc.invert(gone)))
    assert found.end == datetime(2026, 3, 24, 23, 45)
    assert [each.unread for each in found.days[-3:]] == [0, 1, 1]
    assert found.days[-1].difference_kwh is None
    assert found.days[-1].total_kwh is not None
    assert found.days[-3].difference_kwh is not None


def test_a_meter_that_began_again_and_one_without_readings_are_named() -> None:
    table = readings(placed(7))
    names = table["meter"].to_pylist()
    first = names.index("T1-0001")
    lists = table["registers"].to_pylist()
    for row in range(first + 12, first + DAYS):
        table = with_registers(table, row, [value - lists[first + 12][0] for value in lists[row]])
    keep = [place for place, name in enumerate(names) if name != "T1-0002" or place % DAYS < 5]
    found = of(table.take(keep))
    assert found.reason == TEXTS[Reason.UNREAD_METER]
    assert found.meters[0].remarks == (Remark.FALLING, Remark.UNREAD)
    assert found.meters[1].remarks == (Remark.UNREAD,)
    assert found.meters[1].energy_kwh is None
    known = [each for each in found.meters if each.energy_kwh is not None]
    assert found.meters_kwh == pytest.approx(sum(each.energy_kwh or 0 for each in known))
    assert len(known) == SMALL.meters - 2


def test_branch_and_phase_that_nobody_knows_are_one_group_without_a_name() -> None:
    table = readings(placed(8)).drop_columns(["branch", "phase"])
    found = of(table)
    if found.reason == TEXTS[Reason.UNKNOWN_TOPOLOGY]:
        assert [(each.group, each.loss_kwh) for each in found.groups] == [("", 0.0)]
    assert found.corrected_kwh + found.loss_kwh + found.unexplained_kwh == pytest.approx(found.total_kwh)


def test_a_district_without_an_account_says_why() -> None:
    table = in_the_lake(readings(placed(9)))
    assert account(table, FIRST, DAYS, "T9") == Unusable("T9", "没有读数")
    alone = table.filter(pc.field("role") != "total")
    assert account(alone, FIRST, DAYS, "T1") == Unusable("T1", "没有总表的示值")
    day = table.filter(pc.equal(table["day"], pa.scalar(FIRST)))
    later = table.filter((pc.field("role") == "meter") & (pc.field("day") > FIRST))
    apart = pa.concat_tables([day.filter(pc.field("role") == "total"), later])
    apart = apart.sort_by([(name, "ascending") for name in ORDER])
    assert account(apart, FIRST, DAYS, "T1") == Unusable("T1", "没有总表与各分表都有示值的时段")
