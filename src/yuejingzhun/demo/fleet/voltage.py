"""Voltages that the meters of a simulated district would show: those of the same branch and phase sag together."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from yuejingzhun.demo.fleet.district import GROUPS, Design, flows_of
from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.demo.fleet.household import POINTS_A_DAY, Floats

PHASES = 3
NOMINAL_V = 230.0
STREAM = 1  # of the seed, so that a district's registers are the same with voltages and without
AMPERES = 1000 * POINTS_A_DAY / 24 / NOMINAL_V  # of one kWh in an interval


@dataclass(frozen=True, slots=True)
class Network:
    """Ranges of one district's low-voltage network and of its meters' voltage channels."""

    line_ohm: tuple[float, float] = (0.15, 0.40)  # of a phase conductor from the first to the last home
    neutral: float = 0.7  # resistance of the neutral, as a multiple of a phase conductor's
    transformer_ohm: float = 0.006
    service_ohm: tuple[float, float] = (0.02, 0.10)
    momentary: float = 0.3  # spread of the logarithm of the load of a moment about that of its interval
    gain_spread: float = 0.003  # relative: a channel of class 0.5
    noise_v: float = 0.15
    resolution_v: float = 0.1


STANDARD = Design()
USUAL = Network()


def simulate_voltages(
    seed: int, faults: Collection[Fault] = (), design: Design = STANDARD, network: Network = USUAL
) -> Floats:
    """Meters x intervals, V: at the end of each interval, of the district that `simulate` makes of the same arguments.

    All meters of the design, one that the fault `unlisted_meter` leaves out of the list, too. Currents of a branch's
    three phases add up in the neutral as vectors 120 degrees apart, so a load lifts the other phases by half of what it
    costs its own there.
    """
    flows = flows_of(seed, faults, design)
    rng = np.random.default_rng([seed, STREAM])
    net = np.zeros((design.meters, flows.energy.shape[1]))
    np.add.at(net, flows.meters, flows.energy * flows.signs[:, None])
    current = net * AMPERES * np.exp(network.momentary * rng.standard_normal(net.shape))
    branch, phase = np.divmod(flows.groups[: design.meters], PHASES)
    place = rng.uniform(0.02, 1.0, design.meters)
    line = rng.uniform(*network.line_ohm, GROUPS // PHASES)
    shared = np.minimum.outer(place, place) * line[branch][:, None] * (branch[:, None] == branch)
    alike = np.where(phase[:, None] == phase, 1.0, -0.5)
    ohm = shared * ((phase[:, None] == phase) + network.neutral * alike)
    ohm += network.transformer_ohm * (phase[:, None] == phase)
    ohm[np.diag_indices_from(ohm)] += rng.uniform(*network.service_ohm, design.meters)
    volts = _grid(rng, net.shape[1])[phase] - ohm @ current
    volts *= 1 + network.gain_spread * rng.standard_normal((design.meters, 1))
    volts += network.noise_v * rng.standard_normal(volts.shape)
    return np.asarray(np.round(volts / network.resolution_v) * network.resolution_v)


def _grid(rng: np.random.Generator, intervals: int) -> Floats:
    """Phases x intervals, V, at the transformer without load: one medium voltage that wanders, a little unbalanced."""
    steps = rng.normal(0, 0.25, intervals)
    wander = np.zeros(intervals)
    for at in range(1, intervals):
        wander[at] = 0.98 * wander[at - 1] + steps[at]
    unbalance = rng.normal(0, 0.5, (PHASES, 1)) + 0.1 * rng.standard_normal((PHASES, intervals))
    return np.asarray(NOMINAL_V + wander + unbalance)
