"""Zones of flow in which a meter's error has one limit, and that limit in service.

Water: JJG 162-2019; OIML R 49-1:2013 4.1.3 and 4.1.4; ISO 4064-1:2014 4.2: lower zone Q1 <= Q < Q2, upper zone
Q2 <= Q <= Q4, with Q2 = 1.6 Q1 and Q4 = 1.25 Q3. The upper zone is told apart at Q3, where wear by overload begins.
Gas: JJG 577-2012; OIML R 137-1&2:2012 5.3; EN 1359: q_min <= q < q_t and q_t <= q <= q_max, with q_t = 0.1 q_max.
In service the limits are twice those of initial verification (as procedures/jjg_162 and jjg_577 state it; the clauses
are cited from memory). Below Q1 or q_min no limit applies: what is measured there counts for the balance alone.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from yuejingzhun.metrology.arguments import ArgumentError, Floats, positive

IN_SERVICE = 2
WATER_MPE = {1: (0.03, 0.01), 2: (0.05, 0.02)}  # by accuracy class: lower and upper zone, water up to 30 degC
GAS_MPE = {1.0: (0.02, 0.01), 1.5: (0.03, 0.015)}
WATER_ZONES = ("Q1 以下", "Q1～Q2", "Q2～Q3", "Q3～Q4")
GAS_ZONES = ("qmin 以下", "qmin～qt", "qt～qmax")
Q2_TO_Q1 = 1.6
QT_TO_QMAX = 0.1


@dataclass(frozen=True, slots=True)
class Curves:
    """Zones of many meters of one medium; `names` are those of the zones, by rising flow.

    `bounds_m3_h`: ... x (zones - 1), the flows between the zones. `mpe`: ... x zones, relative, NaN where no limit
    applies. `main` is the zone to which short uses count, whose flow no interval shows.
    """

    names: tuple[str, ...]
    bounds_m3_h: Floats
    mpe: Floats
    main: int

    def __post_init__(self) -> None:
        positive("bounds_m3_h", self.bounds_m3_h)
        if self.bounds_m3_h.shape[-1] != len(self.names) - 1 or self.mpe.shape[-1] != len(self.names):
            raise ArgumentError("bounds_m3_h、mpe", f"最后一维应为 {len(self.names) - 1} 与 {len(self.names)}")
        if self.bounds_m3_h.shape[:-1] != self.mpe.shape[:-1]:
            raise ArgumentError("bounds_m3_h、mpe", "形状不一致")
        if (np.diff(self.bounds_m3_h, axis=-1) <= 0).any():
            raise ArgumentError("bounds_m3_h", "各流量界限应递增")

    @property
    def scale(self) -> Floats:
        """Limit of each zone, as a multiple of the main zone's; a zone without a limit has that of the next one."""
        return np.asarray(self.limits / self.limits[..., self.main, None])

    @property
    def limits(self) -> Floats:
        """The MPE, where it is none that of the zone above."""
        return np.asarray(np.where(np.isnan(self.mpe), self.mpe[..., [1]], self.mpe))


def water_curves(q3_m3_h: ArrayLike, ratio: ArrayLike, accuracy_class: ArrayLike) -> Curves:
    """Of water meters with that Q3, Q3/Q1 and class 1 or 2; raises ArgumentError for another class."""
    q3, r = np.broadcast_arrays(positive("q3_m3_h", q3_m3_h), positive("ratio", ratio))
    q1 = q3 / r
    mpe = _by_class(accuracy_class, WATER_MPE, q3.shape)
    limits = np.stack([np.full(q3.shape, np.nan), mpe[..., 0], mpe[..., 1], mpe[..., 1]], axis=-1)
    return Curves(WATER_ZONES, np.stack([q1, Q2_TO_Q1 * q1, q3], axis=-1), limits, main=2)


def gas_curves(q_max_m3_h: ArrayLike, q_min_m3_h: ArrayLike, accuracy_class: ArrayLike) -> Curves:
    """Of diaphragm gas meters of class 1.0 or 1.5; raises ArgumentError for another class."""
    q_max, q_min = np.broadcast_arrays(positive("q_max_m3_h", q_max_m3_h), positive("q_min_m3_h", q_min_m3_h))
    mpe = _by_class(accuracy_class, GAS_MPE, q_max.shape)
    limits = np.stack([np.full(q_max.shape, np.nan), mpe[..., 0], mpe[..., 1]], axis=-1)
    return Curves(GAS_ZONES, np.stack([q_min, QT_TO_QMAX * q_max], axis=-1), limits, main=2)


def _by_class(
    given: ArrayLike, table: dict[int, tuple[float, float]] | dict[float, tuple[float, float]], shape: tuple[int, ...]
) -> Floats:
    classes = np.broadcast_to(np.asarray(given, dtype=np.float64), shape)
    limits = np.full((*shape, 2), np.nan)
    for name, pair in table.items():
        limits[classes == name] = pair
    if np.isnan(limits).any():
        raise ArgumentError("accuracy_class", f"应为 {'、'.join(map(str, table))} 级")
    return IN_SERVICE * limits


def zone_of(flow_m3_h: Floats, bounds_m3_h: Floats) -> NDArray[np.intp]:
    """Zone of each flow; `bounds_m3_h` has the flow's shape, or one that broadcasts with it, and a last axis more."""
    return np.asarray((flow_m3_h[..., None] >= bounds_m3_h).sum(axis=-1))
