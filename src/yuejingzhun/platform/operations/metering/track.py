"""How good the method has been for a utility: what was said of its meters against what tests have found since."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from yuejingzhun.metrology.fleet.track_record import Coverage, TrackRecord, coverage, inverse_chance, track_record
from yuejingzhun.platform.operations.metering.models import Truth
from yuejingzhun.platform.operations.metering.queries import counting_truths
from yuejingzhun.platform.operations.metering.rules import Medium

MOST = 200_000  # of the newest results
CALLED_BAD = 0.5


@dataclass(frozen=True, slots=True)
class Record:
    """The record of some tested meters; `coverage` only of those whose error was told in figures."""

    track: TrackRecord
    coverage: Coverage | None


@dataclass(frozen=True, slots=True)
class Tracks:
    """Of all tested meters, and of those that were drawn by lot; `unstated` were tested without a statement before."""

    all: Record | None
    drawn: Record | None
    unstated: int


def tracks_of(organisation_id: int, medium: Medium) -> Tracks:
    """From the results that count."""
    counting = counting_truths(organisation_id, medium)
    stated = list(counting.filter(exceeds__isnull=False).select_related("evaluation").order_by("-pk")[:MOST])
    drawn = [one for one in stated if one.chance is not None]
    return Tracks(_record(stated), _record(drawn, weighted=True), counting.filter(exceeds=None).count())


def is_beyond(one: Truth) -> bool:
    """Whether a meter was found beyond the MPE for which the evaluation had stated its probability."""
    if one.error is None or one.evaluation is None:
        return not one.passed
    return bool(abs(one.error) > one.evaluation.mpe)


def _record(tested: Sequence[Truth], *, weighted: bool = False) -> Record | None:
    if not tested:
        return None
    exceeds = np.array([one.exceeds for one in tested], dtype=np.float64)
    beyond = np.array([is_beyond(one) for one in tested], dtype=np.float64)
    weight = inverse_chance([one.chance for one in tested]) if weighted else None
    return Record(track_record(exceeds, beyond, weight, CALLED_BAD), _covered(tested, weighted=weighted))


def _covered(tested: Sequence[Truth], *, weighted: bool) -> Coverage | None:
    """By the MPE that most evaluations had; one of another is left out."""
    known = [one for one in tested if one.error is not None and one.low is not None and one.evaluation is not None]
    if not known:
        return None
    mpes = [one.evaluation.mpe for one in known if one.evaluation]
    usual = max(set(mpes), key=mpes.count)
    known = [one for one in known if one.evaluation and one.evaluation.mpe == usual]
    columns = (np.array([float(getattr(one, name)) for one in known]) for name in ("low", "high", "error"))
    weight = inverse_chance([one.chance for one in known]) if weighted else None
    return coverage(*columns, mpe=float(usual), weight=weight)
