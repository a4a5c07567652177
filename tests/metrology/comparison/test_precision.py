"""The precision experiments of ISO 5725-2:1994 Annex B, B.1 and B.3."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metrology.comparison.precision_experiments import COAL, CREOSOTE
from published import FROM_MEMORY, Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.precision import Precision, cells_of, padded, precision


def printed_levels(published: Published, part: str, result: Precision, printed: dict[str, str]) -> None:
    """General mean m, s_r and s_R of each level, as the standard prints them."""
    found = {"m": result.mean, "s_r": result.repeatability, "s_R": result.reproducibility}
    source = f"ISO 5725-2:1994 附录 {part}{FROM_MEMORY}"
    for name, texts in printed.items():
        published.series(f"ISO 5725-2 {part}", source, f"各水平的 {name}", texts.split(), found[name], "%")


def test_coal_b1(published: Published) -> None:
    result = precision(cells_of(*padded(COAL)))
    printed = {"m": "0.690 1.252 1.667 3.250", "s_r": "0.015 0.029 0.017 0.026", "s_R": "0.026 0.061 0.035 0.058"}
    printed_levels(published, "B.1", result, printed)
    assert result.laboratories.tolist() == [8, 8, 8, 8]


def test_creosote_b3(published: Published) -> None:
    values, present = padded(CREOSOTE)
    present[:, 0] = False  # as the standard does: laboratory 1 is an outlier,
    present[4, 5] = False  # and at level 5 laboratory 6 a straggler that it leaves out
    result = precision(cells_of(values, present))
    printed = {
        "m": "3.94 8.28 14.18 15.59 20.41",
        "s_r": "0.092 0.179 0.127 0.337 0.393",
        "s_R": "0.171 0.498 0.400 0.579 0.637",
    }
    printed_levels(published, "B.3", result, printed)
    assert result.laboratories.tolist() == [8, 8, 8, 8, 7]
    np.testing.assert_allclose(result.repeatability_limit, 2.8 * result.repeatability)


def test_balanced_level_by_analysis_of_variance() -> None:
    values = np.array([[1.0, 2.0], [4.0, 4.0], [6.0, 8.0]])
    result = precision(cells_of(values))
    # Mean squares by hand: within (0.5 + 0 + 2)/3, between 2 x variance(1.5, 4, 7).
    within, between = 2.5 / 3, 2 * np.var([1.5, 4, 7], ddof=1)
    assert float(result.repeatability) == pytest.approx(np.sqrt(within))
    assert float(result.reproducibility) == pytest.approx(np.sqrt(within + (between - within) / 2))
    assert float(result.mean) == pytest.approx(25 / 6)


def test_negative_between_laboratory_variance_is_zero() -> None:
    result = precision(cells_of([[1.0, 3.0], [1.0, 3.0], [3.0, 1.0]]))
    assert result.between_laboratories == 0
    assert result.reproducibility == result.repeatability


def test_recovers_the_components_it_was_drawn_from() -> None:
    generator = np.random.default_rng(6)
    values = 10 + 2 * generator.standard_normal((500, 20, 1)) + generator.standard_normal((500, 20, 4))
    present = generator.random(values.shape) < 0.8
    result = precision(cells_of(values, present))
    assert np.mean(result.repeatability**2) == pytest.approx(1, rel=0.03)
    assert np.mean(result.between_laboratories**2) == pytest.approx(4, rel=0.05)


@settings(max_examples=30)
@given(st.floats(0.01, 100), st.floats(-100, 100), st.permutations(range(8)))
def test_unit_origin_and_order(unit: float, origin: float, order: list[int]) -> None:
    values, present = padded(COAL)
    base = precision(cells_of(values, present))
    moved = precision(cells_of((origin + unit * values)[:, order], present[:, order]))
    for name in ("repeatability", "reproducibility"):
        np.testing.assert_allclose(getattr(moved, name), unit * getattr(base, name), rtol=1e-6)
    np.testing.assert_allclose(moved.mean, origin + unit * base.mean, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("call", "names"),
    [
        (lambda: padded([]), "levels"),
        (lambda: padded([[[1.0], [2.0]], [[1.0]]]), "levels"),
        (lambda: padded([[[], []]]), "levels"),
        (lambda: cells_of([1.0, 2.0]), "results"),
        (lambda: cells_of([[1.0, np.nan]]), "results"),
        (lambda: cells_of([[1.0, 2.0]], [[True]]), "present"),
        (lambda: precision(cells_of([[1.0, 2.0]])), "cells"),
        (lambda: precision(cells_of([[1.0], [2.0]])), "cells"),
    ],
)
def test_bad_arguments(call: object, names: str) -> None:
    with pytest.raises(ArgumentError) as error:
        call()  # type: ignore[operator]
    assert error.value.argument == names
