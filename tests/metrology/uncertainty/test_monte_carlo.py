"""The Monte Carlo method on the examples of JCGM 101:2008 clause 9, and against exact distributions.

Figures marked P are printed in the standard. Others were computed independently to more digits, or follow from
the closed form beside them; tolerances are some four standard errors of 10^6 trials.
"""

from functools import partial
from itertools import product
from math import factorial

import numpy as np
import pytest
from scipy import optimize, stats

from published import FROM_MEMORY, Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.uncertainty.adaptive import Adaptive
from yuejingzhun.metrology.uncertainty.bounded import ArcSine, CurvilinearTrapezoid, Rectangular
from yuejingzhun.metrology.uncertainty.copula import Copula
from yuejingzhun.metrology.uncertainty.distribution import Constant, Exponential, Normal, Student
from yuejingzhun.metrology.uncertainty.draws import Points
from yuejingzhun.metrology.uncertainty.dual import exp
from yuejingzhun.metrology.uncertainty.monte_carlo import simulate

MASS = [
    Normal(100_000.0, 0.050),
    Normal(1.234, 0.020),
    Rectangular(1.10, 1.30),
    Rectangular(7000.0, 9000.0),
    Rectangular(7950.0, 8050.0),
]


def mass(m, dm, air, w, r):
    """JCGM 101:2008 9.3, in mg."""
    return (m + dm) * (1 + (air - 1.2) * (1 / w - 1 / r)) - 100_000


DRAWN = {"within": "2", "because": "来源与所得都由有限次试验抽得", "extra": 0}


def added(*x):
    return sum(x[1:], x[0])


def rng(seed: int = 1) -> np.random.Generator:
    return np.random.default_rng(seed)


def share_below(y: float, half_widths: list[float]) -> float:
    """Distribution function of a sum of rectangular quantities about zero."""
    n, signs = len(half_widths), product((1, -1), repeat=len(half_widths))
    total = sum(np.prod(s) * max(y + np.dot(s, half_widths), 0.0) ** n for s in signs)
    return float(total / (factorial(n) * np.prod(half_widths) * 2**n))


def test_9_2_2_four_normal_quantities() -> None:
    found = simulate(added, [Normal(0.0, 1.0)] * 4, rng())
    assert found.mean == pytest.approx(0, abs=0.008)
    assert found.u == pytest.approx(2, abs=0.006)
    for interval in (found.symmetric, found.shortest):
        assert interval.width == pytest.approx(2 * 3.919928, abs=0.03)
    assert (found.symmetric.low, found.symmetric.high) == pytest.approx((-3.919928, 3.919928), abs=0.022)


def test_9_2_3_four_rectangular_quantities(published: Published) -> None:
    found = simulate(added, [Rectangular(-(3**0.5), 3**0.5)] * 4, rng())
    exact = 2 * 3**0.5 * (2 - (3 / 5) ** 0.25)  # 3.88, P
    assert share_below(exact, [3**0.5] * 4) == pytest.approx(0.975)
    row = partial(published, "JCGM 101 9.2.3", f"JCGM 101:2008 9.2.3{FROM_MEMORY}")
    row("四个矩形分布之和，95 % 区间上端", "3.88", found.symmetric.high, **DRAWN)
    assert found.u == pytest.approx(2, abs=0.005)
    assert (found.symmetric.low, found.symmetric.high) == pytest.approx((-exact, exact), abs=0.018)


def test_9_2_4_one_rectangular_quantity_dominates(published: Published) -> None:
    half_widths = [3**0.5] * 3 + [300**0.5]
    found = simulate(added, [Rectangular(-a, a) for a in half_widths], rng())
    exact = optimize.brentq(lambda y: share_below(y, half_widths) - 0.975, 10, 22)
    assert exact == pytest.approx(17.0, abs=0.05)  # P
    row = partial(published, "JCGM 101 9.2.4", f"JCGM 101:2008 9.2.4{FROM_MEMORY}")
    row("一个矩形分布占优，95 % 区间上端", "17.0", found.symmetric.high, extra=1)
    row("一个矩形分布占优，u", "10.1", found.u, extra=1)
    assert found.u == pytest.approx(103**0.5, abs=0.03)
    assert (found.symmetric.low, found.symmetric.high) == pytest.approx((-exact, exact), abs=0.04)


def test_9_3_mass() -> None:
    found = simulate(mass, MASS, rng())
    assert found.mean == pytest.approx(1.23400, abs=3e-4)  # 1.2341, P
    assert found.u == pytest.approx(0.075480, abs=2e-4)  # 0.0754, P
    assert found.symmetric.low == pytest.approx(1.08440, abs=9e-4)
    assert found.symmetric.high == pytest.approx(1.38355, abs=9e-4)
    assert found.shortest.width == pytest.approx(0.2991, abs=6e-4)
    assert any("最短包含区间的位置不确定" in line for line in found.warnings)


def test_9_3_mass_more_precisely(published: Published) -> None:
    found = simulate(mass, MASS, rng(), 2**18, points=Points.SOBOL)
    # In closed form: all inputs are independent, and the air density lies evenly about 1.2.
    buoyancy = 1 / (7000 * 9000) - 2 * np.log(9 / 7) / 2000 * np.log(8050 / 7950) / 100 + 1 / (7950 * 8050)
    variance = 0.050**2 + 0.020**2
    exact = (variance + (100_001.234**2 + variance) * 0.2**2 / 12 * buoyancy) ** 0.5
    assert exact == pytest.approx(0.075480, abs=5e-7)
    assert found.mean == pytest.approx(1.234, abs=1e-6)
    assert found.u == pytest.approx(exact, rel=5e-5)
    assert (found.symmetric.low, found.symmetric.high) == pytest.approx((1.08440, 1.38355), abs=3e-4)
    assert found.shortest.width == pytest.approx(0.2991, abs=3e-4)
    row = partial(published, "JCGM 101 9.3", f"JCGM 101:2008 9.3{FROM_MEMORY}")
    row("质量，蒙特卡洛平均值", "1.2341", found.mean, "mg", **DRAWN)
    row("质量，蒙特卡洛 u", "0.0754", found.u, "mg", **DRAWN)
    row("质量，最短 95 % 区间宽度（1.3825 − 1.0834）", "0.2991", found.shortest.width, "mg", **DRAWN | {"within": "3"})


@pytest.mark.parametrize("x1", [0.0, 0.010, 0.050])
@pytest.mark.parametrize("r", [0.0, 0.9])
def test_9_4_comparison_loss(x1: float, r: float) -> None:
    s = 0.005
    copula = Copula(np.array([[1, r], [r, 1]])) if r else None
    found = simulate(lambda a, b: a * a + b * b, [Normal(x1, s), Normal(0.0, s)], rng(), copula=copula)
    variance = 4 * s**4 * (1 + r * r) + 4 * x1**2 * s**2
    assert found.mean == pytest.approx(x1**2 + 2 * s**2, abs=4e-3 * variance**0.5)
    assert found.u == pytest.approx(variance**0.5, rel=7e-3)
    if not r:
        exact = stats.ncx2(2, (x1 / s) ** 2, scale=s**2) if x1 else stats.chi2(2, scale=s**2)
        lowest, highest = exact.ppf([0.025, 0.975])
        assert (found.symmetric.low, found.symmetric.high) == pytest.approx((lowest, highest), abs=0.012 * found.u)
        tail = optimize.minimize_scalar(
            lambda a: exact.ppf(a + 0.95) - exact.ppf(a), bounds=(1e-9, 0.05 - 1e-9), method="bounded"
        ).x
        width = exact.ppf(tail + 0.95) - exact.ppf(tail)
        assert found.shortest.width == pytest.approx(width, rel=0.005)
    # At x1 = 0 all sensitivities vanish: first order says u = 0.
    assert any("一阶标准不确定度为零" in line for line in found.warnings) == (x1 == 0)


def test_9_4_shortest_interval_at_zero_starts_there(published: Published) -> None:
    found = simulate(lambda a, b: a * a + b * b, [Normal(0.0, 0.005)] * 2, rng())
    assert found.shortest.low == pytest.approx(0, abs=1e-7)
    assert found.shortest.high == pytest.approx(-2 * 0.005**2 * np.log(0.05), rel=0.01)
    source = f"JCGM 101:2008 9.4{FROM_MEMORY}"
    published(
        "JCGM 101 9.4", source, "失配损耗 x₁ = 0，最短区间上端", "150", found.shortest.high * 1e6, "× 10⁻⁶", extra=0
    )
    assert not any("最短" in line for line in found.warnings)


def gauge_block(ls, d, d1, d2, alpha, theta, cycle, d_alpha, d_theta):
    """JCGM 101:2008 9.5, deviation from 50 mm in nm."""
    return ls + d + d1 + d2 - ls * (d_alpha * (theta + cycle) + alpha * d_theta) - 50_000_000


# Table 10 as the R package propagate has it, but for the 24 degrees of freedom (25 there) of JCGM 100:2008 H.1.3.2.
GAUGE = [
    Student(50_000_623.0, 25.0, 18),
    Student(215.0, 6.0, 24),
    Student(0.0, 4.0, 5),
    Student(0.0, 7.0, 8),
    Rectangular(9.5e-6, 13.5e-6),
    Normal(-0.1, 0.2),
    ArcSine(-0.5, 0.5),
    CurvilinearTrapezoid(-1.0e-6, 1.0e-6, 0.1e-6),
    CurvilinearTrapezoid(-0.050, 0.050, 0.025),
]


@pytest.mark.parametrize("points", list(Points))
def test_9_5_gauge_block(points: Points, published: Published) -> None:
    found = simulate(gauge_block, GAUGE, rng(), 2**18, 0.99, points=points)
    t = 25**2 * 18 / 16 + 6**2 * 24 / 22 + 4**2 * 5 / 3 + 7**2 * 8 / 6
    curved = (0.1**2 / 12 + 0.025**2 / 9) * (11.5e-6**2 + 4e-6**2 / 12)
    warm = ((2e-6) ** 2 / 12 + (1e-7) ** 2 / 9) * (0.1**2 + 0.2**2 + 1 / 8)
    exact = (t + 50_000_623.0**2 * (curved + warm)) ** 0.5
    assert found.mean == pytest.approx(838, abs=0.4)
    row = partial(published, "JCGM 101 9.5", f"JCGM 101:2008 9.5{FROM_MEMORY}")
    drawn = {Points.SOBOL: "Sobol 点"}.get(points, "伪随机数")
    row(f"量块，{drawn}，平均值", "838", found.mean, "nm", extra=0)
    row(f"量块，{drawn}，u", "36", found.u, "nm", extra=0)
    row("量块，u 的闭式", "36", exact, "nm")
    assert found.u == pytest.approx(exact, rel=0.007)


def test_rows_share_draws_and_each_is_as_if_alone() -> None:
    means, widths = np.array([1.0, 2.0, 50.0]), np.array([0.1, 0.5, 3.0])
    centre = [Normal(means, widths), Rectangular(0.0, widths), CurvilinearTrapezoid(-1.0, 1.0, widths / 6)]
    batch = simulate(lambda a, b, c: a * exp(b) + c, centre, rng(), 40_000)
    assert batch.trials.tolist() == [40_000] * 3
    for i, (mean, width) in enumerate(zip(means, widths, strict=True)):
        inputs = [Normal(mean, width), Rectangular(0.0, width), CurvilinearTrapezoid(-1.0, 1.0, width / 6)]
        alone = simulate(lambda a, b, c: a * exp(b) + c, inputs, rng(), 40_000)
        assert (batch.mean[i], batch.u[i]) == pytest.approx((alone.mean, alone.u), rel=1e-12)
        assert batch.symmetric.low[i] == pytest.approx(alone.symmetric.low, rel=1e-12)
        assert batch.shortest.width[i] == pytest.approx(alone.shortest.width, rel=1e-12)


def test_very_many_rows_with_few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    zeros = np.linspace(-5, 5, 3000)
    whole = simulate(added, [Normal(zeros, 1.0), Rectangular(0.0, 1.0)], rng(), 2000)
    monkeypatch.setattr("yuejingzhun.metrology.uncertainty.monte_carlo.VALUES_AT_ONCE", 500_000)
    parts = simulate(added, [Normal(zeros, 1.0), Rectangular(0.0, 1.0)], rng(), 2000)
    np.testing.assert_array_equal(whole.mean, parts.mean)
    np.testing.assert_allclose(whole.mean - zeros, whole.mean[0] - zeros[0], atol=1e-12)


@pytest.mark.parametrize("points", list(Points))
def test_the_result_says_how_to_draw_it_again(points: Points) -> None:
    generator = np.random.Generator(np.random.SFC64(77))
    one, other = (simulate(mass, MASS, generator, 4096, points=points) for _ in range(2))
    assert (one.start.algorithm, one.start.seed, one.mean == other.mean) == ("SFC64", 77, False)
    for found in (one, other):
        again = simulate(mass, MASS, found.start.generator(), 4096, points=points)
        assert (again.mean, again.shortest.low) == (found.mean, found.shortest.low)


@pytest.mark.parametrize("points", list(Points))
def test_unit_and_order_of_the_inputs_change_nothing_but_the_noise(points: Points) -> None:
    inputs = [Exponential(1.0), Normal(3.0, 0.5)]
    one = simulate(lambda a, b: a * b, inputs, rng(), 2**16, points=points)
    other = simulate(lambda b, a: 1000 * a * b, inputs[::-1], rng(9), 2**16, points=points)
    assert one.u == pytest.approx((9 + 0.5**2 * 2) ** 0.5, rel=0.02)
    assert other.u / 1000 == pytest.approx(one.u, rel=0.03)
    assert one.symmetric.width < simulate(lambda a, b: a * b, inputs, rng(), 2**16, 0.99).symmetric.width


def test_an_input_and_itself() -> None:
    found = simulate(lambda x: x - x, [Normal(10.0, 1.0)], rng(), 20_000)
    assert (found.mean, found.u, found.symmetric.width, found.warnings) == (0, 0, 0, ())
    assert simulate(lambda x, c: c + 0 * x, [Normal(0.0, 1.0), Constant(4.0)], rng(), 20_000).mean == 4
    opposed = Copula(np.array([[1.0, -1.0], [-1.0, 1.0]]))
    found = simulate(added, [Normal(1.0, 2.0), Normal(2.0, 2.0)], rng(), 20_000, copula=opposed)
    assert found.u < 1e-12
    assert found.warnings == ()


def test_warnings() -> None:
    heavy = simulate(added, [Normal(0.0, 1.0), Student(0.0, 1.0, 2)], rng(), 20_000)
    assert heavy.warnings[0] == "输入量 2 的标准差不存在，u 不可靠，只有包含区间有意义"
    few = simulate(added, [Exponential(1.0)] * 2, rng(), 1000)
    assert few.warnings[0].startswith("试验次数少于")
    flat = simulate(lambda x: x * x, [Normal(np.array([0.0, 3.0, 0.0]), 1.0)], rng(), 20_000)
    assert any(line.startswith("第 1、3 行：一阶标准不确定度为零") for line in flat.warnings)
    steep = simulate(lambda x, y: np.abs(x) ** -0.25 + y, [Normal(0.0, 1.0), Normal(0.0, 1.0)], rng(), 20_000)
    assert not any("一阶标准不确定度为零" in line for line in steep.warnings)


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"trials": 10}, "trials"),
        ({"trials": 2.5}, "trials"),
        ({"trials": 1000, "points": Points.SOBOL}, "trials"),
        ({"trials": Adaptive(most_trials=100)}, "most_trials"),
        ({"probability": 1.0}, "probability"),
        ({"inputs": []}, "inputs"),
        ({"inputs": [Normal(np.zeros(2), 1.0), Normal(np.zeros(3), 1.0)]}, "inputs"),
        ({"generator": 5}, "generator"),
        ({"copula": Copula(np.eye(3))}, "correlation"),
        ({"model": lambda a, b: (a, b)}, "model"),
        ({"model": lambda a, b: a + 1j * b}, "model"),
        ({"model": lambda a, b: "no number"}, "model"),
        ({"model": lambda a, b: np.concatenate([a, b])}, "model"),
        ({"model": lambda a, b: np.where(a > 0, b, np.nan)}, "model"),
    ],
)
def test_bad_input(change: dict[str, object], argument: str) -> None:
    good: dict[str, object] = {
        "model": added,
        "inputs": [Normal(0.0, 1.0), Normal(0.0, 1.0)],
        "generator": rng(),
        "trials": 1024,
    }
    with pytest.raises(ArgumentError) as refused:
        simulate(**{**good, **change})
    assert refused.value.argument == argument
