"""Reads of verifications."""

from collections.abc import Collection

from django.db.models import Count, Q, QuerySet

from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_see_region
from yuejingzhun.platform.operations.verification.errors import UnknownJobError
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.platform.operations.verification.rules import Standing, State
from yuejingzhun.platform.registry.instruments.queries import Instrument, instrument
from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.evaluation import Evaluation
from yuejingzhun.procedures.record import Record, ReferenceStandard
from yuejingzhun.procedures.record_json import record_from_json, standard_from_json

RELATED = ("instrument", "institute", "holder", "standard", "tested_by", "reviewed_by", "approved_by", "returned_by")
LONGEST_LIST = 200
OPEN = (State.TESTED, State.REVIEWED, State.RETURNED)


def visible_job(actor: Actor, job_id: int) -> Job:
    """A job of an institute the actor works in, or in a regulator's region; raises UnknownJobError otherwise."""
    job = Job.objects.select_related(*RELATED).filter(pk=job_id).first()
    if job is None or not _sees(actor, job):
        raise UnknownJobError(f"没有编号为 {job_id} 的检定任务，或您无权查看")
    return job


def waiting_for(actor: Actor) -> list[Job]:
    """What the actor can do next: records to review and to approve, and own records that were returned."""
    wanted = Q(pk__in=[])
    for grant in actor.grants:
        here = Q(institute_id=grant.organisation_id)
        if grant.role is Role.REVIEWER:
            wanted |= here & Q(state=State.TESTED.name) & ~Q(tested_by_id=actor.person_id)
        elif grant.role is Role.SIGNATORY:
            wanted |= here & Q(state=State.REVIEWED.name) & ~Q(tested_by_id=actor.person_id)
        elif grant.role is Role.VERIFIER:
            wanted |= here & Q(state=State.RETURNED.name, tested_by_id=actor.person_id)
    return list(_listed(Job.objects.filter(wanted)).order_by("tested_at")[:LONGEST_LIST])


def recent_of(actor: Actor) -> list[Job]:
    """What the actor tested, reviewed or approved, the newest first."""
    who = actor.person_id
    mine = Job.objects.filter(Q(tested_by_id=who) | Q(reviewed_by_id=who) | Q(approved_by_id=who))
    return list(_listed(mine).order_by("-tested_at")[:50])


def open_counts(institute_ids: Collection[int]) -> dict[State, int]:
    """How many records of these institutes are on their way, by state; from the index of the work list."""
    found = Job.objects.filter(institute__in=institute_ids, state__in=[state.name for state in OPEN]).order_by()
    counted = dict(found.values_list("state").annotate(n=Count("pk")))
    return {state: counted.get(state.name, 0) for state in OPEN}


def history_of(instrument_id: int) -> list[Job]:
    """All verifications of an instrument, the newest first."""
    return list(_listed(Job.objects.filter(instrument_id=instrument_id)).order_by("-tested_on", "-pk")[:LONGEST_LIST])


def visible_instrument(actor: Actor, instrument_id: int) -> tuple[Instrument, list[Job]]:
    """An instrument with its verifications, for those it concerns; raises UnknownJobError otherwise."""
    found, jobs = instrument(instrument_id), history_of(instrument_id)
    if found is not None:
        concerned = {found.holder_id} | {job.institute_id for job in jobs}
        works_there = any(grant.organisation_id in concerned for grant in actor.grants)
        if works_there or may_see_region(actor, found.region):
            return found, jobs
    raise UnknownJobError(f"没有编号为 {instrument_id} 的器具，或您无权查看")


def instrument_to_test(actor: Actor, instrument_id: int) -> Instrument | None:
    """An instrument that was brought to an institute where the actor tests, or that the actor sees for another reason.

    None for any other, so that nobody reads the register by trying numbers.
    """
    found = instrument(instrument_id)
    institutes = [grant.organisation_id for grant in actor.grants if grant.role is Role.VERIFIER]
    # `lines` is the way back from the applications for mandatory verification, which lean on this app.
    if found is not None and found.lines.filter(institute__in=institutes, received_at__isnull=False).exists():
        return found
    try:
        return visible_instrument(actor, instrument_id)[0]
    except UnknownJobError:
        return None


def record_of(job: Job) -> tuple[Record, ReferenceStandard]:
    """The record as it was handed in, and the standard as it was then."""
    return record_from_json(procedure(job.regulation), job.record), standard_from_json(job.reference)


def evaluation_of(job: Job) -> Evaluation:
    """The evaluation, computed anew from the record."""
    return evaluate(procedure(job.regulation), *record_of(job))


def standing_of(job: Job) -> Standing:
    """What the rules need to know."""
    return Standing(State[job.state], job.tested_by_id, job.reviewed_by_id)


def _sees(actor: Actor, job: Job) -> bool:
    works_there = any(grant.organisation_id in {job.institute_id, job.holder_id} for grant in actor.grants)
    return works_there or may_see_region(actor, job.instrument.region)


def _listed(jobs: QuerySet[Job]) -> QuerySet[Job]:
    return jobs.select_related("instrument", "institute", "holder", "tested_by")
