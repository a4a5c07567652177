"""The prior of a whole fleet, learnt once from a sample of its districts and handed to every task of an evaluation.

A task of some thirty districts knows some sixty large errors; a province's sample knows thousands, and every meter is
judged by the same prior wherever its district is. The sample is a run of the engine's by itself: it can be stopped, is
done once, and the same lake gives the same prior.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from yuejingzhun.metrology.fleet.estimate import in_parts, likelihoods
from yuejingzhun.metrology.fleet.prior import Prior, default_prior, learn
from yuejingzhun.telemetry import run_identity
from yuejingzhun.telemetry.districts import District, by_district, registers
from yuejingzhun.telemetry.engine import LOCAL, Ran, Settings, check_lake, districts_of, results, run, write_once
from yuejingzhun.telemetry.errors import EngineError
from yuejingzhun.telemetry.fleet import balance_of, batches
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.snapshot import Where

SAMPLE = 256  # districts: fifty thousand meters, some hundreds of them bad
FOLDER, FILE = "prior", "prior.json"
LIKELIHOODS = pa.schema([pa.field("mean", pa.float64()), pa.field("variance", pa.float64())])


def error_likelihoods(table: pa.Table, first_day: date, days: int) -> pa.Table:
    """What the readings alone say of each error (a = e / (1 + e)), of meters in supported districts."""
    found = [each for each in by_district(registers(table, first_day, days)) if isinstance(each, District)]
    parts = [LIKELIHOODS.empty_table()]
    for batch in batches(found):
        for part in in_parts(balance_of(batch), default_prior()):
            mean, variance = likelihoods(list(part.districts), list(part.verdicts))
            parts.append(pa.table({"mean": mean, "variance": variance}, schema=LIKELIHOODS))
    return pa.concat_tables(parts)


def fleet_prior(
    lake: Lake,
    where: Where,
    out: Path,
    first_day: date,
    days: int,
    settings: Settings = LOCAL,
    stopped: Callable[[], bool] = lambda: False,
    sample: int = SAMPLE,
) -> tuple[Prior, int] | Ran:
    """The prior and the lake's commit that it was learnt from; the run, where it was stopped before.

    Kept in `out`/prior, and read from there if it is there. Districts of the sample that go wrong are left out: they go
    wrong in the evaluation, too. Raises EngineError where what is kept there is of another run.
    """
    folder = out / FOLDER
    begun = run_identity.read(folder)
    if begun:  # before its districts are compared, which would be others in another lake
        check_lake(begun, lake, out)
    snapshot = lake.snapshot(begun.commit if begun else None)
    names = [name for some in districts_of(snapshot, where).values() for name in some]
    chosen = replace(where, districts=_sample(names, sample))
    kernel = partial(error_likelihoods, first_day=first_day, days=days)
    ran = run(kernel, lake, chosen, folder, replace(settings, keeps=False), stopped=stopped, commit=snapshot.number)
    if ran.stopped:
        return ran
    if not (folder / FILE).exists():
        write_once(folder / FILE, partial(_write, _learnt(folder) if ran.done + ran.before else default_prior()))
    return _read(folder / FILE), snapshot.number


def _sample(names: list[str], count: int) -> tuple[str, ...]:
    """Spread evenly whatever the names mean, and the same each time."""
    return tuple(sorted(sorted(names, key=lambda name: hashlib.sha256(name.encode()).digest())[:count]))


def _learnt(folder: Path) -> Prior:
    found = results(folder)
    mean, variance = (np.asarray(found[name].to_numpy(), dtype=np.float64) for name in LIKELIHOODS.names)
    return learn(default_prior(), mean, variance) if mean.size else default_prior()


def _write(prior: Prior, path: Path) -> None:
    content = {name: getattr(prior, name).tolist() for name in ("weights", "means", "spreads")}
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")  # the shortest digits that give the same number


def _read(path: Path) -> Prior:
    try:
        return Prior(**{name: np.array(values) for name, values in json.loads(path.read_bytes()).items()})
    except (ValueError, TypeError, AttributeError) as error:
        raise EngineError(f"先验 {path} 无法读取：删去它再运行一次，就会重做") from error
