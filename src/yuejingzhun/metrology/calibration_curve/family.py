"""The families of curves that ISO 6143:2001 5.3 names: polynomials to degree 3, power and exponential."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from yuejingzhun.metrology.arguments import ArgumentError, Floats, whole

# What the exponent of a curve is tried at for a start, times the span of x or as it is.
_TRIED = np.concatenate([-np.geomspace(8, 0.02, 25), np.geomspace(0.02, 8, 25)])


@dataclass(frozen=True, slots=True)
class Family:
    """y = f(x; b) with its derivative by x (n,) and by the coefficients (n, p); `start` finds a first b."""

    name: str
    size: int
    value: Callable[[Floats, Floats], Floats]
    by_x: Callable[[Floats, Floats], Floats]
    by_coefficients: Callable[[Floats, Floats], Floats]
    start: Callable[[Floats, Floats, Floats], Floats]


def polynomial(degree: int) -> Family:
    """b0 + b1 x + ... of degree 1, 2 or 3; a higher one swings between the points (ISO 6143:2001 5.3)."""
    if not 1 <= whole("degree", degree, 1) <= 3:
        raise ArgumentError("degree", f"多项式的次数应为 1 至 3，为 {degree}")

    def value(x: Floats, b: Floats) -> Floats:
        return np.asarray(np.polynomial.polynomial.polyval(x, b), dtype=np.float64)

    def by_x(x: Floats, b: Floats) -> Floats:
        slope = np.polynomial.polynomial.polyder(b)
        return np.asarray(np.polynomial.polynomial.polyval(x, slope), dtype=np.float64)

    def by_coefficients(x: Floats, _b: Floats) -> Floats:
        return np.asarray(np.polynomial.polynomial.polyvander(x, degree), dtype=np.float64)

    def start(x: Floats, y: Floats, weight: Floats) -> Floats:
        return weighted_solution(by_coefficients(x, x), y, weight)[0]

    name = ("直线", "二次多项式", "三次多项式")[degree - 1]
    return Family(name, degree + 1, value, by_x, by_coefficients, start)


def exponential() -> Family:
    """b0 + b1 exp(b2 x)."""
    return Family(
        "指数函数",
        3,
        lambda x, b: b[0] + b[1] * np.exp(b[2] * x),
        lambda x, b: b[1] * b[2] * np.exp(b[2] * x),
        lambda x, b: np.stack([np.ones_like(x), np.exp(b[2] * x), b[1] * x * np.exp(b[2] * x)], axis=-1),
        lambda x, y, weight: _scan(x, y, weight, _TRIED / np.ptp(x), lambda c: np.exp(c * x)),
    )


def power() -> Family:
    """b0 + b1 x^(1 + b2), for x > 0."""
    return Family(
        "幂函数",
        3,
        lambda x, b: b[0] + b[1] * _positive(x) ** (1 + b[2]),
        lambda x, b: b[1] * (1 + b[2]) * _positive(x) ** b[2],
        lambda x, b: np.stack(
            [np.ones_like(x), _positive(x) ** (1 + b[2]), b[1] * np.log(x) * x ** (1 + b[2])], axis=-1
        ),
        lambda x, y, weight: _scan(x, y, weight, _TRIED[np.abs(_TRIED) <= 3], lambda c: _positive(x) ** (1 + c)),
    )


def weighted_solution(matrix: Floats, right: Floats, weight: Floats) -> tuple[Floats, float]:
    """Least squares of weight * (matrix @ b - right) and the sum of squares, columns scaled to one size."""
    weighted = matrix * weight[:, None]
    size = np.linalg.norm(weighted, axis=0)
    size[size == 0] = 1.0
    b = np.linalg.lstsq(weighted / size, right * weight, rcond=None)[0] / size
    return b, float((((matrix @ b) - right) ** 2 * weight**2).sum())


def _scan(x: Floats, y: Floats, weight: Floats, tried: Floats, curve: Callable[[float], Floats]) -> Floats:
    """With the exponent held the rest is linear, so the best of some exponents is a safe start."""
    found = []
    for exponent in tried:
        b, squares = weighted_solution(np.stack([np.ones_like(x), curve(float(exponent))], axis=-1), y, weight)
        found.append((squares, np.array([*b, exponent])))
    return min(found, key=lambda pair: pair[0])[1]


def _positive(x: Floats) -> Floats:
    if np.any(x <= 0):
        raise ArgumentError("x", "幂函数要求 x 大于零")
    return x
