"""The whole kernel on simulated districts: what it finds, what it corrects, what it refuses, and what it makes of junk.

The figures of the project's claims need hundreds of districts: benchmarks/fleet_quality.py. Here a few must be right.
"""

from dataclasses import replace

import numpy as np
import pytest

from yuejingzhun.demo.fleet.batch import balance_of
from yuejingzhun.demo.fleet.district import Design, District, simulate
from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.fleet.balance import Balance
from yuejingzhun.metrology.fleet.estimate import Estimates, estimate
from yuejingzhun.metrology.fleet.following import add, can_follow, follow, restate
from yuejingzhun.metrology.fleet.verdict import TEXTS, Reason

SEEDS = range(70, 74)


def districts(*faults: Fault, days: int = 30) -> list[District]:
    return [simulate(seed, faults, Design(days=days)) for seed in SEEDS]


@pytest.fixture(scope="module")
def plain() -> tuple[list[District], Balance, Estimates]:
    made = districts()
    balance = balance_of(made)
    return made, balance, estimate(balance)


def errors_of(made: list[District]) -> np.ndarray:
    return np.array([each.errors for each in made])


def test_bad_meters_are_found_and_good_ones_left_alone(plain):
    made, _, found = plain
    truth = errors_of(made)
    assert all(each.is_supported for each in found.verdicts)
    bad = (np.abs(truth) > 0.02) & found.measured
    assert (found.meters.exceeds[bad] > 0.5).mean() >= 0.85
    assert (found.meters.exceeds[np.abs(truth) < 0.02] > 0.5).mean() < 0.003


def test_errors_are_as_good_as_stated(plain):
    made, _, found = plain
    truth = errors_of(made)
    assert np.sqrt(np.mean((found.meters.error - truth) ** 2)) < 0.0042
    inside = (found.meters.low <= truth) & (truth <= found.meters.high)
    assert 0.92 < inside.mean() < 0.98
    assert (found.meters.low < found.meters.error).all() and (found.meters.error < found.meters.high).all()


def test_the_prior_is_learnt_from_the_batch(plain):
    _, _, found = plain
    assert found.prior.spreads[0] == pytest.approx(0.0035, rel=0.15)
    assert found.prior.weights[0] == pytest.approx(0.99, abs=0.01)


def test_a_district_does_not_depend_on_its_neighbours_in_the_batch(plain):
    _, balance, found = plain
    backwards = Balance(
        *(getattr(balance, name)[::-1] for name in ("registers", "total", "groups", "signs")),
        balance.resolution_kwh[::-1],
        balance.total_resolution_kwh[::-1],
    )
    again = estimate(backwards, found.prior)
    first = estimate(balance, found.prior)
    np.testing.assert_allclose(again.meters.error[::-1], first.meters.error, atol=1e-9)


def test_rows_that_fill_up_change_nothing(plain):
    _, balance, found = plain
    wider = Balance(
        np.pad(balance.registers, ((0, 0), (0, 3), (0, 0))),
        balance.total,
        np.pad(balance.groups, ((0, 0), (0, 3)), constant_values=-1),
        np.pad(balance.signs, ((0, 0), (0, 3))),
        np.pad(balance.resolution_kwh, ((0, 0), (0, 3)), constant_values=0.01),
        balance.total_resolution_kwh,
    )
    again = estimate(wider, found.prior)
    np.testing.assert_allclose(again.meters.error[:, :-3], estimate(balance, found.prior).meters.error, atol=1e-9)
    assert not again.measured[:, -3:].any()


def test_a_meter_of_another_district_is_found_and_left_out():
    made = districts(Fault.FOREIGN_METER)
    found = estimate(balance_of(made))
    for district, answer in zip(made, found.districts, strict=True):
        assert answer.corrections.dropped == set(district.faulty.tolist())
    assert all(each.is_supported for each in found.verdicts)


def test_late_clocks_are_found_and_corrected():
    made = districts(Fault.CLOCK_OFFSET)
    found = estimate(balance_of(made))
    named = [
        row in answer.corrections.late for d, answer in zip(made, found.districts, strict=True) for row in d.faulty
    ]
    assert np.mean(named) > 0.7
    for district, answer in zip(made, found.districts, strict=True):
        assert set(answer.corrections.late) <= set(district.faulty.tolist())


def test_missing_days_and_feed_in_are_no_reason_to_refuse():
    for fault in (Fault.MISSING_DAYS, Fault.FEED_IN):
        made = districts(fault)
        found = estimate(balance_of(made))
        assert np.mean([each.is_supported for each in found.verdicts]) >= 0.75
        rows = np.array([each.signs > 0 for each in made])
        assert np.sqrt(np.mean((found.meters.error - errors_of(made))[rows] ** 2)) < 0.006


@pytest.mark.parametrize(
    ("fault", "reasons"),
    [
        (Fault.THEFT, {Reason.UNMETERED_LOAD}),
        (Fault.UNLISTED_METER, {Reason.UNMETERED_LOAD}),
        (Fault.COARSE_REGISTERS, {Reason.COARSE_REGISTERS}),
        (Fault.LIGHT_LOAD, {Reason.LIGHT_LOAD, None}),
    ],
)
def test_a_district_that_supports_nothing_is_refused_for_the_right_reason(fault, reasons):
    found = estimate(balance_of(districts(fault)))
    assert {each.reason for each in found.verdicts} <= reasons
    assert sum(each.is_supported for each in found.verdicts) <= 1
    assert all(each.text for each in found.verdicts)


def test_a_total_below_the_sum_and_few_days_are_refused():
    made = districts()[:1]
    balance = balance_of(made)
    low = replace(balance, total=balance.total[:, :1] + (balance.total - balance.total[:, :1]) * 9 // 10)
    assert estimate(low).verdicts[0].reason is Reason.BELOW_SUM
    short = replace(balance, registers=balance.registers[:, :, : 2 * 96 + 1], total=balance.total[:, : 2 * 96 + 1])
    assert estimate(short).verdicts[0].reason is Reason.TOO_FEW_DAYS
    silent = replace(balance, total=np.full_like(balance.total, -1))
    assert estimate(silent).verdicts[0].reason is Reason.NO_TOTAL
    gone = balance.registers.copy()
    gone[0, 5] = -1
    assert estimate(replace(balance, registers=gone)).verdicts[0].reason is Reason.UNREAD_METER
    assert set(TEXTS) == set(Reason)


def test_the_priors_mean_does_not_look_like_noise(plain):
    """Meters that are not measured have the prior's mean as their error, but no part in the equations."""
    _, balance, found = plain
    moved = replace(found.prior, means=found.prior.means + 0.002)
    answer = estimate(balance, moved)
    assert [each.noise.block for each in answer.districts] == [each.noise.block for each in found.districts]


def test_points_that_are_no_whole_number_of_blocks_are_averaged_too(plain):
    _, balance, found = plain
    shorter = replace(balance, registers=balance.registers[:, :, :-1], total=balance.total[:, :-1])
    answer = estimate(shorter, found.prior)
    assert [each.noise.block for each in answer.districts] == [each.noise.block for each in found.districts]
    moved = np.abs(answer.meters.error - found.meters.error)[found.measured]
    assert moved.mean() < 0.3 * found.meters.uncertainty[found.measured].mean()


def test_a_register_that_falls_is_named_and_costs_one_interval():
    made = districts()[:1]
    balance = balance_of(made)
    changed = balance.registers.copy()
    changed[0, 7, 1500:] -= changed[0, 7, 1500]
    found = estimate(replace(balance, registers=changed))
    assert found.districts[0].falling == (7,)
    assert found.verdicts[0].is_supported
    assert np.abs(found.meters.error - estimate(balance).meters.error).max() < 0.01


def days_of(balance: Balance, begin: int, end: int) -> Balance:
    points = slice(begin * 96, end * 96 + 1)
    return replace(balance, registers=balance.registers[:, :, points], total=balance.total[:, points])


@pytest.fixture(scope="module")
def before(plain) -> Estimates:
    """Of the first 27 days."""
    return estimate(days_of(plain[1], 0, 27), plain[2].prior, keep=True)


def test_a_followed_batch_begins_with_what_the_full_estimate_said(before):
    numbers = can_follow(before)
    assert numbers.tolist() == list(range(len(SEEDS)))
    stated = restate(follow(before, numbers), before.prior)
    for name in ("error", "uncertainty", "low", "high", "exceeds"):
        np.testing.assert_allclose(getattr(stated, name), getattr(before.meters, name), rtol=1e-6, atol=1e-8)


def test_new_days_come_to_what_a_full_estimate_says(plain, before):
    _, balance, _ = plain
    state = follow(before, can_follow(before))
    for day in (27, 28, 29):
        state, usable = add(state, days_of(balance, day, day + 1))
        assert usable.all()
    full = estimate(balance, before.prior)
    stated = restate(state, before.prior)
    moved = np.abs(before.meters.error - full.meters.error)[before.measured].mean()
    assert np.abs(stated.error - full.meters.error)[before.measured].mean() < 0.35 * moved
    shrunk = np.mean(before.meters.uncertainty - full.meters.uncertainty)
    assert np.mean(stated.uncertainty - full.meters.uncertainty) == pytest.approx(0, abs=0.5 * shrunk)


def test_a_day_that_was_not_read_leaves_the_state_as_it_was(plain, before):
    day = days_of(plain[1], 27, 28)
    registers = day.registers.copy()
    registers[1, 3, 40:60] = -1
    state = follow(before, can_follow(before))
    known = state.coefficients.copy()
    after, usable = add(state, replace(day, registers=registers))
    assert usable.tolist() == [True, False, True, True]
    np.testing.assert_array_equal(after.coefficients[1], known[1])
    assert (after.coefficients[0] != known[0]).any()


def test_what_cannot_be_followed_is_said(plain, before):
    with pytest.raises(ArgumentError, match="台区"):
        add(follow(before, can_follow(before)), _first_of(days_of(plain[1], 27, 28)))
    assert not can_follow(plain[2]).size, "the moments were not kept"
    with pytest.raises(ArgumentError, match="只能逐日更新"):
        follow(plain[2], np.arange(2))
    gaps = estimate(balance_of(districts(Fault.MISSING_DAYS)), keep=True)
    assert not can_follow(gaps).size


def _first_of(balance: Balance) -> Balance:
    return Balance(
        *(getattr(balance, name)[:1] for name in ("registers", "total", "groups", "signs")),
        balance.resolution_kwh[:1],
        balance.total_resolution_kwh[:1],
    )


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("registers", np.zeros((2, 3)), "台区 × 表 × 时刻"),
        ("registers", np.zeros((1, 200, 2881)), "应为整数"),
        ("total", np.zeros((1, 5), dtype=np.int64), "形状应为"),
        ("resolution_kwh", np.zeros((1, 200)), "应大于零"),
        ("signs", np.full((1, 200), 2), "上网"),
    ],
)
def test_what_is_handed_in_wrong_is_told(name, value, message):
    balance = balance_of([simulate(1)])
    with pytest.raises(ArgumentError, match=message):
        replace(balance, **{name: value})
