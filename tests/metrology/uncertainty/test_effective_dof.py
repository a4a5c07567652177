"""Degrees of freedom of results, of correlated inputs too."""

import GTC
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.metrology.uncertainty.budget import budget, simultaneous
from yuejingzhun.metrology.uncertainty.budget import given as input_of
from yuejingzhun.metrology.uncertainty.dual import cos, sin

# JCGM 100:2008 table H.2: V in V, I in mA, phase in rad, five sets read together.
VOLTAGE = [5.007, 4.994, 5.005, 4.990, 4.999]
CURRENT = [19.663, 19.639, 19.640, 19.685, 19.678]
PHASE = [1.0456, 1.0438, 1.0468, 1.0428, 1.0433]


def test_quantities_read_together_keep_the_dof_of_their_readings() -> None:
    (v, i, phase), pairs = simultaneous(["V", "I", "φ"], [VOLTAGE, CURRENT, PHASE])
    for result in (v / i * cos(phase), v / i * sin(phase), v / i):
        assert budget(result, pairs).dof == pytest.approx(4)


def test_agrees_with_gtc_on_h2_beside_another_input() -> None:
    (v, i, phase), pairs = simultaneous(["V", "I", "φ"], [VOLTAGE, CURRENT, PHASE])
    lead = input_of("导线", 0.001, 2e-3, 10)
    ours = budget(v / i * cos(phase) + lead, pairs)
    a, b, c = GTC.type_a.multi_estimate_real([VOLTAGE, CURRENT, PHASE])
    theirs = a / b * GTC.cos(c) + GTC.ureal(0.001, 2e-3, 10)
    assert float(ours.u) == pytest.approx(theirs.u, rel=1e-9)
    assert float(ours.dof) == pytest.approx(theirs.df, rel=1e-9)


def test_different_dof_in_a_group_take_the_smallest() -> None:
    a, b = input_of("a", 1.0, 0.1, 5), input_of("b", 1.0, 0.1, 50)
    pair = {frozenset((next(iter(a.derivatives)), next(iter(b.derivatives)))): 0.5}
    assert budget(a + b, pair).dof == pytest.approx(5)


def test_pairs_without_correlation_are_independent() -> None:
    a, b = input_of("a", 1.0, 0.1, 5), input_of("b", 1.0, 0.1, 5)
    pair = {frozenset((next(iter(a.derivatives)), next(iter(b.derivatives)))): 0.0}
    assert budget(a + b, pair).dof == pytest.approx(10) == budget(a + b).dof


@given(st.floats(-0.99, 0.99), st.floats(0.01, 10), st.floats(0.01, 10), st.integers(2, 100))
def test_a_group_alone_has_its_own_dof_whatever_correlates(r: float, ua: float, ub: float, dof: int) -> None:
    a, b = input_of("a", 1.0, ua, dof), input_of("b", 2.0, ub, dof)
    pair = {frozenset((next(iter(a.derivatives)), next(iter(b.derivatives)))): r or 0.5}
    assert float(budget(3 * a - b, pair).dof) == pytest.approx(dof)


@given(st.lists(st.tuples(st.floats(0.01, 10), st.integers(2, 100)), min_size=1, max_size=5))
def test_lies_between_the_smallest_and_the_sum_and_ignores_the_scale(inputs: list[tuple[float, int]]) -> None:
    made = [input_of(str(n), 1.0, u, dof) for n, (u, dof) in enumerate(inputs)]
    total = sum(made[1:], made[0])
    dof = float(budget(total).dof)
    assert min(d for _, d in inputs) * (1 - 1e-9) <= dof <= sum(d for _, d in inputs) * (1 + 1e-9)
    assert float(budget(1e6 * total).dof) == pytest.approx(dof)


def test_rows_have_their_own() -> None:
    a, b = input_of("a", np.zeros(3), np.array([1.0, 2.0, 0.0]), 4), input_of("b", 0.0, 1.0)
    assert budget(a + b).dof == pytest.approx([16.0, 6.25, np.inf])
