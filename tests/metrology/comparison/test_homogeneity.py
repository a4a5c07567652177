"""ISO 13528:2022 E.2 (arsenic in chocolate) and Table B.1."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.homogeneity import expanded_factors, homogeneity, stability

# Tables E.2 and E.3, mg/kg.
ARSENIC = np.array(
    [
        *([0.185, 0.194], [0.187, 0.189], [0.182, 0.186], [0.188, 0.196], [0.191, 0.181]),
        *([0.188, 0.180], [0.187, 0.196], [0.177, 0.186], [0.179, 0.187], [0.188, 0.196]),
    ]
)
LATER = [0.191, 0.198, 0.190, 0.196]
# Table B.1: items, F1, F2.
FACTORS = [
    *((20, 1.59, 0.57), (19, 1.60, 0.59), (18, 1.62, 0.62), (17, 1.64, 0.64), (16, 1.67, 0.68), (15, 1.69, 0.71)),
    *((14, 1.72, 0.75), (13, 1.75, 0.80), (12, 1.79, 0.86), (11, 1.83, 0.93), (10, 1.88, 1.01), (9, 1.94, 1.11)),
    *((8, 2.01, 1.25), (7, 2.10, 1.43)),
]


def test_arsenic_e2(published: Published) -> None:
    study = homogeneity(ARSENIC)
    row = partial(published, "ISO 13528 E.2", "ISO 13528:2022 E.2（二手）", unit="mg/kg")
    row("砷 均匀性，总平均值", "0.18715", study.mean)
    row("砷 均匀性，s_x", "0.00398", study.of_averages)
    row("砷 均匀性，s_w", "0.00556", study.within)
    row("砷 均匀性，s_s", "0.00060", study.between)
    sigma = 0.15 * float(study.mean)
    row("砷 σ_pt", "0.02807", sigma)
    row("砷 0.3 σ_pt", "0.00842", 0.3 * sigma)
    assert study.is_adequate(sigma)
    # c of a published worksheet of this example (University of Stuttgart, M. Koch, 2017): sqrt(c) = 0.0128287331
    # with F1 and F2 from the rounded table.
    assert float(study.expanded_limit(sigma)) == pytest.approx(0.0128287331, rel=2e-3)
    result = stability(ARSENIC.ravel(), LATER, sigma)
    row("砷 稳定性，其后的平均值", "0.19375", np.mean(LATER))
    row("砷 稳定性，差", "0.00660", result.difference)
    row("砷 稳定性，限", "0.00842", result.limit)
    assert result.is_stable


def test_table_b1(published: Published) -> None:
    computed = [expanded_factors(items) for items, _, _ in FACTORS]
    row = partial(published.series, "ISO 13528 表 B.1", "ISO 13528:2022 表 B.1（二手）")
    row("F₁，7 至 20 件", [f"{first:.2f}" for _, first, _ in FACTORS], [first for first, _ in computed])
    row("F₂，7 至 20 件", [f"{second:.2f}" for _, _, second in FACTORS], [second for _, second in computed])


def test_lot_that_is_not_homogeneous() -> None:
    study = homogeneity([[1.0, 1.1], [2.0, 2.1], [3.0, 3.1]])
    # Averages 1.05, 2.05, 3.05: s_x = 1; s_w^2 = 0.005, s_s^2 = 1 - 0.0025.
    assert float(study.between) == pytest.approx(np.sqrt(0.9975))
    assert not study.is_adequate(1.0)
    assert not study.is_adequate_expanded(0.5)
    assert float(study.enlarged_sigma(1.0)) == pytest.approx(np.sqrt(1.9975))


def test_expanded_stability_limit() -> None:
    strict, expanded = stability([1.0, 1.2], 1.5, 1.0), stability([1.0, 1.2], 1.5, 1.0, 0.03, 0.04)
    assert not strict.is_stable
    assert float(expanded.limit) == pytest.approx(0.3 + 0.1)
    assert expanded.is_stable == (float(expanded.limit) >= 0.4)


def test_expanded_criterion_rarely_rejects_good_lots() -> None:
    generator = np.random.default_rng(5)
    between, within, sigma = 0.3, 0.3, 1.0
    items = between * generator.standard_normal((4000, 10, 1)) + within * generator.standard_normal((4000, 10, 2))
    rejected = 1 - np.mean(homogeneity(items).is_adequate_expanded(sigma))
    assert 0.02 < rejected < 0.05  # a lot just good enough


@given(st.floats(0.1, 100), st.floats(-100, 100))
def test_unit_and_origin(unit: float, origin: float) -> None:
    base, moved = homogeneity(ARSENIC), homogeneity(origin + unit * ARSENIC)
    for name in ("of_averages", "within"):
        assert float(getattr(moved, name)) == pytest.approx(unit * float(getattr(base, name)), rel=1e-6)


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: homogeneity([1.0, 2.0]), "results"),
        (lambda: homogeneity([[1.0], [2.0]]), "results"),
        (lambda: homogeneity([[1.0, 2.0]]), "results"),
        (lambda: homogeneity([[1.0, np.nan], [1.0, 2.0]]), "results"),
        (lambda: homogeneity(ARSENIC).is_adequate(0), "sigma"),
        (lambda: stability([1.0], [np.inf], 1), "after"),
        (lambda: stability([], [1.0], 1), "before"),
        (lambda: stability([1.0], [1.0], 1, -1, 1), "u_before"),
        (lambda: expanded_factors(1), "items、replicates"),
    ],
)
def test_bad_arguments(call: object, names: str) -> None:
    with pytest.raises(ArgumentError) as error:
        call()  # type: ignore[operator]
    assert error.value.argument == names
