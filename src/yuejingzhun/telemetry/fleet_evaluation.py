"""A whole evaluation of a fleet: the prior from a sample of the districts first, then every district by it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

from yuejingzhun.telemetry.engine import LOCAL, Ran, Settings, run
from yuejingzhun.telemetry.fleet import evaluate_fleet
from yuejingzhun.telemetry.fleet_prior import fleet_prior
from yuejingzhun.telemetry.lake import Lake
from yuejingzhun.telemetry.snapshot import Where


def evaluate_lake(
    lake: Lake,
    where: Where,
    out: Path,
    first_day: date,
    days: int,
    mpe: float = 0.02,
    follow: bool = False,
    settings: Settings = LOCAL,
    progress: Callable[[int, int], None] = lambda done, whole: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Ran:
    """Rows of fleet.RESULT in `out`, and with `follow` the states from which fleet_day.py goes on.

    What is done is not done again, as with `engine.run`. Raises EngineError where `out` holds another run; LakeError.
    """
    learnt = fleet_prior(lake, where, out, first_day, days, settings, stopped)
    if isinstance(learnt, Ran):
        return replace(learnt, done=0, before=0)
    prior, commit = learnt
    kernel = partial(evaluate_fleet, first_day=first_day, days=days, mpe=mpe, prior=prior, follow=follow)
    return run(kernel, lake, where, out, replace(settings, keeps=follow), progress, stopped, commit)
