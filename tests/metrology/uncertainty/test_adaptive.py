"""The adaptive procedure of JCGM 101:2008 7.9.4."""

import numpy as np
import pytest

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.adaptive import Adaptive
from yuejingzhun.metrology.uncertainty.bounded import Rectangular
from yuejingzhun.metrology.uncertainty.distribution import Normal
from yuejingzhun.metrology.uncertainty.draws import Points
from yuejingzhun.metrology.uncertainty.monte_carlo import simulate
from yuejingzhun.metrology.uncertainty.simulation import Kind


def added(*x):
    return sum(x[1:], x[0])


def test_the_number_of_trials_follows_the_digits_asked_for() -> None:
    """u = 2, so delta = 0.5 and 0.05: the ends, known to 5.3 / sqrt(M), need some 50 000 trials for two digits.

    The procedure may stop by chance after two runs; over many calculations the ends must be as stable as asked.
    """
    found = [simulate(added, [Normal(0.0, 1.0)] * 4, np.random.default_rng(i), Adaptive(2)) for i in range(20)]
    trials = [one.trials for one in found]
    assert 30_000 < np.mean(trials) < 100_000
    assert not any(count % 10_000 for count in trials)
    ends = np.array([one.symmetric.high for one in found]) - 3.919928
    assert np.sqrt(np.mean(ends**2)) < 0.05
    assert not any("试验次数" in line for one in found for line in one.warnings)
    rough = simulate(added, [Normal(0.0, 1.0)] * 4, np.random.default_rng(3), Adaptive(1))
    assert rough.trials == 20_000


def test_a_higher_probability_takes_longer_runs() -> None:
    found = simulate(added, [Rectangular(0.0, 1.0)], np.random.default_rng(1), Adaptive(1), 0.9995)
    assert found.trials == 400_000  # two runs of 100 / (1 - p)


def test_sobol_runs_are_scrambled_anew() -> None:
    inputs = [Normal(0.0, 1.0)] * 2
    found = simulate(added, inputs, np.random.default_rng(1), Adaptive(2), points=Points.SOBOL)
    assert found.trials == 2 * 16_384
    assert found.u == pytest.approx(2**0.5, abs=1e-3)


def test_stops_at_the_limit_and_says_so() -> None:
    rule = Adaptive(3, most_trials=35_000, kind=Kind.SHORTEST)
    found = simulate(added, [Normal(0.0, 1.0)] * 2, np.random.default_rng(1), rule)
    assert found.trials == 30_000
    assert found.warnings[0] == "试验次数已达上限，结果尚未稳定到所要求的位数"


def test_each_row_stops_by_itself_and_is_as_if_alone() -> None:
    spread = np.array([1.0, 3.0, 0.9])
    generator = np.random.default_rng(5)
    batch = simulate(added, [Normal(0.0, spread), Rectangular(0.0, 1.0)], generator, Adaptive(2))
    for i, u in enumerate(spread):
        alone = simulate(added, [Normal(0.0, u), Rectangular(0.0, 1.0)], np.random.default_rng(5), Adaptive(2))
        assert (batch.trials[i], batch.mean[i]) == (alone.trials, alone.mean)
    assert len(set(batch.trials.tolist())) > 1
    # The generator goes on behind the row that needed most: nothing is drawn twice.
    behind = np.random.default_rng(5)
    for _ in range(batch.trials.max() // 10_000):
        behind.standard_normal(10_000), behind.random(10_000)
    assert generator.bit_generator.random_raw() == behind.bit_generator.random_raw()


@pytest.mark.parametrize(
    ("fields", "argument"), [({"digits": 0}, "digits"), ({"share": 0.0}, "share"), ({"most_trials": 0}, "most_trials")]
)
def test_bad_input(fields: dict[str, float], argument: str) -> None:
    with pytest.raises(ArgumentError) as refused:
        Adaptive(**fields)
    assert refused.value.argument == argument
