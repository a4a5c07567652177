"""Ask for a study of all meters of an evaluation: the population, a plan of replacement, a sample drawn at random."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.jobs.services import ask
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.models import Analysis, Evaluation
from yuejingzhun.platform.operations.metering.queries import check_engineer, newest_list, visible_evaluation
from yuejingzhun.platform.operations.metering.rules import Medium, Study

KIND = "study-fleet"
MOST_DRAWN = 5_000


@dataclass(frozen=True, slots=True)
class PopulationRequest:
    """`limit` is the share beyond the MPE above which a group is named; `limiting_quality` in percent, GB/T 2828.2."""

    limit: Decimal
    limiting_quality: Decimal
    least_lot: int

    def arguments(self) -> dict[str, Any]:
        """As they are kept."""
        return {
            "limit": str(self.limit), "limiting_quality": str(self.limiting_quality), "least_lot": self.least_lot,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """Money in yuan; `tariffs` of classes of customers that the list of meters names, `tariff` of all others."""

    budget: Decimal
    test: Decimal
    replacement: Decimal
    tariff: Decimal
    tariffs: tuple[tuple[str, Decimal], ...]
    years: int

    def arguments(self) -> dict[str, Any]:
        """As they are kept: money exactly."""
        return {
            "budget": str(self.budget), "test": str(self.test), "replacement": str(self.replacement),
            "tariff": str(self.tariff), "tariffs": [[name, str(price)] for name, price in self.tariffs],
            "years": self.years,
        }  # fmt: skip


def ask_population(actor: Actor, evaluation_id: int, request: PopulationRequest, at: datetime) -> Analysis:
    """Distribution of errors, life and lots; raises UnknownEvaluationError, NotPermittedError and MeteringError."""
    evaluation = _finished(actor, evaluation_id)
    if newest_list(evaluation.organisation_id, Medium[evaluation.medium]) is None:
        raise MeteringError("还没有计量器具档案：请先导入带制造单位、型号、批次、生产日期的表格")
    if not 0 < request.limit < 1:
        raise MeteringError("超差比例的界限应在 0 与 100 % 之间")
    return _ask(actor, evaluation, Study.POPULATION, request.arguments(), at)


def ask_plan(actor: Actor, evaluation_id: int, request: PlanRequest, at: datetime) -> Analysis:
    """A plan of replacement within a budget; raises as `ask_population`."""
    evaluation = _finished(actor, evaluation_id)
    if min(request.budget, request.test, request.tariff, request.years) < 0 or request.replacement <= 0:
        raise MeteringError("预算、费用、电价与年数不能为负，更换费用应大于零")
    return _ask(actor, evaluation, Study.PLAN, request.arguments(), at)


def ask_sample(actor: Actor, evaluation_id: int, size: int, at: datetime) -> Analysis:
    """Draw meters by lot, each with the same chance; the seed is made here and kept. Raises as `ask_population`."""
    evaluation = _finished(actor, evaluation_id)
    stated = evaluation.stated or 0
    if not 1 <= size <= min(MOST_DRAWN, stated):
        raise MeteringError(f"抽取的只数应在 1 与 {min(MOST_DRAWN, stated)} 之间，为 {size}")
    return _ask(actor, evaluation, Study.SAMPLE, {"size": size, "seed": secrets.randbits(63)}, at)


def may_analyse(actor: Actor, arguments: dict[str, Any]) -> None:
    """For the queue: an engineer of the utility, still."""
    found = Analysis.objects.filter(pk=arguments["analysis"]).select_related("evaluation").first()
    if found is None:
        raise NotPermittedError("没有这项分析")
    check_engineer(actor, found.evaluation.organisation_id)


def _finished(actor: Actor, evaluation_id: int) -> Evaluation:
    evaluation = visible_evaluation(actor, evaluation_id)
    check_engineer(actor, evaluation.organisation_id)
    if evaluation.finished_at is None:
        raise MeteringError("评价还没有完成")
    return evaluation


@transaction.atomic
def _ask(actor: Actor, evaluation: Evaluation, kind: Study, arguments: dict[str, Any], at: datetime) -> Analysis:
    made = Analysis.objects.create(
        evaluation=evaluation,
        kind=kind.name,
        arguments=arguments,
        meter_list=newest_list(evaluation.organisation_id, Medium[evaluation.medium]),
        asked_at=at,
        asked_by_id=actor.person_id,
    )
    title = f"{kind.value}：{evaluation}"
    made.task = ask(actor, KIND, {"analysis": made.pk}, at, title=title, organisation_id=evaluation.organisation_id)
    made.save(update_fields=["task"])
    record_event(
        actor, f"群体分析：{kind.value}", "metering", made.pk, at, after=arguments,
        organisation_id=evaluation.organisation_id,
    )  # fmt: skip
    return made
