import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from published import FROM_MEMORY, Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.fleet.track_record import (
    average_precision,
    brier,
    coverage,
    inverse_chance,
    precision_recall,
    recall_at_precision,
    reliability,
    track_record,
)


def test_published_scores(published: Published) -> None:
    source = f"scikit-learn 的说明{FROM_MEMORY}"
    found = average_precision([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
    published("平均精确率", source, "average_precision_score 的例子", "0.83", found)
    published(
        "Brier 评分", source, "brier_score_loss 的例子", "0.037", brier([0.1, 0.9, 0.8, 0.3], [0, 1, 1, 0]), extra=0
    )


METERS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.1, 0.3, 0.6, 0.9, 1.0]), st.integers(0, 1), st.integers(1, 4)),
    min_size=1,
    max_size=40,
)


@given(METERS)
def test_whole_weights_are_meters_counted_that_often(meters: list[tuple[float, int, int]]) -> None:
    p, y, times = np.array(meters).T
    often = times.astype(int)
    one, many = (p, y, times), (np.repeat(p, often), np.repeat(y, often))
    assert brier(*one) == pytest.approx(brier(*many))
    assert average_precision(*one) == pytest.approx(average_precision(*many), nan_ok=True)
    assert reliability(*one).stated == pytest.approx(reliability(*many).stated, nan_ok=True)
    first, second = track_record(*one), track_record(*many)
    assert float(first.recall.value) == pytest.approx(float(second.recall.value), nan_ok=True)
    assert float(first.precision.value) == pytest.approx(float(second.precision.value), nan_ok=True)


@given(METERS)
def test_the_curve_is_what_counting_gives(meters: list[tuple[float, int, int]]) -> None:
    p, y, _ = np.array(meters).T
    thresholds, precision, recall = precision_recall(p, y)
    assert thresholds.tolist() == sorted(set(p.tolist()), reverse=True)
    for at, reached, found in zip(thresholds, precision, recall, strict=True):
        called = p >= at
        assert reached == pytest.approx(y[called].mean())
        if y.any():
            assert found == pytest.approx(y[called].sum() / y.sum())
    if y.any():
        best = max((r for q, r in zip(precision, recall, strict=True) if q >= 0.9), default=0.0)
        assert recall_at_precision(p, y, 0.9) == best


def stated(rng: np.random.Generator, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Calibrated probabilities as a fleet has them: mostly small, a few near one."""
    p = np.where(rng.random(size) < 0.97, rng.beta(0.5, 40, size), rng.beta(4, 1, size))
    return p, (rng.random(size) < p).astype(int)


def test_weights_undo_that_mostly_suspicious_meters_are_tested() -> None:
    rng = np.random.default_rng(1)
    p, y = stated(rng, 200_000)
    chance = np.clip(p, 0.01, 1)
    tested = rng.random(p.size) < chance
    truth = track_record(p, y)
    plain = track_record(p[tested], y[tested])
    mended = track_record(p[tested], y[tested], inverse_chance(chance[tested]))
    assert float(plain.recall.value) > float(truth.recall.value) + 0.05
    assert float(mended.recall.low) <= float(truth.recall.value) <= float(mended.recall.high)
    assert mended.average_precision == pytest.approx(truth.average_precision, abs=0.03)
    assert mended.brier == pytest.approx(truth.brier, rel=0.15)
    assert plain.brier > 2 * truth.brier
    assert "只代表已检的表" in plain.text
    assert "加权" in mended.text
    # Precision and reliability did not suffer in the first place.
    assert float(plain.precision.value) == pytest.approx(float(truth.precision.value), abs=0.02)


@pytest.mark.parametrize(("honest", "agree"), [(True, 9), (False, 6)])
def test_reliability_tells_calibrated_from_exaggerated(honest: bool, agree: int) -> None:
    rng = np.random.default_rng(2)
    p, y = stated(rng, 100_000)
    said = p if honest else p**0.6
    found = reliability(said, y, level=0.99)
    assert found.meters.sum() == p.size
    assert (found.agrees().sum() == agree) if honest else (found.agrees().sum() <= agree)


def test_limits_of_a_weighted_recall_cover() -> None:
    rng, held, rounds = np.random.default_rng(5), 0, 300
    p, y = stated(rng, 20_000)
    chance = np.clip(2 * p, 0.02, 1)
    truth = float(track_record(p, y).recall.value)
    for _ in range(rounds):
        tested = rng.random(p.size) < chance
        found = track_record(p[tested], y[tested], inverse_chance(chance[tested])).recall
        held += int(float(found.low) <= truth <= float(found.high))
    assert held / rounds >= 0.93


def test_coverage_counts_small_and_large_errors_apart() -> None:
    error = np.array([0.001, 0.005, -0.01, 0.02, 0.03, -0.08])
    low = np.array([0.0, 0.006, -0.02, 0.01, 0.02, -0.05])
    found = coverage(low, low + 0.02, error)
    assert (float(found.small.value), float(found.small.units)) == (0.75, 4)
    assert (float(found.large.value), float(found.large.units)) == (0.5, 2)
    assert np.isnan(coverage([0.0], [1.0], [0.01]).large.value)


def test_a_record_without_bad_meters_has_no_recall() -> None:
    found = track_record([0.1, 0.9], [0, 0])
    assert np.isnan(found.recall.value)
    assert np.isnan(found.average_precision)
    assert (float(found.precision.value), found.beyond, found.brier_of_share) == (0, 0, 0)


def test_bad_input_is_named() -> None:
    with pytest.raises(ArgumentError, match="没有已检的表"):
        track_record([], [])
    with pytest.raises(ArgumentError, match="beyond：应为 0 或 1"):
        brier([0.1], [0.5])
    with pytest.raises(ArgumentError, match="长度相同"):
        brier([0.1], [0, 1])
    with pytest.raises(ArgumentError, match="受检的概率应大于零"):
        inverse_chance([0.5, 0.0])
    with pytest.raises(ArgumentError, match="edges：应递增，并包含所有概率"):
        reliability([0.5], [1], edges=[0.6, 1.0])
