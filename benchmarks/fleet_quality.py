"""How good the fleet kernel is on simulated districts, against what papers use, and what each fault costs.

Average precision and recall (at 90 % precision) are of the probability that |error| > 2 %; for methods that give none,
of |error| or, if better, of |error| over its uncertainty. Coverage is of the stated 95 % intervals.

Run: python benchmarks/fleet_quality.py [--districts N] [--days N] [--seed N] [--peers N] [--faults N]
"""

import argparse
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
from fleet_ask_peers import ask_peers

from yuejingzhun.demo.fleet.batch import balance_of
from yuejingzhun.demo.fleet.district import Design, District, simulate
from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.demo.fleet.voltage import simulate_voltages
from yuejingzhun.metrology.fleet.balance import UNKNOWN
from yuejingzhun.metrology.fleet.estimate import Estimates, estimate
from yuejingzhun.metrology.fleet.voltage_groups import groups_from_voltages

Filed = Callable[[int, District, Design], np.ndarray]  # groups as they are known, of a district by its seed

MPE = 0.02
PART = 50  # districts of one batch


@dataclass(frozen=True)
class Score:
    """Of the meters of supported districts."""

    supported: float
    average_precision: float
    recall: float
    rmse: float
    rmse_bad: float
    cover_small: float
    cover_large: float

    def __str__(self) -> str:
        return (
            f"{self.supported:6.0%} {self.average_precision:7.3f} {self.recall:7.3f} {self.rmse:8.3%} "
            f"{self.rmse_bad:8.2%} {self.cover_small:8.1%} {self.cover_large:8.1%}"
        )


def main() -> None:
    """Print one line a method, one a fault, and the reliability of the probabilities."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--districts", type=int, default=200)
    parser.add_argument("--days", type=int, nargs="*", default=[30, 60])
    parser.add_argument("--seed", type=int, default=10_000)
    parser.add_argument("--peers", type=int, default=20, help="districts for the peers, which are slow")
    parser.add_argument("--faults", type=int, default=60, help="districts for each fault")
    parser.add_argument("--unknown", type=int, default=60, help="districts whose branches and phases are not filed")
    given = parser.parse_args()
    print(f"{'':34}   kept      AP  recall     RMSE  bad ones  covers: small, large")
    for days in given.days:
        _standard(given.districts, days, given.seed)
    if given.peers:
        _peers(given.peers, given.seed)
    if given.faults:
        for fault in ((), *((each,) for each in Fault)):
            score, _ = _scored(given.faults, given.seed, fault, Design())
            print(f"{'fault ' + (fault[0] if fault else 'none'):34} {score}", flush=True)
    if given.unknown:
        for days in given.days:
            for name, filed in (("unknown", _nothing), ("unknown of 30 of 200", _all_but_30), ("voltages", _voltages)):
                score, _ = _scored(given.unknown, given.seed, (), Design(days=days), filed)
                print(f"{f'topology: {name}, {days} days':34} {score}", flush=True)


def _nothing(seed: int, district: District, design: Design) -> np.ndarray:
    return np.full(len(district.groups), UNKNOWN)


def _all_but_30(seed: int, district: District, design: Design) -> np.ndarray:
    groups = district.groups.copy()
    groups[np.random.default_rng(seed).permutation(len(groups))[:30]] = UNKNOWN
    return groups


def _voltages(seed: int, district: District, design: Design) -> np.ndarray:
    return groups_from_voltages(simulate_voltages(seed, design=design)).known()


def _standard(count: int, days: int, seed: int) -> None:
    score, told = _scored(count, seed, (), Design(days=days))
    print(f"{f'standard, {count} districts, {days} days':34} {score}", flush=True)
    probability, is_bad = told
    edges = np.array([0, 0.001, 0.01, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99, 1.0000001])
    place = np.digitize(probability, edges) - 1
    for k in range(len(edges) - 1):
        here = place == k
        if here.any():
            print(
                f"    stated {edges[k]:5.3f} to {edges[k + 1]:5.3f}: mean {probability[here].mean():.4f}, "
                f"found {is_bad[here].mean():.4f} of {here.sum()}"
            )


def _scored(
    count: int, seed: int, faults: Collection[Fault], design: Design, filed: Filed | None = None
) -> tuple[Score, tuple[np.ndarray, np.ndarray]]:
    parts, kept = [], []
    reasons: dict[str, int] = {}
    for begin in range(0, count, PART):
        districts = [simulate(seed + n, faults, design) for n in range(begin, min(begin + PART, count))]
        balance = balance_of(districts)
        if filed is not None:
            groups = [filed(seed + begin + n, each, design) for n, each in enumerate(districts)]
            balance = replace(balance, groups=np.array(groups))
        found = estimate(balance, mpe=MPE)
        for verdict in found.verdicts:
            kept.append(verdict.is_supported)
            if verdict.reason:
                reasons[verdict.reason] = reasons.get(verdict.reason, 0) + 1
        parts.append(_compared(districts, found))
    if reasons:
        print("    refused:", ", ".join(f"{n} {reason}" for reason, n in reasons.items()))
    error, truth, probability, inside = (np.concatenate(each) for each in zip(*parts, strict=True))
    return _score(float(np.mean(kept)), error, truth, probability, inside), (probability, np.abs(truth) > MPE)


def _compared(districts: Sequence[District], found: Estimates) -> tuple[np.ndarray, ...]:
    """Error, truth, probability and whether the interval holds the truth, of the meters that were judged."""
    chosen = []
    for n, district in enumerate(districts):
        rows = np.flatnonzero(district.signs > 0)
        if Fault.FOREIGN_METER in district.faults:  # it has no error here: whether it was found is told by the others
            rows = np.setdiff1d(rows, district.faulty)
        if found.verdicts[n].is_supported:
            meters = found.meters
            truth = district.errors[rows]
            inside = (meters.low[n, rows] <= truth) & (truth <= meters.high[n, rows])
            chosen.append((meters.error[n, rows], truth, meters.exceeds[n, rows], inside))
    return tuple(np.concatenate(each) for each in zip(*chosen, strict=True)) if chosen else (np.empty(0),) * 4


def _score(kept: float, error: np.ndarray, truth: np.ndarray, ranked: np.ndarray, inside: np.ndarray) -> Score:
    if not truth.size:
        return Score(kept, *(float("nan"),) * 6)
    bad = np.abs(truth) > MPE
    precision, recall = average_precision(ranked, bad), recall_at(ranked, bad, 0.9)
    return Score(
        kept,
        precision,
        recall,
        float(np.sqrt(np.mean((error - truth) ** 2))),
        float(np.sqrt(np.mean((error - truth)[bad] ** 2))),
        float(inside[~bad].mean()),
        float(inside[bad].mean()),
    )


def average_precision(ranked: np.ndarray, wanted: np.ndarray) -> float:
    """Mean of the precision at each wanted one, best first."""
    hits = wanted[np.argsort(-ranked, kind="stable")]
    precision = np.cumsum(hits) / np.arange(1, hits.size + 1)
    return float(precision[hits].mean())


def recall_at(ranked: np.ndarray, wanted: np.ndarray, least: float) -> float:
    """The largest share of the wanted that a list of at least that precision holds."""
    hits = wanted[np.argsort(-ranked, kind="stable")]
    found = np.cumsum(hits)
    good = found / np.arange(1, hits.size + 1) >= least
    return float(found[good].max() / wanted.sum()) if good.any() else 0.0


def _peers(count: int, seed: int) -> None:
    districts = [simulate(seed + n) for n in range(count)]
    truth = np.concatenate([each.errors for each in districts])
    for name, answers in ask_peers("quality", districts).items():
        error = np.concatenate([each[0] for each in answers])
        uncertainty = np.concatenate([each[1] for each in answers])
        ranks = [np.abs(error), np.abs(error) / uncertainty]
        best = max(ranks, key=lambda each: average_precision(each, np.abs(truth) > MPE))
        inside = np.abs(error - truth) < 1.96 * uncertainty
        print(f"{name:34} {_score(1.0, error, truth, best, inside)}", flush=True)
    found = estimate(balance_of(districts), mpe=MPE)
    print(f"{'this kernel, the same districts':34} {_score(1.0, *_compared(districts, found))}", flush=True)


if __name__ == "__main__":
    main()
