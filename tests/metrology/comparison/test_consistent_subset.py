from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.consistent_subset import largest_consistent_subset
from yuejingzhun.metrology.comparison.equivalence import degrees_of_equivalence
from yuejingzhun.metrology.comparison.reference_value import weighted_mean


def by_enumeration(x: np.ndarray, u: np.ndarray) -> set[int]:
    """All subsets, the largest first (Cox 2007, section 4)."""
    for size in range(x.size, 1, -1):
        subsets = [list(subset) for subset in combinations(range(x.size), size)]
        chi2 = [weighted_mean(x[subset], u[subset]).chi2 for subset in subsets]
        if stats.chi2.sf(min(chi2), size - 1) >= 0.05:
            return set(subsets[int(np.argmin(chi2))])
    return set()


def test_it_is_the_subset_that_enumeration_finds() -> None:
    generator = np.random.default_rng(8)
    sizes = set()
    for _ in range(40):
        n = int(generator.integers(3, 8))
        x, u = 3 * generator.standard_normal(n), 10.0 ** generator.uniform(-1, 0.5, n)
        expected = by_enumeration(x, u)
        if not expected:
            with pytest.raises(ArgumentError):
                largest_consistent_subset(x, u)
            continue
        found = largest_consistent_subset(x, u)
        assert set(np.flatnonzero(found.included).tolist()) == expected
        assert found.p >= 0.05
        sizes.add(n - len(expected))
    assert len(sizes) >= 3


def test_pcb105_without_the_sixth_laboratory() -> None:
    x, u = np.array([10.21, 10.9, 10.94, 10.58, 10.81, 9.62, 10.8]), [0.381, 0.25, 0.13, 0.41, 0.445, 0.196, 0.093]
    found = largest_consistent_subset(x, u)
    assert np.flatnonzero(~found.included).tolist() == [5]
    # Cox 2007, section 5: outside the subset the variances add, inside they subtract.
    u_degrees = degrees_of_equivalence(x, u, found).u
    assert u_degrees[5] == pytest.approx((0.196**2 + found.u**2) ** 0.5)
    assert u_degrees[2] == pytest.approx((0.13**2 - found.u**2) ** 0.5)


def test_consistent_results_are_all_kept_and_stacks_may_be_ragged() -> None:
    x = np.array([[1.0, 1.1, 0.9, 50.0, 1.05], [1.0, 9.0, 9.1, 3.0, 9.05]])
    present = np.array([[True, True, True, False, True], [True, True, True, True, True]])
    found = largest_consistent_subset(x, 0.1, present)
    assert found.included.tolist() == [[True, True, True, False, True], [False, True, True, False, True]]
    # However far from zero and from one another the results are.
    far = largest_consistent_subset(1e9 + np.array([0, 1e-4, 1e6, 1.0]), 1e-3)
    assert far.included.tolist() == [True, True, False, False]


def test_no_two_that_agree() -> None:
    with pytest.raises(ArgumentError, match="第 2 次比对中没有两个参加者相互一致") as caught:
        largest_consistent_subset([[1.0, 1.0, 1.0], [1.0, 100.0, 1000.0]], 0.1)
    assert caught.value.argument == "x"
