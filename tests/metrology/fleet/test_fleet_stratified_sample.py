import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.fleet.stratified_sample import assisted_share, draw, strata


@given(st.lists(st.integers(0, 30), min_size=1, max_size=5).filter(any), st.data())
def test_every_stratum_gets_its_share(sizes: list[int], data: st.DataObject) -> None:
    stratum, total = np.repeat(np.arange(len(sizes)), sizes), sum(sizes)
    n = data.draw(st.integers(1, total))
    sample = draw(stratum, n, np.random.default_rng(data.draw(st.integers(0, 99))))
    assert sample.size == np.unique(sample).size == n
    drawn = np.bincount(stratum[sample], minlength=len(sizes))
    assert (np.abs(drawn - np.array(sizes) * n / total) < 2).all()


@pytest.mark.parametrize(("sizes", "n"), [([1, 1, 1, 2], 2), ([7, 3, 13], 6), ([5, 1, 1], 5), ([4], 3)])
def test_every_meter_has_the_same_chance(sizes: list[int], n: int) -> None:
    rng, stratum = np.random.default_rng(7), np.repeat(np.arange(len(sizes)), sizes)
    count = np.zeros(stratum.size)
    for _ in range(8000):
        count[draw(stratum, n, rng)] += 1
    chance = n / stratum.size
    assert np.abs(count / 8000 - chance).max() < 4.5 * np.sqrt(chance * (1 - chance) / 8000)


def test_the_sample_is_of_the_lot_and_spread() -> None:
    rng = np.random.default_rng(1)
    stratum = strata(np.r_[np.full(900, 0.001), np.full(90, 0.2), np.full(10, 0.9)])
    assert np.unique(stratum, return_counts=True)[1].tolist() == [900, 90, 10]
    count = np.zeros(1000)
    for _ in range(3000):
        sample = draw(stratum, 50, rng)
        assert sample.size == np.unique(sample).size == 50
        assert 4 <= (stratum[sample] == 2).sum() + (stratum[sample] == 1).sum() <= 6
        count[sample] += 1
    assert stats.chisquare(count[900:990]).pvalue > 0.001
    assert count[990:].mean() == pytest.approx(150, rel=0.05)


@pytest.mark.parametrize("seed", range(12))
def test_the_plan_of_the_standard_only_becomes_sharper(seed: int) -> None:
    rng = np.random.default_rng(seed)
    stratum = np.repeat(np.arange(3), rng.integers(1, 20, 3))
    bad = rng.random(stratum.size) < np.array([0.03, 0.3, 0.9])[stratum]
    n = int(rng.integers(2, stratum.size))
    found = np.array([bad[draw(stratum, n, rng)].sum() for _ in range(4000)])
    assert found.mean() == pytest.approx(n * bad.mean(), abs=4 * np.sqrt(n / 4 / 4000))
    for acceptance in range(n):
        accepted, binomial = (found <= acceptance).mean(), stats.binom.cdf(acceptance, n, bad.mean())
        slack = 4 * np.sqrt(binomial * (1 - binomial) / 4000)
        if n * bad.mean() >= acceptance + 1:
            assert accepted <= binomial + slack
        if n * bad.mean() <= acceptance:
            assert accepted >= binomial - slack
    assert found.var() <= n * bad.mean() * (1 - bad.mean()) * 1.1


def lot(seed: int, right: bool) -> tuple[np.ndarray, np.ndarray]:
    """What is stated of 2,000 meters, and what tests would find; rightly, or the other way round."""
    rng = np.random.default_rng(seed)
    exceeds = np.where(rng.random(2000) < 0.9, rng.uniform(0, 0.02, 2000), rng.uniform(0.1, 0.9, 2000))
    truth = (rng.random(2000) < exceeds).astype(float)
    return (exceeds if right else 1 - exceeds), truth


@pytest.mark.parametrize("right", [True, False])
def test_estimates_make_the_share_sharper_but_never_biased(right: bool) -> None:
    exceeds, truth = lot(3, right)
    stratum = strata(exceeds, [0.05, 0.5])
    rng, found = np.random.default_rng(4), []
    for _ in range(800):
        # As many from the few suspicious meters as from the many others.
        chosen = [rng.choice(np.flatnonzero(stratum == s), 40, replace=False) for s in np.unique(stratum)]
        sample = np.concatenate(chosen)
        found.append(assisted_share(stratum, exceeds, sample, truth[sample]))
    values = np.array([each.value for each in found])
    error = values.std() / np.sqrt(values.size)
    assert values.mean() == pytest.approx(truth.mean(), abs=4 * error)
    assert np.mean([each.u**2 for each in found]) == pytest.approx(values.var(), rel=0.2)
    plain = np.sqrt(truth.mean() * (1 - truth.mean()) / sample.size)
    assert values.std() < plain or not right


def test_a_lot_tested_whole_is_known() -> None:
    exceeds, truth = lot(1, True)
    whole = assisted_share(np.zeros(2000, int), exceeds, np.arange(2000), truth)
    assert (whole.value, whole.u) == pytest.approx((truth.mean(), 0.0))


def test_bad_input_is_named() -> None:
    with pytest.raises(ArgumentError, match="样本量 9 大于批量 3"):
        draw([0, 0, 1], 9, np.random.default_rng(0))
    with pytest.raises(ArgumentError, match="第 2 层有 3 只，只检了 1 只"):
        assisted_share([0, 0, 1, 1, 1], [0.1] * 5, [0, 1, 2], [0, 1, 0])
    with pytest.raises(ArgumentError, match="序号，不重复"):
        assisted_share([0, 0, 0], [0.1] * 3, [0, 0], [0, 1])
    with pytest.raises(ArgumentError, match="edges：应递增"):
        strata([0.1], [0.5, 0.1])
