"""Reads of evaluations: the engineers of a utility see its own, a regulator those of the region."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from django.db.models import Count, Q, QuerySet

from yuejingzhun.platform.foundation.parties.divisions import PROVINCE
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import Organisation, organisations
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act, may_see_region
from yuejingzhun.platform.operations.metering.errors import UnknownEvaluationError
from yuejingzhun.platform.operations.metering.models import (
    Analysis,
    Decision,
    DistrictResult,
    Evaluation,
    MeterList,
    SampledMeter,
    Suspect,
    Truth,
    WorkItem,
)
from yuejingzhun.platform.operations.metering.rules import Medium, Standing

PAGE = 50
RECENT = 12  # evaluations of which a meter's page tells
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class UtilityChoice:
    """The utility that a page is about, and all whose meters the visitor evaluates."""

    chosen: Organisation
    offered: tuple[Organisation, ...]


def utility_choice(actor: Actor, wanted: str = "") -> UtilityChoice:
    """That utility among those of the actor as metering engineer, the first where none is asked for.

    Raises NotPermittedError, for another's as for one that doesn't exist.
    """
    keys = _utilities(actor)
    if not keys:
        raise NotPermittedError(f"{actor.name} 不是供用单位的计量工程师")
    offered = tuple(organisations(keys))
    chosen = next((one for one in offered if not wanted or str(one.pk) == wanted), None)
    if chosen is None:
        raise NotPermittedError(f"{actor.name} 不是编号为 {wanted[:20]} 的单位的计量工程师")
    return UtilityChoice(chosen, offered)


def own_utilities(actor: Actor) -> Sequence[Organisation]:
    """Whose meters the actor evaluates, by name."""
    return organisations(_utilities(actor))


def check_engineer(actor: Actor, organisation_id: int) -> None:
    """Raises NotPermittedError for who isn't a metering engineer there."""
    if not may_act(actor, Role.METERING_ENGINEER, organisation_id):
        raise NotPermittedError(f"{actor.name} 不是该单位的计量工程师")


def is_engineer(actor: Actor, organisation_id: int) -> bool:
    """Whether the pages offer acts."""
    return may_act(actor, Role.METERING_ENGINEER, organisation_id)


def visible_utility(actor: Actor, holder_id: int) -> Organisation:
    """The utility, for its engineers and the regulators of its place; raises UnknownEvaluationError."""
    found = next(iter(organisations([holder_id] if holder_id <= LARGEST_ID else [])), None)
    if found is None or not _sees(actor, found.pk, found.region):
        raise UnknownEvaluationError(f"没有编号为 {holder_id} 的供用单位，或您无权查看")
    return found


def evaluations(actor: Actor, before: int | None = None) -> Sequence[Evaluation]:
    """A page of those that the actor sees, the newest first; raises NotPermittedError for who sees none at all."""
    regions = [grant.region for grant in actor.grants if grant.role is Role.REGULATOR]
    utilities = _utilities(actor)
    if not regions and not utilities:
        raise NotPermittedError(f"{actor.name} 不是计量工程师或监管人员，不能查看状态评价")
    wanted = Q(organisation__in=utilities)
    for region in regions:
        wanted |= _within(region)
    found = Evaluation.objects.filter(wanted).select_related("organisation", "task").order_by("-pk")
    return list(found.filter(pk__lt=min(before, LARGEST_ID))[:PAGE] if before is not None else found[:PAGE])


def visible_evaluation(actor: Actor, evaluation_id: int) -> Evaluation:
    """Raises UnknownEvaluationError for one that isn't the actor's to see, as for one that doesn't exist."""
    rows = Evaluation.objects.select_related("organisation", "task", "asked_by")
    found = rows.filter(pk=evaluation_id).first() if evaluation_id <= LARGEST_ID else None
    if found is None or not _sees(actor, found.organisation_id, found.region):
        raise UnknownEvaluationError(f"没有编号为 {evaluation_id} 的状态评价，或您无权查看")
    return found


def visible_analysis(actor: Actor, analysis_id: int) -> Analysis:
    """Raises UnknownEvaluationError."""
    rows = Analysis.objects.select_related("evaluation__organisation", "task", "meter_list", "asked_by")
    found = rows.filter(pk=analysis_id).first() if analysis_id <= LARGEST_ID else None
    if found is None or not _sees(actor, found.evaluation.organisation_id, found.evaluation.region):
        raise UnknownEvaluationError(f"没有编号为 {analysis_id} 的群体分析，或您无权查看")
    return found


def finished_of(organisation_id: int, medium: Medium, most: int = RECENT) -> Sequence[Evaluation]:
    """The newest finished evaluations of a utility."""
    found = Evaluation.objects.filter(organisation_id=organisation_id, medium=medium.name, finished_at__isnull=False)
    return list(found.order_by("-pk")[:most])


def districts(
    evaluation: Evaluation,
    which: Literal["all", "kept", "refused", "suspicious"] = "all",
    reason: str = "",
    text: str = "",
    after: str = "",
) -> Sequence[DistrictResult]:
    """A page of districts by number: all, or of one verdict or reason; with `text` those that begin with it."""
    found = DistrictResult.objects.filter(evaluation=evaluation, district__gt=after)
    if reason:
        found = found.filter(reason=reason)
    elif which == "kept":
        found = found.filter(reason="")
    elif which == "refused":
        found = found.exclude(reason="")
    elif which == "suspicious":
        found = found.filter(suspicious__gt=0)
    if text:
        found = found.filter(district__startswith=text)
    return list(found.order_by("district")[:PAGE])


def district_result(evaluation: Evaluation, district: str) -> DistrictResult:
    """Raises UnknownEvaluationError."""
    found = DistrictResult.objects.filter(evaluation=evaluation, district=district).first()
    if found is None:
        raise UnknownEvaluationError(f"这次评价里没有台区 {district[:64]}")
    return found


def suspects(evaluation: Evaluation, most: int = PAGE) -> Sequence[Suspect]:
    """The most suspicious meters of an evaluation."""
    return list(Suspect.objects.filter(evaluation=evaluation).order_by("-exceeds", "pk")[:most])


def work_list(organisation_id: int, standing: Standing, after: tuple[float, int] | None = None) -> Sequence[WorkItem]:
    """A page of the work list, the most suspicious first, behind the item of that probability and key."""
    found = WorkItem.objects.filter(organisation_id=organisation_id, standing=standing.name)
    if after is not None:
        found = found.filter(Q(exceeds__lt=after[0]) | Q(exceeds=after[0], pk__gt=after[1]))
    return list(found.select_related("suspect", "suspect__evaluation").order_by("-exceeds", "pk")[:PAGE])


def work_counts(organisation_ids: Collection[int]) -> dict[Standing, int]:
    """How many meters are at each standing, from the index of the work list."""
    found = WorkItem.objects.filter(organisation__in=organisation_ids).order_by()
    counted = dict(found.values_list("standing").annotate(n=Count("pk")))
    return {standing: counted.get(standing.name, 0) for standing in Standing}


def item_of_meter(organisation_id: int, medium: Medium, meter: str) -> WorkItem | None:
    """The place of a meter on the work list, if it ever was suspicious."""
    found = WorkItem.objects.filter(organisation_id=organisation_id, medium=medium.name, meter=meter)
    return found.select_related("suspect", "instrument").first()


def decisions_of(item: WorkItem) -> Sequence[Decision]:
    """What was decided, the newest first."""
    return list(item.decisions.select_related("by").order_by("-pk")[:PAGE])


def truths(organisation_id: int, before: int | None = None) -> Sequence[Truth]:
    """A page of test results, the newest first, also those that no longer count."""
    found = Truth.objects.filter(organisation_id=organisation_id)
    if before is not None:
        found = found.filter(pk__lt=min(before, LARGEST_ID))
    related = ("recorded_by", "withdrawal", "successor", "evaluation")
    return list(found.select_related(*related).order_by("-pk")[:PAGE])


def counting_truths(organisation_id: int, medium: Medium) -> QuerySet[Truth]:
    """Test results that count: neither superseded nor withdrawn."""
    return Truth.objects.filter(organisation_id=organisation_id, medium=medium.name, successor=None, withdrawal=None)


def truths_of_meter(organisation_id: int, meter: str) -> Sequence[Truth]:
    """The test results of one meter, the newest first."""
    found = Truth.objects.filter(organisation_id=organisation_id, meter=meter)
    return list(found.select_related("withdrawal", "successor").order_by("-tested_on", "-pk")[:PAGE])


def newest_list(organisation_id: int, medium: Medium) -> MeterList | None:
    """The list of meters that counts."""
    return MeterList.objects.filter(organisation_id=organisation_id, medium=medium.name).order_by("-pk").first()


def analyses_of(evaluation: Evaluation) -> Sequence[Analysis]:
    """The studies of an evaluation, the newest first."""
    return list(evaluation.analyses.select_related("task").order_by("-pk")[:PAGE])


def drawn_in(analysis: Analysis, after: int = 0) -> Sequence[SampledMeter]:
    """A page of the meters that were drawn, in the order of the list."""
    return list(analysis.drawn.filter(pk__gt=after).order_by("pk")[:PAGE])


def _utilities(actor: Actor) -> list[int]:
    return [grant.organisation_id for grant in actor.grants if grant.role is Role.METERING_ENGINEER]


def _sees(actor: Actor, organisation_id: int, region: str) -> bool:
    return may_act(actor, Role.METERING_ENGINEER, organisation_id) or may_see_region(actor, region)


def _within(region: str) -> Q:
    if region == PROVINCE:
        return Q(region__startswith="44")
    return Q(region__startswith=region[:4]) if region.endswith("00") else Q(region=region)
