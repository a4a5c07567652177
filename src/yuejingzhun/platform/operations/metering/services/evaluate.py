"""Ask for an evaluation: bound to the lake as it is now and to this version of the method."""

from datetime import datetime
from typing import Any

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.jobs.services import ask
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.lakes import holding
from yuejingzhun.platform.operations.metering.models import Evaluation
from yuejingzhun.platform.operations.metering.queries import check_engineer
from yuejingzhun.platform.operations.metering.rules import Medium, Wanted, refusal
from yuejingzhun.platform.operations.metering.version import method

KIND = "evaluate-fleet"


@transaction.atomic
def ask_evaluation(actor: Actor, organisation_id: int, medium: Medium, wanted: Wanted, at: datetime) -> Evaluation:
    """Put an evaluation into the queue; raises NotPermittedError, and MeteringError where there are no readings."""
    check_engineer(actor, organisation_id)
    if problem := refusal(medium, wanted):
        raise MeteringError(problem)
    held = holding(organisation_id, wanted.first_day, wanted.last_day)
    if held is None:
        raise MeteringError(f"读数库里没有 {wanted.first_day} 至 {wanted.last_day} 的读数")
    made = Evaluation.objects.create(
        organisation_id=organisation_id,
        region=organisation(organisation_id).region,
        medium=medium.name,
        first_day=wanted.first_day,
        days=wanted.days,
        last_day=wanted.last_day,
        mpe=wanted.mpe,
        threshold=wanted.threshold,
        commit=held.commit,
        method=method(),
        asked_at=at,
        asked_by_id=actor.person_id,
    )
    title = f"{medium.value}状态评价：{wanted.first_day} 起 {wanted.days} 天"
    made.task = ask(actor, KIND, {"evaluation": made.pk}, at, title=title, organisation_id=organisation_id)
    made.save(update_fields=["task"])
    told = {"medium": medium.name, "first_day": str(wanted.first_day), "days": wanted.days, "commit": held.commit}
    record_event(actor, "状态评价：提出", "evaluation", made.pk, at, after=told, organisation_id=organisation_id)
    return made


def may_evaluate(actor: Actor, arguments: dict[str, Any]) -> None:
    """For the queue: an engineer of the utility, still."""
    found = Evaluation.objects.filter(pk=arguments["evaluation"]).only("organisation_id").first()
    if found is None:
        raise NotPermittedError("没有这次评价")
    check_engineer(actor, found.organisation_id)
