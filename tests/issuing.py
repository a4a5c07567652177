"""A record handed in, and its certificate issued, in the smallest world."""

from datetime import date
from typing import Any

from small_world import AT, World
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.certificates.models import Certificate
from yuejingzhun.platform.operations.certificates.services import approve
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.platform.operations.verification.services import review, submit_record
from yuejingzhun.procedures.record import Record

RECEIVED = date(2026, 11, 20)


def submit(
    world: World, actor: Actor | None = None, record: Record | None = None, code: str = "JJG 596-2012", **changes: Any
) -> Job:
    """By its verifier, unless somebody else is named."""
    record = record or world.record(code)
    given = {"institute_id": world.institute.pk, "standard_number": world.standard(code), "received_on": RECEIVED}
    return submit_record(actor or world.verifier, holder_id=world.holder.pk, record=record, at=AT, **given | changes)


def issue(world: World, **changes: Any) -> Certificate:
    """Of a record handed in, reviewed and approved."""
    job = submit(world, **changes)
    review(world.reviewer, job.pk, AT)
    return approve(world.signatory, job.pk, AT)
