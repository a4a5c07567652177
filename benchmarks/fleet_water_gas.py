"""How good the estimates of water and gas meters are on simulated areas, against what is usual, and what faults cost.

Average precision and recall (at 90 % precision) are of the probability to be beyond the limit in service of the main
zone of flow; for methods that give none, of the error. Coverage is of the stated 95 % intervals.

Run: python benchmarks/fleet_water_gas.py water|gas [--areas N] [--days N] [--seed N] [--points N] [--faults N]
     [--peers N] [--speed N]
"""

import argparse
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from fleet_water_gas_peers import PEERS

from yuejingzhun.demo.fleet.flow_area import FlowArea
from yuejingzhun.demo.fleet.flow_fault import FlowFault
from yuejingzhun.demo.fleet.gas_batch import gas_zones_of
from yuejingzhun.demo.fleet.gas_zone import GasDesign, simulate_gas
from yuejingzhun.demo.fleet.water_area import WaterDesign, simulate_water
from yuejingzhun.demo.fleet.water_batch import water_areas_of
from yuejingzhun.metrology.fleet import gas_zone, water_area
from yuejingzhun.metrology.fleet.flow.estimate import ZoneEstimates, estimate
from yuejingzhun.metrology.fleet.flow.supply import Supply
from yuejingzhun.metrology.fleet.prior import Prior
from yuejingzhun.metrology.fleet.track_record import average_precision, recall_at_precision

PART = 16  # areas of one batch


@dataclass(frozen=True)
class Medium:
    """Water or gas: how an area is made and handed in."""

    simulate: Callable[..., FlowArea]
    design: Any
    supply: Callable[[Sequence[FlowArea]], Supply]
    prior: Prior


MEDIA = {
    "water": Medium(
        simulate_water,
        WaterDesign,
        lambda areas: water_area.supply_of(water_areas_of(areas)),
        water_area.default_water_prior(),
    ),
    "gas": Medium(
        simulate_gas, GasDesign, lambda areas: gas_zone.supply_of(gas_zones_of(areas)), gas_zone.default_gas_prior()
    ),
}


@dataclass(frozen=True)
class Told:
    """Of the meters that were judged, in one zone of flow."""

    error: np.ndarray
    truth: np.ndarray
    exceeds: np.ndarray
    inside: np.ndarray
    bad: np.ndarray
    listed: int  # meters of areas that were not refused
    bad_listed: int  # and how many of these are beyond the limit, judged or not

    def line(self) -> str:
        n, bad = self.truth.size, self.bad
        if not n:
            return "nothing judged"
        off = self.error - self.truth
        covered = 100 * self.inside[~bad].mean()
        text = f"{n:5} of {self.listed:5} judged  RMSE {100 * rms(off):5.2f} %  covered {covered:5.1f} %"
        if not bad.any():
            return text + "  none bad"
        found = recall_at_precision(self.exceeds, bad, 0.9)
        return text + (
            f"  bad: {bad.sum():3} of {self.bad_listed:3} judged, AP {average_precision(self.exceeds, bad):.3f},"
            f" recall {found:.3f},"
            f" of all bad {found * bad.sum() / max(self.bad_listed, 1):.3f},"
            f" RMSE {100 * rms(off[bad]):5.2f} %, covered {100 * self.inside[bad].mean():5.1f} %"
        )


def rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values**2)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("medium", choices=MEDIA)
    for name, default in (
        ("areas", 60),
        ("days", 30),
        ("seed", 0),
        ("points", 96),
        ("faults", 20),
        ("peers", 10),
        ("speed", 0),
    ):
        parser.add_argument(f"--{name}", type=int, default=default)
    given = parser.parse_args()
    medium = MEDIA[given.medium]
    design = medium.design(days=given.days, points_a_day=given.points)
    if given.speed:
        _speed(medium, design, given.speed)
        return
    print(f"{given.medium}, {given.areas} areas, {given.days} days, {given.points} points a day, seed {given.seed}")
    parts, supplies = _judged(medium, given.areas, given.seed, (), design)
    for zone, name in enumerate(parts[0][1].zones):
        told = told_of(parts, supplies, zone)
        print(f"  {name:12} {told.line()}", flush=True)
        if zone == supplies[0].curves.main:
            _print_reliability(told)
    _print_refused(parts)
    for fault in FlowFault if given.faults else ():
        if fault in NOT_OF[given.medium]:
            continue
        parts, supplies = _judged(medium, given.faults, given.seed, [fault], design)
        kept = np.mean([verdict.is_supported for _, found in parts for verdict in found.verdicts])
        told = told_of(parts, supplies, supplies[0].curves.main)
        print(f"  {fault.value:18} kept {100 * kept:4.0f} %  {told.line()}", flush=True)
        _print_refused(parts)
    if given.peers:
        _peers(medium, given.peers, given.seed, design)


NOT_OF = {"water": {FlowFault.WRONG_SITE}, "gas": {FlowFault.BURST, FlowFault.NO_PRESSURE}}


def _judged(
    medium: Medium, count: int, seed: int, faults: Collection[FlowFault], design: Any
) -> tuple[list[tuple[list[FlowArea], ZoneEstimates]], list[Supply]]:
    parts, supplies = [], []
    for begin in range(0, count, PART):
        areas = [medium.simulate(seed + n, faults, design) for n in range(begin, min(begin + PART, count))]
        supply = medium.supply(areas)
        parts.append((areas, _light(estimate(supply, medium.prior))))
        supplies.append(supply)
    return parts, supplies


def _light(found: ZoneEstimates) -> ZoneEstimates:
    """Without the columns of every area, which would fill the memory."""
    return replace(found, areas=())


def told_of(parts: Sequence[tuple[list[FlowArea], ZoneEstimates]], supplies: Sequence[Supply], zone: int) -> Told:
    """Of supported areas; meters that were given a fault have no error of their own to be found."""
    columns: list[list[np.ndarray]] = [[], [], [], [], []]
    listed = bad_listed = 0
    for (areas, found), supply in zip(parts, supplies, strict=True):
        for number, area in enumerate(areas):
            if not found.verdicts[number].is_supported:
                continue
            rows = np.setdiff1d(np.arange(len(area.registers)), area.faulty)
            truth, mpe = area.zone_error[rows, zone], supply.curves.limits[number, rows, zone]
            there = ~np.isnan(truth) & (area.zone_volume[rows, zone] > 0.04 * area.zone_volume[rows].sum(axis=1))
            listed += int(there.sum())
            bad_listed += int((np.abs(truth[there]) > mpe[there]).sum())
            rows, truth, mpe = (
                each[found.measured[number, rows, zone] & ~np.isnan(truth)] for each in (rows, truth, mpe)
            )
            meters = found.meters
            low, high = meters.low[number, rows, zone], meters.high[number, rows, zone]
            for column, values in zip(
                columns,
                (
                    meters.error[number, rows, zone],
                    truth,
                    meters.exceeds[number, rows, zone],
                    (low <= truth) & (truth <= high),
                    np.abs(truth) > mpe,
                ),
                strict=True,
            ):
                column.append(values)
    if not columns[0]:
        return Told(*(np.empty(0),) * 5, listed, bad_listed)
    error, truth, exceeds, inside, bad = (np.concatenate(each) for each in columns)
    return Told(error, truth, exceeds, inside, bad.astype(bool), listed, bad_listed)


def _print_reliability(told: Told) -> None:
    edges = np.array([0, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0000001])
    place = np.digitize(told.exceeds, edges) - 1
    for k in np.unique(place):
        here = place == k
        stated, found = told.exceeds[here].mean(), told.bad[here].mean()
        print(
            f"      stated {edges[k]:5.3f} to {edges[k + 1]:5.3f}: mean {stated:.4f}, found {found:.4f} of {here.sum()}"
        )


def _print_refused(parts: Sequence[tuple[list[FlowArea], ZoneEstimates]]) -> None:
    reasons = [verdict.reason.value for _, found in parts for verdict in found.verdicts if verdict.reason]
    if reasons:
        names, counts = np.unique(reasons, return_counts=True)
        print("      refused:", ", ".join(f"{n} {name}" for name, n in zip(names, counts, strict=True)), flush=True)


def _peers(medium: Medium, count: int, seed: int, design: Any) -> None:
    areas = [medium.simulate(seed + n, (), design) for n in range(count)]
    supply = medium.supply(areas)
    main = supply.curves.main
    print(f"  against what is usual, main zone, {count} areas")
    own = estimate(supply, medium.prior)
    measured = own.measured[..., main]
    for name, method in PEERS.items():
        errors, uncertainties = (
            np.array(each) for each in zip(*(method(supply, n) for n in range(count)), strict=True)
        )
        truth, error, width, bad = [], [], [], []
        for number, area in enumerate(areas):
            rows = np.flatnonzero(measured[number, : len(area.registers)] & ~np.isnan(area.zone_error[:, main]))
            truth.append(area.zone_error[rows, main])
            error.append(errors[number, rows])
            width.append(uncertainties[number, rows])
            bad.append(np.abs(truth[-1]) > supply.curves.limits[number, rows, main])
        t, e, u, b = (np.concatenate(each) for each in (truth, error, width, bad))
        ranks = [_rank(np.abs(e)), _rank(np.abs(e) / u)]
        best = max(ranks, key=lambda each: average_precision(each, b))
        inside = np.abs(e - t) < 1.96 * u
        print(f"    {name:30} {Told(e, t, best, inside, b, t.size, int(b.sum())).line()}", flush=True)
    print(f"    {'this kernel':30} {told_of([(areas, own)], [supply], main).line()}", flush=True)


def _rank(values: np.ndarray) -> np.ndarray:
    return np.argsort(np.argsort(values)) / values.size


def _speed(medium: Medium, design: Any, count: int) -> None:
    areas = [medium.simulate(n, (), design) for n in range(count)]
    supply = medium.supply(areas)
    meters = int(supply.listed.sum())
    begin = time.process_time()
    estimate(supply, medium.prior)
    spent = time.process_time() - begin
    print(f"this kernel: {1000 * spent / count:.1f} ms an area, {meters / spent:.0f} meters a second (processor time)")
    for name, method in PEERS.items():
        begin = time.process_time()
        for number in range(count):
            method(supply, number)
        took = time.process_time() - begin
        print(f"{name}: {1000 * took / count:.1f} ms an area, {took / spent:.2f} times this kernel's", flush=True)


if __name__ == "__main__":
    main()
