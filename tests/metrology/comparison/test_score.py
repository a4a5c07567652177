"""ISO 13528:2022 E.4: mercury in feed, assigned 0.044 mg/kg with U = 0.0082, sigma_pt = 0.0066."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.score import (
    Signal,
    difference_allowed_percent,
    difference_percent,
    en_score,
    en_signal,
    is_negligible,
    signal,
    z_prime_score,
    z_score,
    zeta_score,
)

ASSIGNED, EXPANDED, SIGMA = 0.044, 0.0082, 0.0066
# Tables E.6 and E.7: result, U, k, D%, P_A, z, z', zeta, En.
TABLE = np.array(
    [
        (0.013, 0.003, 2, -70.5, -156.6, -4.70, -3.99, -7.10, -3.55),
        (0.013, 0.007, 2, -70.5, -156.6, -4.70, -3.99, -5.75, -2.88),
        (0.0135, 0.00108, 1.732, -69.3, -154.0, -4.62, -3.93, -7.35, -3.69),
        (0.014, 0.004, 2, -68.2, -151.5, -4.55, -3.86, -6.58, -3.29),
        (0.014, 0.0005, 2, -68.2, -151.5, -4.55, -3.86, -7.30, -3.65),
        (0.016, 0.003, 2, -63.6, -141.4, -4.24, -3.60, -6.41, -3.21),
        (0.017, 0.008, 2, -61.4, -136.4, -4.09, -3.47, -4.71, -2.36),
        (0.019, 0.003, 2, -56.8, -126.3, -3.79, -3.22, -5.73, -2.86),
        (0.0239, 0.0036, 2, -45.7, -101.5, -3.05, -2.59, -4.49, -2.24),
        (0.037, 0.013, 2, -15.9, -35.4, -1.06, -0.90, -0.91, -0.46),
        (0.039, 0.007, 2, -11.4, -25.3, -0.76, -0.64, -0.93, -0.46),
        (0.04, 0.008, 2, -9.1, -20.2, -0.61, -0.51, -0.70, -0.35),
        (0.04, 0.03, 2, -9.1, -20.2, -0.61, -0.51, -0.26, -0.13),
        (0.040, 0.010, 2, -9.1, -20.2, -0.61, -0.51, -0.62, -0.31),
        (0.0424, 0.008, 2, -3.6, -8.1, -0.24, -0.21, -0.28, -0.14),
        (0.044, 0.007, 2, 0.0, 0.0, 0.00, 0.00, 0.00, 0.00),
        (0.045, 0.007, 2, 2.3, 5.1, 0.15, 0.13, 0.19, 0.09),
        (0.045, 0.005, 2, 2.3, 5.1, 0.15, 0.13, 0.21, 0.10),
        (0.046, 0.007, 2, 4.5, 10.1, 0.30, 0.26, 0.37, 0.19),
        (0.049, 0.0072, 2, 11.4, 25.3, 0.76, 0.64, 0.92, 0.46),
        (0.053, 0.007, 2, 20.5, 45.5, 1.36, 1.16, 1.67, 0.83),
    ]
)


def test_mercury_e4(published: Published) -> None:
    result, expanded, k = TABLE.T[:3]
    scores = [
        difference_percent(result, ASSIGNED),
        difference_allowed_percent(result, ASSIGNED, 3 * SIGMA),
        z_score(result, ASSIGNED, SIGMA),
        z_prime_score(result, ASSIGNED, SIGMA, EXPANDED / 2),
        zeta_score(result, expanded / k, ASSIGNED, EXPANDED / 2),
        en_score(result, expanded, ASSIGNED, EXPANDED),
    ]
    names = ("D，%", "P_A，%", "z", "z′", "ζ", "En")
    for name, obtained, column, places in zip(names, scores, TABLE.T[3:], (1, 1, 2, 2, 2, 2), strict=True):
        printed = [f"{number:.{places}f}" for number in column]
        published.series("ISO 13528 E.4", "ISO 13528:2022 表 E.7（二手）", f"汞，21 家的 {name}", printed, obtained)
    assert not is_negligible(EXPANDED / 2, SIGMA)  # which is why E.4 gives z' at all


def test_signals() -> None:
    scores = [0, 2, -2, 2.0001, -2.9999, 3, -3, 8]
    expected = [0, 0, 0, 1, 1, 2, 2, 2]
    assert signal(scores).tolist() == expected
    assert [Signal(number).term for number in signal([1, 2.5, 5])] == ["满意", "有问题", "不满意"]
    assert en_signal([1.0, -1.0, 1.0001, -3]).tolist() == [0, 0, 2, 2]


def test_z_with_uncertain_assigned_value_is_smaller() -> None:
    assert z_prime_score(5, 1, 2, 0) == z_score(5, 1, 2)
    assert abs(z_prime_score(5, 1, 2, 1)) < abs(z_score(5, 1, 2))


@given(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_scores_have_no_unit(x: float, reference: float, u: float, u_reference: float, unit: float) -> None:
    for score in (lambda *v: zeta_score(*v), lambda *v: en_score(*v)):
        base = float(score(x, u, reference, u_reference))
        assert float(score(unit * x, unit * u, unit * reference, unit * u_reference)) == pytest.approx(
            base, rel=1e-9, abs=1e-9 * (abs(x) + abs(reference)) / u
        )
    halved = float(en_score(x, 2 * u, reference, 2 * u_reference))
    assert halved == pytest.approx(float(zeta_score(x, u, reference, u_reference)) / 2)


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: z_score(1, 1, 0), "sigma"),
        (lambda: z_score(np.nan, 1, 1), "result"),
        (lambda: z_prime_score(1, 1, 1, -1), "u_assigned"),
        (lambda: zeta_score(1, 0, 1, 1), "u_result"),
        (lambda: en_score(1, -1, 1, 1), "expanded_result"),
        (lambda: difference_percent(1, 0), "assigned"),
        (lambda: z_score([1, 2], [1, 2, 3], 1), "result、assigned"),
        (lambda: z_score([1, 2], 1, [1, 2, 3]), "result、sigma"),
        (lambda: is_negligible(1, 0), "sigma"),
        (lambda: signal([np.inf]), "scores"),
    ],
)
def test_bad_arguments(call: object, names: str) -> None:
    with pytest.raises(ArgumentError) as error:
        call()  # type: ignore[operator]
    assert error.value.argument == names
