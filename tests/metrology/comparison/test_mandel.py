"""Mandel's h and k: Tables 6 and 7 of ISO 5725-2:1994, and the coal of its example B.1."""

from functools import partial

import numpy as np
import pytest

from metrology.comparison.precision_experiments import COAL
from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.mandel import h_critical, k_critical, mandel
from yuejingzhun.metrology.comparison.precision import cells_of, padded


def test_tables_6_and_7(published: Published) -> None:
    sizes, replicates = [3, 4, 5, 6, 7, 8, 9, 10], [2, 3, 4, 5]
    h = partial(published.series, "ISO 5725-2 表 6", "ISO 5725-2:1994 表 6")
    k = partial(published.series, "ISO 5725-2 表 7", "ISO 5725-2:1994 表 7")
    # 1.485 and 1.425 are exact ties.
    h("h，p = 3 至 10，1 %", ["1.15", "1.49", "1.72", "1.87", "1.98", "2.06", "2.13", "2.18"], h_critical(sizes, 0.01))
    h("h，p = 3 至 10，5 %", ["1.15", "1.42", "1.57", "1.66", "1.71", "1.75", "1.78", "1.80"], h_critical(sizes, 0.05))
    k("k，p = 3，n = 2 至 5，1 %", ["1.71", "1.64", "1.58", "1.53"], k_critical(3, replicates, 0.01))
    k("k，p = 3，n = 2 至 5，5 %", ["1.65", "1.53", "1.45", "1.40"], k_critical(3, replicates, 0.05))


def test_coal_b1() -> None:
    result = mandel(cells_of(*padded(COAL)))
    # Read off the data: laboratory 6 has the highest mean at levels 1 to 3, laboratory 3 at level 4.
    assert np.argmax(result.h, axis=1).tolist() == [5, 5, 5, 2]
    # Level 1, laboratory 1, by hand: mean 0.7075, general mean 18.64/27, root of the sum of squares over 7.
    means = np.array([np.mean(cell) for cell in COAL[0]])
    general = sum(map(sum, COAL[0])) / 27
    assert float(result.h[0, 0]) == pytest.approx((0.7075 - general) / np.sqrt(np.sum((means - general) ** 2) / 7))
    np.testing.assert_allclose((result.k**2).mean(axis=1), 1.0)


def test_by_hand() -> None:
    # Means 1, 2, 6 about 3: deviations -2, -1, 3 over sqrt(14/2); standard deviations sqrt(2) x (0, 1, 2).
    result = mandel(cells_of([[1.0, 1.0], [1.0, 3.0], [4.0, 8.0]]))
    np.testing.assert_allclose(result.h, np.array([-2, -1, 3]) / np.sqrt(7))
    np.testing.assert_allclose(result.k, np.array([0, 1, 2]) * np.sqrt(3 / 5))


def test_absent_cells() -> None:
    values, present = padded([[[1.0, 2.0], [3.0, 4.5], [], [2.0, 2.5], [9.0]]])
    result = mandel(cells_of(values, present))
    assert result.has_mean[0].tolist() == [True, True, False, True, True]
    assert result.has_spread[0].tolist() == [True, True, False, True, False]
    assert result.h[0, 2] == result.k[0, 2] == result.k[0, 4] == 0
    assert np.sum(result.k[0] ** 2) == pytest.approx(3)


def test_critical_values_hold_in_simulation() -> None:
    cells = cells_of(np.random.default_rng(9).standard_normal((20_000, 6, 3)))
    result = mandel(cells)
    assert np.mean(np.abs(result.h) > float(h_critical(6, 0.05))) == pytest.approx(0.05, abs=0.003)
    assert np.mean(result.k > float(k_critical(6, 3, 0.01))) == pytest.approx(0.01, abs=0.002)


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: mandel(cells_of([[1.0, 2.0], [2.0, 3.0]])), "cells"),
        (lambda: mandel(cells_of([[1.0, 2.0]] * 3)), "cells"),
        (lambda: mandel(cells_of([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])), "cells"),
        (lambda: h_critical(2, 0.05), "laboratories"),
        (lambda: k_critical(3, 1, 0.05), "replicates"),
        (lambda: k_critical(3, 2, 1.5), "alpha"),
    ],
)
def test_bad_arguments(call: object, names: str) -> None:
    with pytest.raises(ArgumentError) as error:
        call()  # type: ignore[operator]
    assert error.value.argument == names
