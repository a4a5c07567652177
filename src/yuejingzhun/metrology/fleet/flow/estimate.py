"""The errors of all meters of a batch of areas, by zones of flow, from registers to what is stated."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.flow.area import Area, resolve
from yuejingzhun.metrology.fleet.flow.attribution import LEAST_SHARE
from yuejingzhun.metrology.fleet.flow.supply import Supply
from yuejingzhun.metrology.fleet.flow.verdict import Verdict, judge
from yuejingzhun.metrology.fleet.marginal import Marginal, marginal
from yuejingzhun.metrology.fleet.posterior import mixture_moments
from yuejingzhun.metrology.fleet.prior import Prior, learn

CHUNK = 8  # areas whose columns are in memory at once
# A longer one does not tell a small steady flow from short uses: zones below the main one are not stated then.
LONGEST_INTERVAL_HOURS = 0.5
HABITS = 0.15  # of the difference between the errors of two zones


@dataclass(frozen=True, slots=True)
class ZoneEstimates:
    """Of a batch, areas x rows x zones. What is not `measured` is NaN, and so is the zone below all limits."""

    zones: tuple[str, ...]
    main: int  # the zone that verdict and prior are about
    mpe: Floats  # in service, NaN where no limit applies
    meters: Marginal
    measured: NDArray[np.bool_]
    share: Floats  # of the meter's volume that it registered in the zone
    verdicts: tuple[Verdict, ...]
    areas: tuple[Area, ...]
    prior: Prior  # that the batch was judged with, in the scale of the main zone


def estimate(supply: Supply, given: Prior, learns: bool = True) -> ZoneEstimates:
    """Errors, uncertainties and probabilities to exceed the zone's limit in service; `given` is for the main zone.

    With `learns`, the batch's own prior is learnt from its supported areas, beginning with the given one.
    """
    solved: list[Area] = []
    for begin in range(0, len(supply), CHUNK):
        solved += resolve(supply, range(begin, min(begin + CHUNK, len(supply))), given)
    verdicts = tuple(judge(each, supply, number, given) for number, each in enumerate(solved))
    if learns:
        useful = [_main_zone(supply, each, n) for n, each in enumerate(solved) if verdicts[n].is_supported]
        mean, variance = (np.concatenate(part) for part in zip(*useful, strict=True)) if useful else np.empty((2, 0))
        given = learn(given, mean, variance) if mean.size else given
    return _stated(supply, solved, verdicts, given)


def _main_zone(supply: Supply, found: Area, number: int) -> tuple[Floats, Floats]:
    """What the main zone's columns say of the fleet, with the uncertainty of what was taken for exact."""
    parts = found.columns.zoned
    those = found.measured & (parts.zone == supply.curves.main)
    known = supply.known_uncertainty[number][parts.row[those]]
    return found.mean[those], found.variance[those] + known**2


def _stated(supply: Supply, solved: list[Area], verdicts: tuple[Verdict, ...], prior: Prior) -> ZoneEstimates:
    areas, rows, zones = supply.curves.mpe.shape
    shape = (areas, rows, zones)
    mean, variance, share = np.full(shape, np.nan), np.full(shape, np.nan), np.zeros(shape)
    for number, each in enumerate(solved):
        parts, told = each.columns.zoned, each.measured
        at = (number, parts.row[told], parts.zone[told])
        scale = each.columns.scale[told]
        mean[at] = each.mean[told] * scale
        variance[at] = each.variance[told] * scale**2 + supply.known_uncertainty[number][parts.row[told]] ** 2
        share[number] = parts.share
    variance += _doubt(mean, variance, share, supply, prior) ** 2
    told = np.arange(zones) >= (1 if supply.interval_hours <= LONGEST_INTERVAL_HOURS else supply.curves.main)
    mean[..., ~told] = np.nan
    measured = ~np.isnan(mean)
    stated = {name: np.full(shape, np.nan) for name in ("error", "uncertainty", "low", "high", "exceeds")}
    scale, limits = supply.curves.scale, supply.curves.limits
    for factor, limit in sorted(set(zip(scale[measured].tolist(), limits[measured].tolist(), strict=True))):
        these = measured & (scale == factor) & (limits == limit)
        found = marginal(_scaled(prior, factor), mean[these], variance[these], limit)
        for name, values in stated.items():
            values[these] = getattr(found, name)
    curves = supply.curves
    stated_meters = Marginal(**stated)
    return ZoneEstimates(
        curves.names, curves.main, curves.mpe, stated_meters, measured, share, verdicts, tuple(solved), prior
    )


def _doubt(mean: Floats, variance: Floats, share: Floats, supply: Supply, prior: Prior) -> Floats:
    """Standard uncertainty, areas x rows x zones, because a home's habits are not those that attribution expects: a
    part of the difference between the errors of a meter's zones."""
    scale, main = supply.curves.scale, supply.curves.main
    likely = mixture_moments(prior, mean / scale, variance / scale**2)[0] * scale
    apart = np.abs(np.nan_to_num(likely - likely[..., [main]]))
    small = np.arange(mean.shape[-1]) < main
    doubt = np.where(small, HABITS * apart, 0.0)
    of_main = np.maximum(share[..., main], LEAST_SHARE)
    doubt[..., main] = HABITS * (apart * share)[..., :main].sum(axis=-1) / of_main
    return doubt


def _scaled(prior: Prior, factor: float) -> Prior:
    return replace(prior, means=prior.means * factor, spreads=prior.spreads * factor)
