"""The desk of an institute's quality manager: what ends, what fails, what is on its way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import Organisation, organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.operations.verification.queries import open_counts
from yuejingzhun.platform.operations.verification.rules import State
from yuejingzhun.platform.registry.materials.queries import Batch, batches_ending
from yuejingzhun.platform.registry.qualifications.queries import (
    Authorisation,
    Registration,
    authorisations_of,
    metrologists_of,
    term_of,
)
from yuejingzhun.platform.registry.qualifications.rules import Standing
from yuejingzhun.platform.registry.standards import applications
from yuejingzhun.platform.registry.standards.queries import (
    MeasurementStandard,
    evidence_of,
    standards_of_owner,
)
from yuejingzhun.platform.registry.standards.validity import Failure, failing, warnings
from yuejingzhun.platform.registry.traceability.queries import Recall, recalls_for
from yuejingzhun.portals.work import HALF_A_YEAR

SHOWN = 15


@dataclass(frozen=True, slots=True)
class Held:
    """A measurement standard with what forbids its use today and what soon will."""

    standard: MeasurementStandard
    failures: tuple[Failure, ...]
    warnings: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """What the page shows; the lists hold what asks for something, `SHOWN` at most."""

    institute: Organisation
    on: date
    until: date
    standards: int
    failing: int
    warned: int
    astray: Sequence[Held]
    authorisations: Sequence[Authorisation]
    metrologists: Sequence[Registration]
    materials: Sequence[Batch]
    records: Mapping[State, int]
    applications: Sequence[object]
    recalls: Sequence[Recall]


def desk_of(actor: Actor, institute_id: int, on: date) -> Desk:
    """The desk of an institute for its quality manager, in a number of reads that doesn't grow with it.

    Raises NotPermittedError.
    """
    if not may_act(actor, Role.QUALITY_MANAGER, institute_id):
        raise NotPermittedError(f"{actor.name} 不是该机构的质量负责人")
    standards, until = standards_of_owner(institute_id), on + HALF_A_YEAR
    evidence = evidence_of(standards, on)
    held = [Held(one, failing(evidence[one.pk], on), warnings(evidence[one.pk], on)) for one in standards]
    astray = sorted((one for one in held if one.failures or one.warnings), key=lambda one: not one.failures)
    in_force = [one for one in authorisations_of(institute_id) if term_of(one).standing(on) is Standing.IN_FORCE]
    return Desk(
        institute=organisation(institute_id),
        on=on,
        until=until,
        standards=len(standards),
        failing=sum(bool(one.failures) for one in held),
        warned=sum(not one.failures and bool(one.warnings) for one in held),
        astray=astray[:SHOWN],
        authorisations=in_force,
        metrologists=[one for one in metrologists_of(institute_id, on) if one.valid_until <= until][:SHOWN],
        materials=batches_ending([institute_id], until),
        records=open_counts([institute_id]),
        applications=sorted(applications.waiting_for(actor), key=lambda one: one.pk)[:SHOWN],
        recalls=recalls_for(actor)[:SHOWN],
    )
