"""Reads of applications for mandatory verification, each for those it concerns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from yuejingzhun.platform.foundation.parties.divisions import Level, division
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_see_region
from yuejingzhun.platform.operations.mandatory.errors import UnknownApplicationError
from yuejingzhun.platform.operations.mandatory.models import Application, Line, Tally
from yuejingzhun.platform.operations.mandatory.rules import State

PAGE = 50
OPEN = ("SUBMITTED", "ACCEPTED", "APPOINTED", "TESTING")


@dataclass(frozen=True, slots=True)
class Total:
    """Counts of results of one item, region or institute."""

    key: str
    tested: int
    failed: int
    waived: Decimal
    unpriced: int

    @property
    def pass_rate(self) -> Decimal | None:
        """Passes in percent of what was tested; None where nothing was."""
        return None if not self.tested else Decimal(100 * (self.tested - self.failed)) / self.tested


def visible_application(actor: Actor, application_id: int) -> Application:
    """An application for its holder, its institutes or a regulator of its place; raises UnknownApplicationError."""
    related = ("holder", "institute", "applied_by", "answered_by")
    found = Application.objects.select_related(*related).filter(pk=application_id).first()
    if found is None or not _sees(actor, found):
        raise UnknownApplicationError(f"没有编号为 {application_id} 的强制检定申请，或您无权查看")
    return found


def lines_of(application_id: int, after: int = 0) -> Sequence[Line]:
    """A page of an application's instruments, those behind position `after`."""
    lines = Line.objects.filter(application_id=application_id, position__gt=after).select_related("instrument")
    return list(lines.order_by("position")[:PAGE])


def desk(actor: Actor, state: State, after: int = 0) -> Sequence[Application]:
    """A page of the applications in that state at the institutes where the actor receives, the oldest first."""
    found = _with_counts(Application.objects.filter(institute__in=_receives_at(actor), state=state.name, pk__gt=after))
    return list(found.order_by("pk")[:PAGE])


def counts_of_desk(actor: Actor) -> dict[State, int]:
    """How many applications are in each open state at the institutes where the actor receives."""
    found = Application.objects.filter(institute__in=_receives_at(actor), state__in=OPEN).order_by()
    counted = dict(found.values_list("state").annotate(n=Count("pk")))
    return {state: counted.get(state.name, 0) for state in State if state.name in OPEN}


def overdue(actor: Actor, today: date) -> Sequence[Application]:
    """What is past its term: not answered, or not tested, at the actor's institutes or in a regulator's region."""
    late = Q(state="SUBMITTED", answer_by__lt=today) | Q(state="TESTING", due_on__lt=today)
    return list(_with_counts(Application.objects.filter(late & _within_reach(actor))).order_by("due_on", "pk")[:200])


def of_holder(actor: Actor, before: int | None = None) -> Sequence[Application]:
    """A page of the applications of the holders that the actor acts for, the newest first."""
    holders = [grant.organisation_id for grant in actor.grants if grant.role is Role.HOLDER]
    found = Application.objects.filter(holder__in=holders)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(_with_counts(found).order_by("-pk")[:PAGE])


def waiting_for_test(actor: Actor, after: datetime | None = None) -> Sequence[Line]:
    """What was received and has no result yet at the institutes where the actor tests, the longest waiting first."""
    institutes = [grant.organisation_id for grant in actor.grants if grant.role is Role.VERIFIER]
    lines = Line.objects.filter(
        institute__in=institutes, open=True, received_at__isnull=False, result_at=None
    ).select_related("instrument", "application")
    if after is not None:
        lines = lines.filter(received_at__gt=after)
    return list(lines.order_by("received_at", "pk")[:PAGE])


def line_of(actor: Actor, line_id: int) -> Line:
    """One instrument of an application that the actor sees; raises UnknownApplicationError."""
    line = Line.objects.select_related("application", "instrument").filter(pk=line_id).first()
    if line is None or not _sees(actor, line.application):
        raise UnknownApplicationError(f"没有编号为 {line_id} 的样品，或您无权查看")
    return line


def statistics(by: str, region: str, first: date, last: date) -> Sequence[Total]:
    """Totals of the results of those months in a region by `item`, `region` or `institute__name`."""
    if by not in ("item", "region", "institute__name"):
        raise ValueError(f"统计应按 item、region 或 institute__name，为 {by!r}")
    found = Tally.objects.filter(_in_region(region), month__gte=first.replace(day=1), month__lte=last)
    sums = found.values_list(by).annotate(Sum("tested"), Sum("failed"), Sum("waived"), Sum("unpriced"))
    return [Total(*row) for row in sums.order_by("-tested__sum", by)]


def _in_region(region: str) -> Q:
    level = division(region).level
    if level is Level.PROVINCE:
        return Q()
    return Q(region__startswith=region[:4]) if level is Level.CITY else Q(region=region)


def _with_counts(found: QuerySet[Application]) -> QuerySet[Application]:
    return found.select_related("holder", "institute").annotate(
        instruments=Count("lines"), results=Count("lines", filter=Q(lines__result_at__isnull=False))
    )


def _receives_at(actor: Actor) -> list[int]:
    return [grant.organisation_id for grant in actor.grants if grant.role is Role.RECEPTIONIST]


def _within_reach(actor: Actor) -> Q:
    wanted = Q(institute__in=_receives_at(actor))
    for grant in actor.grants:
        if grant.role is Role.REGULATOR:
            wanted |= _in_region(grant.region)
    return wanted


def _sees(actor: Actor, application: Application) -> bool:
    institutes = {application.institute_id} | set(application.referrals.values_list("from_institute_id", flat=True))
    concerned = institutes | {application.holder_id}
    works_there = any(grant.organisation_id in concerned for grant in actor.grants)
    return works_there or may_see_region(actor, application.region)
