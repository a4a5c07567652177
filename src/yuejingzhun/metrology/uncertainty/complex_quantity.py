"""Complex quantities whose real and imaginary parts share their inputs (JCGM 102:2011 6.4, Annex C)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy import special

from yuejingzhun.metrology.arguments import ArgumentError, Floats, finite, probability
from yuejingzhun.metrology.uncertainty.budget import Correlations, covariance
from yuejingzhun.metrology.uncertainty.dual import Uncertain, arctan2, cos, exp, log, sin, sqrt

Part: TypeAlias = "Uncertain | float"


@dataclass(frozen=True, eq=False, slots=True)
class ComplexQuantity:
    """Real and imaginary part, each an uncertain number in the same unit; arrays are many measurements."""

    real: Uncertain
    imag: Uncertain

    @property
    def value(self) -> np.complex128 | np.ndarray[tuple[int, ...], np.dtype[np.complex128]]:
        """The estimate."""
        return np.asarray(self.real.value) + 1j * np.asarray(self.imag.value)

    def __add__(self, other: ComplexQuantity | Uncertain | complex) -> ComplexQuantity:
        real, imag = _parts(other)
        return ComplexQuantity(self.real + real, self.imag + imag)

    __radd__ = __add__

    def __neg__(self) -> ComplexQuantity:
        return ComplexQuantity(-self.real, -self.imag)

    def __sub__(self, other: ComplexQuantity | Uncertain | complex) -> ComplexQuantity:
        real, imag = _parts(other)
        return ComplexQuantity(self.real - real, self.imag - imag)

    def __rsub__(self, other: Uncertain | complex) -> ComplexQuantity:
        return -self + other

    def __mul__(self, other: ComplexQuantity | Uncertain | complex) -> ComplexQuantity:
        real, imag = _parts(other)
        return ComplexQuantity(self.real * real - self.imag * imag, self.real * imag + self.imag * real)

    __rmul__ = __mul__

    def reciprocal(self) -> ComplexQuantity:
        """1 / z."""
        square = self.real * self.real + self.imag * self.imag
        if np.any(np.asarray(square.value) == 0):
            raise ArgumentError("z", "除数为零")
        return ComplexQuantity(self.real / square, -self.imag / square)

    def __truediv__(self, other: ComplexQuantity | Uncertain | complex) -> ComplexQuantity:
        if isinstance(other, ComplexQuantity):
            return self * other.reciprocal()
        return self * (1 / other)

    def __rtruediv__(self, other: Uncertain | complex) -> ComplexQuantity:
        return self.reciprocal() * other

    def conjugate(self) -> ComplexQuantity:
        """The quantity mirrored at the real axis."""
        return ComplexQuantity(self.real, -self.imag)

    def magnitude(self) -> Uncertain:
        """|z|; raises ArgumentError at zero, where it has no derivative."""
        square = self.real * self.real + self.imag * self.imag
        if np.any(np.asarray(square.value) == 0):
            raise ArgumentError("z", "零点的模不可微")
        return sqrt(square)

    def phase(self) -> Uncertain:
        """Angle in radians, in (-pi, pi]; raises ArgumentError at zero."""
        return arctan2(self.imag, self.real)

    def covariance(self, correlations: Correlations | None = None) -> Floats:
        """Matrix (..., 2, 2) of real and imaginary part (JCGM 102:2011 3.11)."""
        real = covariance(self.real, self.real, correlations)
        both = covariance(self.real, self.imag, correlations)
        imag = covariance(self.imag, self.imag, correlations)
        rows = np.broadcast_arrays(real, both, both, imag)
        return np.stack(rows, axis=-1).reshape(*rows[0].shape, 2, 2)


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Coverage region around an estimate: half axes, and the angle of the longer one in radians."""

    semi_major: Floats
    semi_minor: Floats
    angle_rad: Floats
    factor: float

    def area(self) -> Floats:
        """Area in the square of the unit."""
        return np.pi * self.semi_major * self.semi_minor


def polar(magnitude: Uncertain, phase_rad: Uncertain) -> ComplexQuantity:
    """The quantity with this magnitude and phase."""
    return ComplexQuantity(magnitude * cos(phase_rad), magnitude * sin(phase_rad))


def complex_exp(z: ComplexQuantity) -> ComplexQuantity:
    """e^z."""
    return polar(exp(z.real), z.imag)


def complex_log(z: ComplexQuantity) -> ComplexQuantity:
    """The principal logarithm; raises ArgumentError at zero."""
    return ComplexQuantity(log(z.magnitude()), z.phase())


def coverage_ellipse(matrix: Floats, coverage: float = 0.95, dof: float = np.inf) -> Ellipse:
    """Elliptical coverage region of two quantities with this covariance (..., 2, 2) (JCGM 102:2011 6.5.2).

    The factor is k_p = sqrt(-2 ln(1 - p)), 2.45 for 95 %. JCGM 102 says nothing of finite degrees of freedom;
    where they are given, k_p^2 = 2 dof / (dof - 1) F(2, dof - 1), Hotelling's. Raises ArgumentError for a
    matrix that is not positive semi-definite or dof <= 1.
    """
    p, array = probability("coverage", coverage), finite("matrix", matrix)
    if array.shape[-2:] != (2, 2) or not np.allclose(array, np.swapaxes(array, -1, -2)):
        raise ArgumentError("matrix", f"应为对称的 2 × 2 矩阵，形状为 {array.shape}")
    if not dof > 1:
        raise ArgumentError("dof", f"自由度应大于 1，为 {dof:g}")
    square = -2 * np.log1p(-p)
    if np.isfinite(dof):
        square = 2 * dof / (dof - 1) * float(special.fdtri(2, dof - 1, p))
    roots, axes = np.linalg.eigh(array)
    if np.any(roots[..., 0] < -1e-6 * np.abs(roots[..., 1])):
        raise ArgumentError("matrix", "矩阵应半正定")
    half = np.sqrt(square * np.maximum(roots, 0.0))
    # An axis has no direction, so its angle is kept within (-pi/2, pi/2].
    angle = np.arctan2(axes[..., 1, 1], axes[..., 0, 1])
    angle = np.where(angle > np.pi / 2, angle - np.pi, np.where(angle <= -np.pi / 2, angle + np.pi, angle))
    return Ellipse(half[..., 1], half[..., 0], angle, float(np.sqrt(square)))


def _parts(other: ComplexQuantity | Uncertain | complex) -> tuple[Part, Part]:
    if isinstance(other, ComplexQuantity):
        return other.real, other.imag
    if isinstance(other, Uncertain):
        return other, 0.0
    number = complex(other)
    return number.real, number.imag
