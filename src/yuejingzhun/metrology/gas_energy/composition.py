"""Compositions of gases as mole fractions: their checks, and normalisation with its uncertainty."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from yuejingzhun.metrology.arguments import ArgumentError, Floats, correlation_matrix, finite, not_negative

# Rounding of a printed composition; one that misses unity by more was not normalised.
SUM_TOLERANCE = 1e-4


def composition(names: Sequence[str], fractions: ArrayLike) -> Floats:
    """The fractions as float64, (..., components), unchecked but for their last axis, as long as `names`."""
    try:
        x = np.asarray(fractions, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ArgumentError("fractions", "应为数，或等长的数列") from error
    if not names or x.ndim == 0 or x.shape[-1] != len(names):
        raise ArgumentError("fractions", f"最后一维应有 {len(names)} 个组分（names），形状为 {x.shape}")
    return x


def checked_composition(names: Sequence[str], fractions: ArrayLike) -> Floats:
    """As `composition`, with each gas finite, not negative and adding up to 1 within 0.0001."""
    x = composition(names, fractions)
    flat = x.reshape(-1, x.shape[-1])
    check_rows(flat, flat.sum(axis=-1), 0)
    return x


def check_rows(rows: Floats, sums: Floats, start: int) -> None:
    """Refuse rows that are no compositions, given their sums; `start` is the number of the first, for the message."""
    # A fraction that is no finite number makes the sum one as well, so that one look at the sums finds it.
    wrong = ~(np.abs(sums - 1.0) <= SUM_TOLERANCE)
    if wrong.any():
        row = int(np.argmax(wrong))
        finite("fractions", rows[row])
        raise ArgumentError("fractions", f"各组分摩尔分数之和应为 1，第 {start + row + 1} 组为 {sums[row]:.6g}")
    if rows.size and rows.min() < 0:
        not_negative("fractions", rows)


def normalised(
    fractions: ArrayLike, u: ArrayLike, correlation: ArrayLike | None = None
) -> tuple[Floats, Floats, Floats]:
    """A raw composition divided by its sum: fractions, standard uncertainties and the correlation they then have.

    All of one gas, shapes (components,) and (components, components), the raw `correlation` being the identity
    where it is None; JCGM 102:2011 6.2 with the derivatives of y_i / sum(y). Raises ArgumentError for negative
    input, a sum of zero or a matrix that is no correlation matrix.
    """
    raw, spread = not_negative("fractions", fractions), not_negative("u", u)
    if raw.ndim != 1 or raw.shape != spread.shape or not raw.sum() > 0:
        raise ArgumentError("fractions、u", "应为等长的一维数列，且组分之和大于零")
    r = np.eye(len(raw)) if correlation is None else correlation_matrix("correlation", correlation, len(raw))
    x = raw / raw.sum()
    slope = (np.eye(len(raw)) - x[:, None]) / raw.sum()
    covariance = slope @ (r * np.outer(spread, spread)) @ slope.T
    size = np.sqrt(np.maximum(np.diagonal(covariance), 0.0))
    scale = np.where(size > 0, size, 1.0)
    result = covariance / np.outer(scale, scale)
    np.fill_diagonal(result, 1.0)
    return x, size, result
