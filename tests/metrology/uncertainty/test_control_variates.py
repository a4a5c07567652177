"""u from control variates against closed forms: exact where the model is bilinear, unbiased where it isn't."""

import numpy as np
import pytest

from yuejingzhun.metrology.uncertainty.bounded import Rectangular
from yuejingzhun.metrology.uncertainty.control_variates import controlled_u
from yuejingzhun.metrology.uncertainty.copula import Copula
from yuejingzhun.metrology.uncertainty.distribution import Constant, Distribution, Exponential, Normal, Student
from yuejingzhun.metrology.uncertainty.draws import Model, Points, Sampler, random_start
from yuejingzhun.metrology.uncertainty.monte_carlo import simulate


def u_and_plain(model: Model, inputs: list[Distribution], trials: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    sampler, start = Sampler(inputs, points=Points.SOBOL), random_start(np.random.default_rng(seed))
    values = sampler.values(model, start.generator(), trials)[0]
    found = controlled_u(values, sampler, start)
    assert found is not None
    return found, values.std(axis=-1)


@pytest.mark.parametrize("inputs", [[Normal(3.0, 0.5), Rectangular(1.0, 2.0)], [Exponential(2.0), Normal(-1.0, 0.2)]])
def test_a_product_of_two_inputs_is_exact(inputs: list[Distribution]) -> None:
    (a, b), (sa, sb) = ([x.mean for x in inputs], [x.sd for x in inputs])
    exact = ((a * sb) ** 2 + (b * sa) ** 2 + (sa * sb) ** 2) ** 0.5
    found, _ = u_and_plain(lambda x, y: x * y, inputs, 64)
    assert found == pytest.approx([exact], rel=1e-9)


def test_a_heavy_tail_that_the_points_do_not_reach_is_known_all_the_same() -> None:
    # Var t_3 = 3; 64 points see at most the tail of probability 1/128.
    found, plain = u_and_plain(lambda t, x: 2 * t + x, [Student(0.0, 1.0, 3), Normal(0.0, 1.0)], 64)
    assert found == pytest.approx([13**0.5], rel=1e-9)
    assert abs(plain[0] / 13**0.5 - 1) > 0.001


def test_no_bias_where_the_model_is_far_from_bilinear() -> None:
    # Var x^2 = 4/45 and Var |y| = 1/12 for inputs that are even within -1 and 1; the variates are of no use.
    exact = (4 / 45 + 1 / 12) ** 0.5
    inputs: list[Distribution] = [Rectangular(-1.0, 1.0)] * 2
    found = [u_and_plain(lambda x, y: x * x + abs(y), inputs, 2**10, seed)[0][0] for seed in range(40)]
    spread = np.std(found, ddof=1) / 40**0.5
    assert abs(np.mean(found) - exact) < 4 * spread
    assert spread < 1e-4 * exact


def test_rows_have_the_result_that_each_has_alone() -> None:
    means, limits = np.array([1.0, 5.0, -2.0]), np.array([2.0, 3.0, 0.5])
    inputs: list[Distribution] = [Normal(means, 0.3), Rectangular(0.0, limits), Constant(2.0)]

    def model(x, y, z):
        return np.exp(0.1 * x * z) * y

    found, _ = u_and_plain(model, inputs, 2**10)
    for row in range(3):
        alone = [Normal(means[row], 0.3), Rectangular(0.0, limits[row]), Constant(2.0)]
        assert u_and_plain(model, alone, 2**10)[0] == pytest.approx([found[row]], rel=1e-12)
    whole = simulate(model, inputs, np.random.default_rng(1), 2**10, points=Points.SOBOL)
    assert whole.u == pytest.approx(found, rel=1e-12)


def test_where_nothing_is_known_of_the_variates_the_points_speak_alone() -> None:
    linked = Copula(np.array([[1.0, 0.5], [0.5, 1.0]]))
    cases = [
        (Sampler([Normal(0.0, 1.0)]), 64),
        (Sampler([Normal(0.0, 1.0), Normal(0.0, 1.0)], linked, Points.SOBOL), 64),
        (Sampler([Student(0.0, 1.0, 2)], points=Points.SOBOL), 64),
        (Sampler([Normal(0.0, 1.0)] * 5, points=Points.SOBOL), 32),
    ]
    for sampler, trials in cases:
        start = random_start(np.random.default_rng(1))
        values = sampler.values(lambda *x: sum(x), start.generator(), trials)[0]
        assert controlled_u(values, sampler, start) is None
