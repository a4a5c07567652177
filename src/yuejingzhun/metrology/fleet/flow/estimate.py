"""The errors of all meters of a batch of areas, by zones of flow, from registers to what is stated."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.metrology.arguments import Floats
from yuejingzhun.metrology.fleet.flow.area import Area, resolve
from yuejingzhun.metrology.fleet.flow.attribution import LEAST_SHARE, MISSED_SHARE, STRANGE_SHARE
from yuejingzhun.metrology.fleet.flow.supply import Supply
from yuejingzhun.metrology.fleet.flow.verdict import Verdict, judge
from yuejingzhun.metrology.fleet.marginal import Marginal, marginal
from yuejingzhun.metrology.fleet.posterior import mixture_moments
from yuejingzhun.metrology.fleet.prior import Prior, learn

CHUNK = 8  # areas whose columns are in memory at once
# A longer one does not tell a small steady flow from short uses: zones below the main one are not stated then.
LONGEST_INTERVAL_HOURS = 0.5


@dataclass(frozen=True, slots=True)
class ZoneEstimates:
    """Of a batch, areas x rows x zones. What is not `measured` is NaN, and so is the zone below all limits."""

    zones: tuple[str, ...]
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
    verdicts = tuple(judge(each, supply, number) for number, each in enumerate(solved))
    if learns:
        useful = [(each.mean[each.measured], each.variance[each.measured]) for each, verdict in zip(solved, verdicts, strict=True) if verdict.is_supported]
        if useful:
            mean, variance = (np.concatenate(part) for part in zip(*useful, strict=True))
            given = learn(given, mean, variance) if mean.size else given
    return _stated(supply, solved, verdicts, given)


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
    if supply.continuous > 1:
        mean, variance = _unmixed(mean, variance, share, supply, prior)
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
    return ZoneEstimates(supply.curves.names, Marginal(**stated), measured, share, verdicts, tuple(solved), prior)


def _unmixed(mean: Floats, variance: Floats, share: Floats, supply: Supply, prior: Prior) -> tuple[Floats, Floats]:
    """Means and variances (areas x rows x zones) in which volumes that came to the wrong zone are allowed for.

    The column of a steady flow holds a part of the main zone's volume, which is corrected for; how large that part is,
    and how much of the steady flow the main zone's column holds, is uncertain by a part of the errors' difference.
    """
    scale, main = supply.curves.scale, supply.curves.main
    likely = mixture_moments(prior, mean / scale, variance / scale**2)[0] * scale
    apart = np.nan_to_num(likely - likely[..., [main]])
    steady = np.arange(mean.shape[-1]) < main
    mean = np.where(steady, mean + apart * STRANGE_SHARE / (1 - STRANGE_SHARE), mean)
    doubt = np.where(steady, STRANGE_SHARE * apart, 0.0)
    doubt[..., main] = MISSED_SHARE * (np.abs(apart) * share)[..., :main].sum(axis=-1) / np.maximum(share[..., main], LEAST_SHARE)
    return mean, variance + doubt**2


def _scaled(prior: Prior, factor: float) -> Prior:
    return replace(prior, means=prior.means * factor, spreads=prior.spreads * factor)
