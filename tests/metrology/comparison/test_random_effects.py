from functools import partial

import numpy as np
import pytest

from published import Published
from yuejingzhun.metrology.comparison.random_effects import dersimonian_laird, paule_mandel, reml

# CCQM-K25, PCB-105, from the manual of the R package metRology; the first two confirmed by statsmodels 0.15.
PCB105 = ([10.21, 10.9, 10.94, 10.58, 10.81, 9.62, 10.8], [0.381, 0.25, 0.13, 0.41, 0.445, 0.196, 0.093])
PCB105_PRINTED = {
    dersimonian_laird: ("DerSimonian-Laird", "10.5571", "0.1971"),
    paule_mandel: ("Paule-Mandel", "10.5577", "0.1916"),
    reml: ("REML", "10.5565", "0.2031"),
}
# Colditz et al. 1994, as in R's metafor (dat.bcg): vaccinated with and without tuberculosis, the others likewise.
BCG = np.array(
    [
        (4, 119, 11, 128),
        (6, 300, 29, 274),
        (3, 228, 11, 209),
        (62, 13536, 248, 12619),
        (33, 5036, 47, 5761),
        (180, 1361, 372, 1079),
        (8, 2537, 10, 619),
        (505, 87886, 499, 87892),
        (29, 7470, 45, 7232),
        (17, 1699, 65, 1600),
        (186, 50448, 141, 27197),
        (5, 2493, 3, 2338),
        (27, 16886, 29, 17825),
    ],
    dtype=float,
).T


@pytest.mark.parametrize(
    ("estimate", "value", "u", "tau", "precision"),
    [
        (dersimonian_laird, 10.557083301959404, 0.19707321326962612, 0.44478830420910753, 1e-13),
        (paule_mandel, 10.557735603994113, 0.19162457546356318, 0.4287854240410633, 1e-13),
        # The published optimiser stopped at its own tolerance.
        (reml, 10.556452286931789, 0.20310420423305656, 0.4624466666938854, 3e-9),
    ],
)
def test_pcb105(estimate, value, u, tau, precision, published: Published) -> None:  # type: ignore[no-untyped-def]
    found = estimate(*PCB105)
    row = partial(published, "CCQM-K25 PCB-105", "R 包 metRology 手册，CCQM-K25 PCB-105")
    name, printed, printed_u = PCB105_PRINTED[estimate]
    row(name, printed, found.value)
    row(f"{name} 的 u", printed_u, found.u)
    np.testing.assert_allclose([found.value, found.u, found.tau], [value, u, tau], rtol=precision)
    assert found.chi2 == pytest.approx(37.33693552629088)


def test_reml_of_the_bcg_trials_as_metafor_prints_it(published: Published) -> None:
    a, b, c, d = BCG
    found = reml(np.log(a / (a + b) / (c / (c + d))), np.sqrt(1 / a - 1 / (a + b) + 1 / c - 1 / (c + d)))
    row = partial(published, "metafor dat.bcg", "R 包 metafor，rma(yi, vi, data = dat.bcg)")
    row("REML 估计", "-0.7145", found.value)
    row("REML 估计的 se", "0.1798", found.u)
    row("REML 的 τ²", "0.3132", found.tau**2)
    row("Q(12)", "152.2330", found.chi2)


def canonical_likelihood(x: np.ndarray, u: np.ndarray, tau2: np.ndarray) -> np.ndarray:
    """Restricted likelihood from the definition: normal density of contrasts, by eigenvalues."""
    n = x.size
    contrasts = np.linalg.svd(np.ones((1, n)))[2][1:]
    values, vectors = np.linalg.eigh(contrasts @ np.diag(u**2) @ contrasts.T)
    z = vectors.T @ contrasts @ x
    total = values[:, None] + tau2
    return -(np.log(total) + z[:, None] ** 2 / total).sum(axis=0)


def test_reml_finds_the_highest_maximum() -> None:
    generator = np.random.default_rng(11)
    for _ in range(40):
        n = int(generator.integers(2, 7))
        u = 10.0 ** generator.uniform(-2, 1, n)
        x = generator.standard_normal(n) * 10.0 ** generator.uniform(-2, 1)
        grid = np.concatenate([[0.0], np.geomspace(1e-9, 1e3, 20_000)])
        best = canonical_likelihood(x, u, grid).max()
        found = canonical_likelihood(x, u, np.array([reml(x, u).tau ** 2]))[0]
        assert found >= best - 1e-9 * abs(best) - 1e-9


def test_reml_with_several_maxima() -> None:
    # One small and one large scale, each with evidence of its own.
    x, u = np.array([0.0, 0.02, 50.0, -50.0]), np.array([0.01, 0.01, 60.0, 60.0])
    grid = np.concatenate([[0.0], np.geomspace(1e-9, 1e4, 40_000)])
    expected = grid[canonical_likelihood(x, u, grid).argmax()]
    assert reml(x, u).tau ** 2 == pytest.approx(expected, rel=2e-3)


def test_paule_mandel_brings_chi_squared_to_its_degrees_of_freedom() -> None:
    generator = np.random.default_rng(2)
    x = generator.standard_normal((200, 9)) * 10.0 ** generator.uniform(-4, 3, (200, 1))
    u = 10.0 ** generator.uniform(-3, 1, (200, 9))
    found = paule_mandel(x, u)
    w = 1 / (u**2 + found.tau[:, None] ** 2)
    q = (w * (x - found.value[:, None]) ** 2).sum(axis=-1)
    positive = found.tau > 0
    np.testing.assert_allclose(q[positive], 8, rtol=1e-8)
    assert np.all(q[~positive] <= 8)
    assert positive.any() and not positive.all()


@pytest.mark.parametrize("estimate", [dersimonian_laird, paule_mandel, reml])
def test_limits(estimate) -> None:  # type: ignore[no-untyped-def]
    same = estimate([5.0, 5.0, 5.0], [1.0, 2.0, 3.0])
    assert (same.tau, same.value) == (0, pytest.approx(5))
    # With equal u every one of them is s^2 - u^2, and the mean the arithmetic one.
    x, u = np.array([1.0, 4.0, 2.0, 9.0]), 0.5
    found = estimate(x, np.full(4, u))
    assert found.tau == pytest.approx((x.var(ddof=1) - u**2) ** 0.5)
    assert (found.value, found.u) == (pytest.approx(4), pytest.approx((x.var(ddof=1) / 4) ** 0.5))
    # More scatter, more tau.
    wider = [estimate(np.array([-1.0, 0.2, 1.0]) * k, [0.3, 0.2, 0.5]).tau for k in (0.1, 1, 2, 4)]
    assert wider[0] == 0 and np.all(np.diff(wider) > 0)
