import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.clock.ensemble import at1, capped, kalman
from yuejingzhun.metrology.clock.holdover import ClockNoise

STEPS = np.array([1.0, 1.0, 2.0, 4.0, 1.5]) * 1e-9  # white FM of five clocks, s a step of 1 s
NOISES = [ClockNoise(step) for step in STEPS]
RATES = np.array([3.0, -2.0, 1.0, 0.5, -1.0]) * 1e-9


def clocks(epochs: int, seed: int = 14) -> np.ndarray:
    """True phases of five clocks."""
    walk = np.cumsum(STEPS * np.random.default_rng(seed).standard_normal((epochs, 5)), axis=0)
    return walk + RATES * np.arange(epochs)[:, None]


def against_the_first(true: np.ndarray) -> np.ndarray:
    return true - true[:, :1]


ALGORITHMS = {"at1": lambda phase: at1(phase, 1.0), "kalman": lambda phase: kalman(phase, 1.0, NOISES)}


@pytest.mark.parametrize("name", ALGORITHMS)
def test_differences_of_clocks_are_as_measured(name: str) -> None:
    phase = against_the_first(clocks(200))
    offset = ALGORITHMS[name](phase).offset_s
    assert offset - offset[:, :1] == pytest.approx(phase, abs=1e-15)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_what_the_reference_does_cancels(name: str) -> None:
    phase = against_the_first(clocks(200))
    wander = 1e-6 * np.sin(np.arange(200))[:, None]
    one, other = ALGORITHMS[name](phase), ALGORITHMS[name](phase + wander)
    assert other.offset_s == pytest.approx(one.offset_s, abs=1e-14)
    assert (other.rejected == one.rejected).all()


@pytest.mark.parametrize("name", ALGORITHMS)
def test_the_order_of_the_clocks_does_not_matter(name: str) -> None:
    phase = against_the_first(clocks(150))
    order = [3, 0, 4, 2, 1]
    one = ALGORITHMS[name](phase)
    moved = phase[:, order]
    other = at1(moved, 1.0) if name == "at1" else kalman(moved, 1.0, [NOISES[i] for i in order])
    assert other.offset_s == pytest.approx(one.offset_s[:, order], abs=1e-14)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_the_ensemble_is_better_than_its_best_clock(name: str) -> None:
    # The ensemble's own phase is a true clock less its offset from the ensemble; its steps are to vary least.
    true = clocks(3000)
    phase = against_the_first(true)
    result = (
        at1(phase, 1.0, variance_memory=300, frequency_memory=300, largest_weight=1)
        if name == "at1"
        else ALGORITHMS[name](phase)
    )
    time = true[500:, 0] - result.offset_s[500:, 0]
    best = np.sqrt(1 / (1 / STEPS**2).sum())
    steps = np.diff(time)
    assert steps.std() < 0.85 * STEPS.min()
    assert steps.std() == pytest.approx(best, rel=0.1)
    average = result.weights[500:].mean(axis=0)
    assert average == pytest.approx(best**2 / STEPS**2, abs=0.06)


@pytest.mark.parametrize("name", ALGORITHMS)
@pytest.mark.parametrize("bad", [0, 2])
def test_a_step_is_rejected_once_and_then_absorbed(name: str, bad: int) -> None:
    true = clocks(400)
    stepped = true.copy()
    stepped[300:, bad] += 200e-9
    result, undisturbed = ALGORITHMS[name](against_the_first(stepped)), ALGORITHMS[name](against_the_first(true))
    assert result.rejected[300].tolist() == [i == bad for i in range(5)]
    assert result.weights[300, bad] == 0
    assert result.rejected[301:, bad].mean() < 0.05
    other = (bad + 1) % 5
    moved = result.offset_s[399, other] - undisturbed.offset_s[399, other]
    assert abs(moved) < 20e-9  # a tenth of the step: none of it in the ensemble, some in the weights
    assert result.offset_s[399, bad] - undisturbed.offset_s[399, bad] == pytest.approx(200e-9, abs=20e-9)


@pytest.mark.parametrize("name", ALGORITHMS)
def test_weights_add_up(name: str) -> None:
    weights = ALGORITHMS[name](against_the_first(clocks(100))).weights
    assert weights.sum(axis=1) == pytest.approx(np.ones(100))


def test_perfect_clocks_stay_perfect() -> None:
    phase = np.outer(np.arange(50.0), [0.0, 1e-9, 2e-9])
    result = at1(phase, 1.0)
    assert result.offset_s == pytest.approx(phase - phase.mean(axis=1, keepdims=True), abs=1e-20)
    assert not result.rejected.any()


def test_kalman_covariance_stays_sound_for_long() -> None:
    noises = [ClockNoise(1e-12, random_walk_fm=1e-14, white_pm_s=1e-11) for _ in range(4)]
    generator = np.random.default_rng(15)
    phase = np.cumsum(1e-12 * np.sqrt(300) * generator.standard_normal((3000, 4)), axis=0)
    result = kalman(phase + 1e-11 * generator.standard_normal(phase.shape), 300.0, noises)
    assert np.isfinite(result.offset_s).all()
    assert result.rejected.mean() < 0.01


@given(st.lists(st.floats(0.001, 1000), min_size=3, max_size=8), st.floats(0.05, 1))
def test_capped_weights(shares: list[float], limit: float) -> None:
    weights = capped(shares, limit)
    assert weights.sum() == pytest.approx(1)
    assert weights.max() <= max(limit, 1 / len(shares)) * (1 + 1e-9)


def test_capped_by_hand() -> None:
    assert capped([8, 1, 1], 0.5).tolist() == [0.5, 0.25, 0.25]
    assert capped([8, 1, 1], 0.1) == pytest.approx([1 / 3] * 3)
    assert capped([8, 1, 1], 1).tolist() == [0.8, 0.1, 0.1]


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        (lambda: at1(np.zeros((20, 2)), 1.0), "phase_s"),
        (lambda: at1(np.zeros((5, 3)), 1.0), "phase_s"),
        (lambda: at1(np.full((20, 3), np.nan), 1.0), "phase_s"),
        (lambda: at1(np.zeros((20, 3)), 0.0), "interval_s"),
        (lambda: at1(np.zeros((20, 3)), 1.0, start_epochs=1), "start_epochs"),
        (lambda: at1(np.zeros((20, 3)), 1.0, frequency_memory=0.5), "frequency_memory"),
        (lambda: at1(np.zeros((20, 3)), 1.0, largest_weight=2), "largest_weight"),
        (lambda: kalman(np.zeros((20, 3)), 1.0, NOISES), "noises"),
        (lambda: kalman(np.zeros((20, 3)), 1.0, [ClockNoise(0.0)] * 3), "noises"),
    ],
)
def test_bad_input_is_named(call, argument: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        call()
    assert refused.value.argument == argument
