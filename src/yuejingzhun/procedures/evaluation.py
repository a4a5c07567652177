"""What an evaluation says: every point, every requirement, one conclusion with its reasons."""

from dataclasses import dataclass
from datetime import date

from yuejingzhun.procedures.procedure import PointResult, RequirementResult
from yuejingzhun.procedures.record import VerificationKind


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcome of one record under one regulation; `valid_until` is None where it failed."""

    regulation: str
    kind: VerificationKind
    accuracy_class: str
    points: tuple[PointResult, ...]
    requirements: tuple[RequirementResult, ...]
    passed: bool
    reasons: tuple[str, ...]
    tested_on: date
    valid_until: date | None
    validity_note: str
