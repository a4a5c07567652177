"""How large and how coloured the noise of a balance is: rounding, and what the loss model leaves."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.uneven import ENDLESS, even_ratio, likelihoods

LEAKS = (0.0, 0.2, 0.4, 0.6, 0.75, 0.85, 0.92, 0.96, 0.98)
FIRST_LEAK = 0.98
LEAST_LEAK = 0.05  # of uneven noise, which can't do without a part that is white in the registers
# Mean variance that the scatter of the loss adds, in units of the rounding's.
SCATTERS = (0.0, *(0.05 * 1.5**k for k in range(22)))
# Gain in log-likelihood, and change of the variance, that are worth a second look at all readings.
WORTH = 8.0
UNEVEN = 3.0  # of the score, that asks for a scatter of the loss
LITTLE_CHANGE = (0.8, 1.25)


@dataclass(frozen=True, slots=True)
class Noise:
    """Of one district: leak of the filter that makes it white, and the variance of what then remains, kWh^2."""

    leak: float
    variance: float
    block: int = 1  # intervals whose registers are averaged
    scatter: float = 0.0  # relative standard deviation of the loss of an interval about its law

    @property
    def rounding(self) -> float:
        """Variance of the part that is white in the registers, kWh^2."""
        return self.variance * max(self.leak, LEAST_LEAK)


def rounding_variance(unit: Floats, total_resolution_kwh: float) -> float:
    """Variance of the balance of registers that are cut to whole steps: step^2 / 12 for each (JCGM 100 F.2.2.1)."""
    return float((unit**2).sum() + total_resolution_kwh**2) / 12


def expected_noise(rounding: float, block: int = 1) -> Noise:
    """Noise of rounding plus a white part that the leak stands for: innovations have variance rounding / leak."""
    return Noise(FIRST_LEAK, rounding / FIRST_LEAK / block, block)


def fitted_noise(residual: Floats, noise: Noise, freedom: float) -> Noise:
    """The leak of `LEAKS` under which the residual is most probable, from the residual under the noise's own leak.

    Gaussian, given the first value (Box, Jenkins & Reinsel, 7.1): the least sum of squares wins. Computed from the
    periodogram of the residual with the old filter undone.
    """
    difference = residual.copy()
    difference[1:] -= noise.leak * residual[:-1]
    spectra, powers, after = _filters(difference.size, (noise.leak, *LEAKS))
    # With as many zeros behind, the filter's memory of the last value is in the sum, too; it is no residual.
    squares = spectra @ np.square(np.abs(np.fft.rfft(difference, 2 * difference.size)))
    squares -= after * np.square(powers @ difference)
    best = int(squares.argmin())
    if residual.size / 2 * np.log(squares[0] / squares[best]) < WORTH:
        best = 0
    return Noise((noise.leak, *LEAKS)[best], float(squares[best]) / max(residual.size - freedom, 1.0), noise.block)


@lru_cache(maxsize=64)
def _filters(size: int, leaks: tuple[float, ...]) -> tuple[Floats, Floats, Floats]:
    """Of each leak: gain at the frequencies of twice as many points, with their share in a mean square; weight of each
    point in the last value; sum of squares of what follows a last value of 1."""
    each = np.array(leaks)[:, None]
    spectra = 1 / (1 + each * each - 2 * each * np.cos(np.linspace(0, np.pi, size + 1))) / size
    spectra[:, [0, -1]] /= 2
    known = each[:, 0] ** 2 / (1 - each[:, 0] ** 2)
    return spectra, each ** np.arange(size - 1, -1, -1.0), known


def is_settled(fitted: Noise, noise: Noise) -> bool:
    """Whether the fitted noise is as good as the one that it was found with."""
    low, high = LITTLE_CHANGE
    return (
        fitted.leak == noise.leak and fitted.scatter == noise.scatter and low < fitted.variance / noise.variance < high
    )


def fitted_uneven(difference: Floats, loss_kwh: Floats, unsure: Floats, noise: Noise, freedom: float) -> Noise:
    """The leak and the scatter of the loss under which the balance's rest is most probable, by their grids.

    `difference` is that rest before any filter, `loss_kwh` the loss and `unsure` (kWh^2) the variance from filling in,
    all of the intervals that remain. From even noise, the best with a scatter is tried in any case: what was left under
    a filter too fond of slow changes has lost these to the meters' errors, and can't speak for it. From there, even
    noise where that will do, or the noise as it is, where none is better by more than is worth a look.
    """
    square = loss_kwh**2 / max(float(np.square(loss_kwh).mean()), 1e-300)
    fixed = np.minimum(unsure / noise.rounding, ENDLESS)
    own = noise.scatter**2 * float(np.square(loss_kwh).mean()) / noise.rounding
    tried = [(max(noise.leak, LEAST_LEAK), own)]
    tried += [(leak, ratio) for leak in (LEAST_LEAK, *LEAKS[1:]) for ratio in SCATTERS]
    ratios = np.array([fixed + even_ratio(leak) + ratio * square for leak, ratio in tried])
    squares, logarithms = likelihoods(difference, ratios)
    cost = difference.size / 2 * np.log(squares) + logarithms / 2
    scattered = np.array([ratio > 0 for _, ratio in tried])
    if not noise.scatter:
        best = int(np.where(scattered, cost, np.inf).argmin())
    else:
        best = int(cost.argmin())
        even = int(np.where(scattered, np.inf, cost).argmin())
        if cost[even] - cost[best] < WORTH:
            best = even
        elif cost[0] - cost[best] < WORTH:
            best = 0
    leak, ratio = tried[best]
    rounding = float(squares[best]) / max(difference.size - freedom, 1.0)
    scatter = noise.scatter if best == 0 else float(np.sqrt(ratio * rounding / np.square(loss_kwh).mean()))
    return Noise(leak, rounding / max(leak, LEAST_LEAK), 1, scatter)


def unevenness(residual: Floats, loss_kwh: Floats) -> float:
    """How much larger the residual is where the loss is: score test (Breusch & Pagan 1979), standard normal if not."""
    square = np.square(loss_kwh)
    high = square - square.mean()
    size = float(np.sqrt(2 * (high @ high)))
    return float(high @ np.square(residual)) / float(np.square(residual).mean()) / size if size > 0 else 0.0
