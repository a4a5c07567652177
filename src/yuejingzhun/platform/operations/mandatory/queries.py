"""Reads of applications for mandatory verification, each for those it concerns."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from yuejingzhun.platform.foundation.parties.divisions import Level, division, divisions
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import actor_of, person
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_see_region
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError, UnknownApplicationError
from yuejingzhun.platform.operations.mandatory.models import (
    Application,
    Batch,
    BatchJob,
    Line,
    Tally,
    Tariff,
)
from yuejingzhun.platform.operations.mandatory.rules import State

MOST_OVERDUE = 200
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


def running_term(application: Application) -> date | None:
    """The end of the term that runs: to answer, or to test; None where neither does."""
    if application.state == "SUBMITTED":
        return application.answer_by
    return application.due_on if application.state == "TESTING" else None


def overdue(actor: Actor, today: date, region: str = "") -> Sequence[Application]:
    """What is past its term: not answered, or not tested, at the actor's institutes or in a regulator's region.

    At most `MOST_OVERDUE`; where a division is named, those in it alone.
    """
    # Chosen before anything is joined or counted: of thousands only these are shown.
    keys = list(_overdue(actor, today, region).order_by("due_on", "pk").values_list("pk", flat=True)[:MOST_OVERDUE])
    return list(_with_counts(Application.objects.filter(pk__in=keys)).order_by("due_on", "pk"))


def count_overdue(actor: Actor, today: date, region: str = "") -> int:
    """How many there are, counted up to `MOST_OVERDUE`."""
    return _overdue(actor, today, region).order_by()[:MOST_OVERDUE].count()


def of_holder(actor: Actor, before: int | None = None) -> Sequence[Application]:
    """A page of the applications of the holders that the actor acts for, the newest first."""
    holders = [grant.organisation_id for grant in actor.grants if grant.role is Role.HOLDER]
    found = Application.objects.filter(holder__in=holders)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(_with_counts(found).order_by("-pk")[:PAGE])


def applications_of(actor: Actor, holder_id: int, most: int = 20) -> Sequence[Application]:
    """The last applications of a holder, those of a regulator's region or of an institute where the actor receives."""
    found = Application.objects.filter(_within_reach(actor), holder_id=holder_id)
    return list(_with_counts(found).order_by("-pk")[:most])


def waiting_for_test(actor: Actor, after: datetime | None = None, after_line: int = 0) -> Sequence[Line]:
    """What was received and has no result yet at the institutes where the actor tests, the longest waiting first.

    A page of it, behind a time and, since many are received at one time, behind a line of that time.
    """
    institutes = [grant.organisation_id for grant in actor.grants if grant.role is Role.VERIFIER]
    lines = Line.objects.filter(
        institute__in=institutes, open=True, received_at__isnull=False, result_at=None
    ).select_related("instrument", "application")
    if after is not None:
        behind = Q(received_at__gt=after) | Q(received_at=after, pk__gt=after_line)
        lines = lines.filter(behind, received_at__gte=after)
    return list(lines.order_by("received_at", "pk")[:PAGE])


def line_of(actor: Actor, line_id: int) -> Line:
    """One instrument of an application that the actor sees; raises UnknownApplicationError."""
    line = Line.objects.select_related("application", "instrument").filter(pk=line_id).first()
    if line is None or not _sees(actor, line.application):
        raise UnknownApplicationError(f"没有编号为 {line_id} 的样品，或您无权查看")
    return line


def statistics_for(actor: Actor, by: str, region: str, first: date, last: date) -> Sequence[Total]:
    """The statistics of a region for its regulators; raises NotPermittedError, and as `statistics`."""
    if region not in divisions() or not may_see_region(actor, region):
        raise NotPermittedError(f"{actor.name} 不是行政区划 {region[:6]} 的{Role.REGULATOR.value}")
    return statistics(by, region, first, last)


def statistics(by: str, region: str, first: date, last: date) -> Sequence[Total]:
    """Totals of the results of those months in a region by `item`, `region`, `institute__name` or `month`.

    The most first, months in their order. Raises ValueError for another column.
    """
    if by not in ("item", "region", "institute__name", "month"):
        raise ValueError(f"统计应按 item、region、institute__name 或 month，为 {by!r}")
    found = Tally.objects.filter(_in_region(region), month__gte=first.replace(day=1), month__lte=last)
    sums = found.values_list(by).annotate(Sum("tested"), Sum("failed"), Sum("waived"), Sum("unpriced"))
    ordered = sums.order_by("month") if by == "month" else sums.order_by("-tested__sum", by)
    return [Total(str(key), *rest) for key, *rest in ordered]


def filed_with(actor: Actor, key: str) -> Application | None:
    """What the actor's holder has already filed with the form of that key."""
    holders = [grant.organisation_id for grant in actor.grants if grant.role is Role.HOLDER]
    return Application.objects.filter(holder__in=holders, key=key).first() if key else None


def ended_without_result(numbers: Collection[str]) -> set[tuple[str, int]]:
    """Of the applications of these numbers the instruments that were refused, withdrawn or dropped: number and key."""
    found = Line.objects.filter(application__number__in=numbers, open=False, certificate="")
    return set(found.values_list("application__number", "instrument_id"))


def find_line(actor: Actor, text: str) -> Line:
    """The open or last line with that sample number or instrument's tag, where the actor receives or tests.

    A label's whole address will do as well. Raises UnknownApplicationError.
    """
    wanted = text.strip().rpartition("/")[2].upper()
    roles = (Role.RECEPTIONIST, Role.VERIFIER)
    institutes = [grant.organisation_id for grant in actor.grants if grant.role in roles]
    here = Line.objects.filter(institute__in=institutes)
    found = here.filter(sample=wanted).first() or here.filter(instrument__tag=wanted).order_by("-open", "-pk").first()
    if found is None:
        raise UnknownApplicationError(f"本机构没有编号为“{wanted[:40]}”的样品，也没有这个标签的器具")
    return found


@dataclass(frozen=True, slots=True)
class Progress:
    """How many lines of an application can be received, given back, and have a sample number."""

    to_receive: int
    to_give_back: int
    labelled: int


RECEIVABLE = Q(open=True, received_at=None)
RETURNABLE = Q(result_at__isnull=False, returned_at=None)


def progress(application_id: int) -> Progress:
    """How far the lines of an application are, in one read."""
    counted = Line.objects.filter(application_id=application_id).aggregate(
        to_receive=Count("pk", filter=RECEIVABLE),
        to_give_back=Count("pk", filter=RETURNABLE),
        labelled=Count("pk", filter=Q(sample__isnull=False)),
    )
    return Progress(**counted)


def positions(application_id: int, which: Q) -> list[int]:
    """The positions of all lines of an application that are RECEIVABLE or RETURNABLE."""
    found = Line.objects.filter(which, application_id=application_id)
    return list(found.order_by("position").values_list("position", flat=True))


def lines_at(application_id: int, wanted: Collection[int]) -> list[int]:
    """The keys of the lines at those positions; raises MandatoryError for a position that isn't there."""
    keys = dict(Line.objects.filter(application_id=application_id, position__in=wanted).values_list("position", "pk"))
    if not wanted or len(keys) < len(set(wanted)):
        missing = "、".join(map(str, sorted(set(wanted) - keys.keys())[:10]))
        raise MandatoryError(f"申请里没有第 {missing} 台" if missing else "请先选择样品")
    return list(keys.values())


def labelled(application_id: int, after: int, most: int) -> Sequence[Line]:
    """Lines that have a sample number, those behind position `after`."""
    lines = Line.objects.filter(application_id=application_id, position__gt=after, sample__isnull=False)
    return list(lines.select_related("instrument").order_by("position")[:most])


def load(institute_id: int, days: Sequence[date]) -> dict[date, int]:
    """How many instruments are appointed at an institute for each of those days."""
    found = Application.objects.filter(institute_id=institute_id, state="APPOINTED", appointed_on__in=days).order_by()
    counted = dict(found.values_list("appointed_on").annotate(n=Count("lines")))
    return {day: counted.get(day, 0) for day in days}


def count_waiting(actor: Actor, most: int = 1000) -> int:
    """How many instruments wait for their test where the actor tests, counted up to `most`."""
    institutes = [grant.organisation_id for grant in actor.grants if grant.role is Role.VERIFIER]
    lines = Line.objects.filter(institute__in=institutes, open=True, received_at__isnull=False, result_at=None)
    return lines[:most].count()


@dataclass(frozen=True, slots=True)
class Cards:
    """What the first page of a person's work says of mandatory verification; None for what isn't the person's."""

    desk: dict[State, int] | None
    late: int
    waiting: int | None


def cards(actor: Actor, today: date) -> Cards:
    """What waits for the actor, in at most three reads."""
    receives, regulates = actor.has(Role.RECEPTIONIST), actor.has(Role.REGULATOR)
    return Cards(
        desk=counts_of_desk(actor) if receives else None,
        late=count_overdue(actor, today) if receives or regulates else 0,
        waiting=count_waiting(actor) if actor.has(Role.VERIFIER) else None,
    )


def tariffs() -> Sequence[Tariff]:
    """All tariffs, by item, the latest first."""
    return list(Tariff.objects.order_by("item", "-valid_from"))


def batches(actor: Actor, before: int | None = None) -> Sequence[Batch]:
    """A page of the batches of the institutes where the actor works, the newest first; without the files."""
    found = Batch.objects.filter(institute__in={grant.organisation_id for grant in actor.grants})
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.defer("content").select_related("institute", "asked_by", "first").order_by("-pk")[:PAGE])


def visible_batch(actor: Actor, batch_id: int) -> Batch:
    """A batch of an institute where the actor works, without its file; raises UnknownApplicationError."""
    found = Batch.objects.defer("content").select_related("institute", "asked_by", "first").filter(pk=batch_id).first()
    if found is None or all(grant.organisation_id != found.institute_id for grant in actor.grants):
        raise UnknownApplicationError(f"没有编号为 {batch_id} 的成批检定，或您无权查看")
    return found


def batch_institute(batch_id: int) -> int | None:
    """The institute of a batch, or None for an unknown one."""
    return Batch.objects.filter(pk=batch_id).values_list("institute_id", flat=True).first()


def actor_again(person_id: int, on: date) -> Actor:
    """Who asked for a long task, with the rights of that day; raises NotPermittedError where no account is left."""
    found = person(person_id)
    if found.user_id is None:
        raise NotPermittedError(f"{found.name} 已没有账户，不能继续办理")
    return actor_of(found.user_id, on)


def counts_of_batch(batch_id: int) -> dict[tuple[str, bool], int]:
    """How many records of a batch are in which state of their job, passed or not."""
    found = BatchJob.objects.filter(batch_id=batch_id).order_by()
    rows = found.values_list("job__state", "job__passed").annotate(n=Count("pk"))
    return {(state, passed): n for state, passed, n in rows}


def jobs_of_batch(
    batch_id: int, after: int = 0, *, most: int = PAGE, state: str = "", failed: bool = False
) -> Sequence[BatchJob]:
    """A page of a batch's records behind row `after`, in the order of its file."""
    found = BatchJob.objects.filter(batch_id=batch_id, row__gt=after).select_related("job__instrument")
    if state:
        found = found.filter(job__state=state)
    if failed:
        found = found.filter(job__passed=False)
    return list(found.order_by("row")[:most])


def _in_region(region: str) -> Q:
    level = division(region).level
    if level is Level.PROVINCE:
        return Q(region__startswith=region[:2])  # an empty Q would vanish in an "or"
    return Q(region__startswith=region[:4]) if level is Level.CITY else Q(region=region)


def _overdue(actor: Actor, today: date, region: str) -> QuerySet[Application]:
    late = Q(state="SUBMITTED", answer_by__lt=today) | Q(state="TESTING", due_on__lt=today)
    found = Application.objects.filter(late & _within_reach(actor))
    return found.filter(_in_region(region)) if region else found


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
