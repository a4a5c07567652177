import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.clock.holdover import (
    ClockNoise,
    ClockState,
    holdover_time,
    predict,
    process_covariance,
    track,
)

KNOWN = ClockState(0.0, 0.0, 0.0, np.zeros((3, 3)))


@pytest.mark.parametrize(
    ("noise", "u_at_100_s"),
    [
        # SP 1065 8.2: tau sigma_y(tau) for white and random-walk FM, tau sigma_y / sqrt(ln 2) for flicker FM.
        (ClockNoise(1e-11), 100 * 1e-12),
        (ClockNoise(0.0, flicker_fm=1e-13), 100 * 1e-13 * 1.2011224),
        (ClockNoise(0.0, random_walk_fm=1e-15), 100 * 1e-14),
    ],
)
def test_growth_of_the_prediction_error(noise: ClockNoise, u_at_100_s: float) -> None:
    assert predict(KNOWN, noise, 100.0).u_s == pytest.approx(u_at_100_s, rel=1e-7)


def test_deterministic_part() -> None:
    state = ClockState(1e-6, 1e-9, 1e-14, np.diag([1e-9, 1e-12, 1e-16]) ** 2)
    prediction = predict(state, ClockNoise(1e-12), [0.0, 1000.0])
    assert prediction.phase_s == pytest.approx([1e-6, 1e-6 + 1e-6 + 5e-9])
    expected = np.sqrt(1e-18 + 1e-18 + (5e5 * 1e-16) ** 2 + 1e-24 * 1000)
    assert prediction.u_s == pytest.approx([1e-9, expected])


def simulate(noise: ClockNoise, steps: int, runs: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    root = np.linalg.cholesky(process_covariance(noise, 1.0) + 1e-40 * np.eye(2))
    state, phases = np.zeros((runs, 2)), []
    for _ in range(steps):
        phases.append(state[:, 0])
        state = state @ np.array([[1, 0], [1, 1]]) + generator.standard_normal((runs, 2)) @ root.T
    true = np.array(phases).T
    return true, true + noise.white_pm_s * generator.standard_normal(true.shape)


def test_predictions_are_as_wrong_as_they_say() -> None:
    noise = ClockNoise(1e-10, random_walk_fm=1e-11, white_pm_s=2e-10)
    true, read = simulate(noise, 120, 300, 12)
    errors = []
    for row, truth in zip(read, true, strict=True):
        prediction = predict(track(row[:60], 1.0, noise), noise, 59.0)
        errors.append((truth[118] - prediction.phase_s) / prediction.u_s)
    assert np.std(errors) == pytest.approx(1, abs=0.13)  # 300 runs: three standard deviations


def test_drift_is_found() -> None:
    t = np.arange(50.0)
    state = track(1e-6 + 2e-9 * t + 0.5e-12 * t**2, 1.0, ClockNoise(1e-15, white_pm_s=1e-13), drift=True)
    assert state.drift_per_s == pytest.approx(1e-12, rel=1e-3)
    assert state.frequency == pytest.approx(2e-9 + 49e-12, rel=1e-4)


def test_holdover_time_by_hand() -> None:
    # k u = 2 * 1e-9 sqrt(t) reaches 1 us at t = 250000 s.
    assert holdover_time(KNOWN, ClockNoise(1e-9), 1e-6) == pytest.approx(250_000, rel=1e-9)
    steady = ClockState(0.0, 1e-9, 0.0, np.zeros((3, 3)))
    assert holdover_time(steady, ClockNoise(0.0), 1e-6) == pytest.approx(1000, rel=1e-9)
    assert holdover_time(KNOWN, ClockNoise(1e-15), 1.0) == np.inf
    assert holdover_time(ClockState(2.0, 0, 0, np.zeros((3, 3))), ClockNoise(1e-9), 1.0) == 0


@given(st.floats(1e-12, 1e-8), st.floats(1, 1e6), st.floats(1.01, 10))
def test_uncertainty_grows_with_time(white: float, t: float, factor: float) -> None:
    noise = ClockNoise(white, random_walk_fm=white / 100, flicker_fm=white / 10)
    assert predict(KNOWN, noise, factor * t).u_s > predict(KNOWN, noise, t).u_s


def test_refusals() -> None:
    with pytest.raises(ArgumentError, match="white_fm"):
        ClockNoise(-1.0)
    with pytest.raises(ArgumentError, match="elapsed_s"):
        predict(KNOWN, ClockNoise(1e-9), -1.0)
    with pytest.raises(ArgumentError, match="covariance"):
        predict(ClockState(0, 0, 0, -np.eye(3)), ClockNoise(1e-9), 1.0)
    with pytest.raises(ArgumentError, match="phase_s"):
        track([1.0, 2.0], 1.0, ClockNoise(1e-9))
    with pytest.raises(ArgumentError, match="noise"):
        track([1.0, 2.0, 3.0], 1.0, ClockNoise(0.0))
    with pytest.raises(ArgumentError, match="limit_s"):
        holdover_time(KNOWN, ClockNoise(1e-9), 0.0)
