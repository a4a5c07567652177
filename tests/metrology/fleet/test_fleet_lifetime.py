import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yuejingzhun.metrology.arguments import ArgumentError, Floats
from yuejingzhun.metrology.fleet.lifetime import (
    GroupLives,
    StatusTable,
    fit_status,
    group_lives,
    group_share_beyond,
    share_beyond,
    tabulate,
)
from yuejingzhun.metrology.sampling.life import LifeLaw, Lifetimes, fit, quantile_interval, survival
from yuejingzhun.metrology.sampling.replacement import conditional_failure

SURE = 1e200
LAWS = list(LifeLaw)


def lives(rng: np.random.Generator, law: LifeLaw, size: int) -> Floats:
    if law is LifeLaw.LOG_NORMAL:
        return np.exp(rng.normal(3.2, 0.5, size))
    return 25 * rng.weibull(1.0 if law is LifeLaw.EXPONENTIAL else 2.5, size)


def read(rng: np.random.Generator, beyond: np.ndarray, power: float = 2.5) -> Floats:
    """Factors of meters whose readings stand `power` standard uncertainties apart."""
    return np.exp(power * rng.normal(power * beyond, 1) - power**2 / 2)


@pytest.mark.parametrize("law", LAWS)
@pytest.mark.parametrize("seed", range(3))
def test_sure_states_are_the_current_status_likelihood_of_sampling(law: LifeLaw, seed: int) -> None:
    rng = np.random.default_rng(seed)
    age = rng.integers(1, 17, 3000).astype(float)
    beyond = lives(rng, law, 3000) < age
    ours = fit_status(tabulate(np.zeros(3000, int), age, np.where(beyond, SURE, 0.0)), law)
    records = Lifetimes(np.where(beyond, 0.0, age), np.where(beyond, age, np.inf), np.ones(3000))
    theirs = fit(records, law)
    assert (ours.location, ours.spread) == pytest.approx((theirs.location, theirs.spread), rel=1e-5)
    assert ours.covariance == pytest.approx(theirs.covariance, rel=1e-4, abs=1e-12)
    assert (ours.units, ours.failures) == pytest.approx((3000, beyond.sum()))


@pytest.mark.parametrize("law", LAWS)
def test_uncertain_states_lead_to_the_truth(law: LifeLaw) -> None:
    rng = np.random.default_rng(11)
    age = rng.integers(1, 17, 60_000).astype(float)
    life = fit_status(tabulate(np.zeros(60_000, int), age, read(rng, lives(rng, law, 60_000) < age)), law)
    truth = np.mean(lives(rng, law, 400_000)[:, None] < np.array([8.0, 16.0, 20.0]), axis=0)
    share, low, high = share_beyond(life, [8.0, 16.0, 20.0], 0.999)
    assert ((low <= truth) & (truth <= high)).all()
    assert (high - low < 0.2 * truth + 0.01).all()
    assert share == pytest.approx(1 - survival(life, [8.0, 16.0, 20.0]))


def test_intervals_at_a_future_age_cover() -> None:
    rng, held = np.random.default_rng(2), 0
    truth = 1 - np.exp(-((20 / 25) ** 2.5))
    for _ in range(200):
        age = rng.integers(2, 15, 1500).astype(float)
        factor = read(rng, lives(rng, LifeLaw.WEIBULL, 1500) < age)
        _, low, high = share_beyond(fit_status(tabulate(np.zeros(1500, int), age, factor)), 20.0, 0.9)
        held += int(low <= truth <= high)
    assert 0.84 <= held / 200 <= 0.96


def test_counting_doubtful_meters_as_their_likelier_state_would_be_biased() -> None:
    rng = np.random.default_rng(4)
    age = rng.integers(1, 17, 50_000).astype(float)
    factor = read(rng, lives(rng, LifeLaw.WEIBULL, 50_000) < age, power=1.5)
    group = np.zeros(age.size, int)
    truth = 1 - np.exp(-((10 / 25) ** 2.5))
    honest = float(share_beyond(fit_status(tabulate(group, age, factor)), 10.0)[0])
    naive = float(share_beyond(fit_status(tabulate(group, age, np.where(factor > 1, SURE, 0.0))), 10.0)[0])
    assert honest == pytest.approx(truth, rel=0.15)
    assert naive > 1.5 * truth


def test_known_lives_join_the_estimated_ones() -> None:
    rng = np.random.default_rng(6)
    age = rng.integers(1, 17, 2000).astype(float)
    beyond = lives(rng, LifeLaw.WEIBULL, 2000) < age
    table = tabulate(np.zeros(1000, int), age[:1000], np.where(beyond[:1000], SURE, 0.0))
    tested = Lifetimes(np.where(beyond, 0.0, age)[1000:], np.where(beyond, age, np.inf)[1000:], np.ones(1000))
    both = fit_status(table, known=tested)
    all_ = fit_status(tabulate(np.zeros(2000, int), age, np.where(beyond, SURE, 0.0)))
    assert (both.location, both.spread) == pytest.approx((all_.location, all_.spread), rel=1e-5)
    assert (both.units, both.failures) == pytest.approx((all_.units, all_.failures))
    # What comes out is a life of metrology/sampling.
    low, high = quantile_interval(both, 0.1)
    assert low < 25 * (-np.log(0.9)) ** 0.4 < high
    assert 0 < conditional_failure(both, 10.0, 2.0) < 0.3


@given(st.lists(st.floats(1e-5, 1e5), min_size=5, max_size=200))
@settings(max_examples=30)
def test_a_table_keeps_meters_and_their_factors(factors: list[float]) -> None:
    rng = np.random.default_rng(len(factors))
    group, age = rng.integers(0, 3, len(factors)), rng.integers(1, 5, len(factors)).astype(float)
    table = tabulate(group, age, factors, 3)
    assert table.count.sum() == len(factors)
    assert table.count @ table.factor == pytest.approx(sum(factors))
    for g in range(3):
        mine = table.group == g
        assert (table.count * table.age)[mine].sum() == pytest.approx(age[group == g].sum())
    chance = 0.03 * table.age
    exact = np.log1p(0.03 * age * (np.array(factors) - 1)).sum()
    most = (np.log(10) / 8) ** 2 / 8 * len(factors)  # half of a bin at each of its ends
    assert table.count @ np.log1p(chance * (table.factor - 1)) == pytest.approx(exact, abs=most)


def grouped(seed: int, between: float) -> tuple[StatusTable, Floats]:
    rng = np.random.default_rng(seed)
    group = np.repeat(np.arange(200), rng.integers(20, 900, 200))
    location = rng.normal(np.log(25), between, 200)
    age = rng.integers(1, 17, group.size).astype(float)
    beyond = np.exp(location[group]) * rng.weibull(2.5, group.size) < age
    return tabulate(group, age, read(rng, beyond)), np.asarray(1 - np.exp(-((16 / np.exp(location)) ** 2.5)))


def test_groups_differ_by_as_much_as_they_do() -> None:
    table, truth = grouped(3, 0.3)
    found: GroupLives = group_lives(table, fit_status(table))
    share, low, high = group_share_beyond(found, 16.0)
    assert found.between == pytest.approx(0.3, abs=0.06)
    assert 0.91 <= ((low <= truth) & (truth <= high)).mean() <= 0.99
    assert (low <= share).all()
    assert (share <= high).all()
    assert np.mean((share - truth) ** 2) < 0.3 * truth.var()


def test_equal_groups_are_told_so() -> None:
    table, _ = grouped(5, 0.0)
    assert group_lives(table, fit_status(table)).between < 0.1


def test_a_group_with_nothing_found_has_an_interval_too() -> None:
    rng = np.random.default_rng(1)
    group = np.repeat([0, 1], [4000, 30])
    age = rng.integers(1, 17, group.size).astype(float)
    factor = np.where(lives(rng, LifeLaw.WEIBULL, group.size) < age, SURE, 0.0)
    factor[group == 1] = 0.0
    table = tabulate(group, age, factor)
    share, low, high = group_share_beyond(group_lives(table, fit_status(table)), [16.0, 16.0])
    assert share[1] <= share[0]
    assert 0 < low[1] < share[1] < high[1] < 1


@pytest.mark.parametrize("factor", [0.0, 1.0, 5.0, SURE])
def test_data_that_determine_no_life_are_refused(factor: float) -> None:
    age = np.arange(100) % 7 + 1.0
    with pytest.raises(ArgumentError, match="数据不足以确定寿命分布"):
        fit_status(tabulate(np.zeros(100, int), age, np.full(100, factor)))


def test_one_age_is_refused() -> None:
    with pytest.raises(ArgumentError, match="使用时间相同"):
        fit_status(tabulate([0, 0], [3.0, 3.0], [0.1, 20.0]))
    with pytest.raises(ArgumentError, match="age：应大于零"):
        tabulate([0], [0.0], [1.0])
