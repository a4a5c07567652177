"""How much of what a maker has here waits or holds: for the maker's first page."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.registry.approvals.models import Application, SoftwareFiling, TypeApproval
from yuejingzhun.platform.registry.approvals.rules import State

UNDER_WAY = (State.APPLIED, State.EVALUATING, State.EVALUATED)


@dataclass(frozen=True, slots=True)
class OwnCounts:
    """`in_force`: types that may be made today; their certificates have no last day, and end by withdrawal.

    `for_samples`: applications that wait for the maker's samples, `under_way` those that wait for others; `pending`:
    software filings to be decided on, `blocked`: versions that must not run any more.
    """

    in_force: int
    for_samples: int
    under_way: int
    pending: int
    blocked: int


def own_counts(actor: Actor, on: date) -> OwnCounts:
    """The counts of the makers for whom the actor acts, in three reads; raises NotPermittedError."""
    makers = [grant.organisation_id for grant in actor.grants if grant.role is Role.MAKER]
    if not makers:
        raise NotPermittedError(f"{actor.name} 不是制造单位的经办人")
    types = TypeApproval.objects.filter(maker_id__in=makers, certificates__valid_from__lte=on)
    held = types.exclude(withdrawal__effective_from__lte=on).distinct()
    states = Application.objects.filter(maker_id__in=makers).aggregate(
        for_samples=Count("pk", filter=Q(state=State.ACCEPTED.name)),
        under_way=Count("pk", filter=Q(state__in=[state.name for state in UNDER_WAY])),
    )
    filings = SoftwareFiling.objects.filter(approval__maker_id__in=makers).aggregate(
        pending=Count("pk", filter=Q(state="FILED")),
        blocked=Count("pk", filter=Q(block__effective_from__lte=on)),
    )
    return OwnCounts(in_force=held.count(), **states, **filings)
