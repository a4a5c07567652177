"""What waits for a person: one card a matter, with a count that an index answers and the page where it is done."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from django.urls import reverse

from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.operations.mandatory import queries as mandatory
from yuejingzhun.platform.operations.mandatory.queries import Cards
from yuejingzhun.platform.operations.mandatory.rules import State
from yuejingzhun.platform.operations.metering.queries import work_counts
from yuejingzhun.platform.operations.metering.rules import Standing
from yuejingzhun.platform.registry.approvals.own_counts import own_counts
from yuejingzhun.platform.registry.instruments.counting import standing_by_region
from yuejingzhun.platform.registry.instruments.made_by import MOST, count_made_by
from yuejingzhun.platform.registry.instruments.queries import counts_of_holders
from yuejingzhun.platform.registry.instruments.rules import SOON
from yuejingzhun.platform.registry.materials.queries import batches_ending
from yuejingzhun.platform.registry.qualifications.queries import LONGEST_LIST, authorisations_in, metrologists_of
from yuejingzhun.platform.registry.standards import applications as assessments
from yuejingzhun.platform.registry.standards.queries import PAGE, Filters, standard_page
from yuejingzhun.platform.registry.traceability.queries import recalls_for

HALF_A_YEAR = timedelta(days=183)  # as the pages of standards and authorisations mark what ends soon
Tone = Literal["", "soon", "bad"]
CAPPED = 1000
LATE_CAPPED = 200


@dataclass(frozen=True, slots=True)
class Card:
    """A matter with its count; `most` is where the counting stopped, `tone` what a count above zero means."""

    title: str
    number: int
    address: str
    tone: Tone = ""
    most: int | None = None

    @property
    def shown(self) -> str:
        """The count, with a mark where there are more."""
        return f"{self.number:,}+" if self.most is not None and self.number >= self.most else f"{self.number:,}"

    @property
    def style(self) -> str:
        """The tone, if there is something to warn of."""
        return self.tone if self.number else ""


def cards_of(actor: Actor, on: date) -> list[Card]:
    """The cards of all roles of the actor, what is late before all else, no page twice under the same title."""
    makers: dict[Role, Callable[[Actor, date, Cards], Iterator[Card]]] = {
        Role.VERIFIER: _verifier,
        Role.QUALITY_MANAGER: _quality_manager,
        Role.RECEPTIONIST: _receptionist,
        Role.HOLDER: _holder,
        Role.MAKER: _maker,
        Role.ASSESSOR: _assessor,
        Role.METERING_ENGINEER: _metering_engineer,
        Role.REGULATOR: _regulator,
    }
    counted = mandatory.cards(actor, on)
    found: dict[tuple[str, str], Card] = {}
    for role, make in makers.items():
        if actor.has(role):
            for card in make(actor, on, counted):
                found.setdefault((card.title, card.address), card)
    return sorted(found.values(), key=lambda card: card.style != "bad")


def organisations(actor: Actor, role: Role) -> list[int]:
    """Where the actor has that role."""
    return [grant.organisation_id for grant in actor.grants if grant.role is role]


def regions(actor: Actor) -> list[str]:
    """The divisions for which the actor is responsible."""
    return list(dict.fromkeys(grant.region for grant in actor.grants if grant.role is Role.REGULATOR))


def _verifier(actor: Actor, on: date, counted: Cards) -> Iterator[Card]:
    yield Card("待检定的样品", counted.waiting or 0, reverse("mandatory-waiting"), most=CAPPED)


def _receptionist(actor: Actor, on: date, counted: Cards) -> Iterator[Card]:
    desk = reverse("mandatory-desk")
    for state, number in (counted.desk or {}).items():
        yield Card(state.value, number, f"{desk}?state={state.name}", "soon" if state is State.SUBMITTED else "")
    yield Card("已逾期", counted.late, desk, "bad", LATE_CAPPED)


def _holder(actor: Actor, on: date, counted: Cards) -> Iterator[Card]:
    own = reverse("instruments-own")
    overdue, soon, never = counts_of_holders(organisations(actor, Role.HOLDER), on, on + SOON, CAPPED)
    yield Card("检定已超期的器具", overdue, own, "bad", CAPPED)
    yield Card(f"{SOON.days} 天内到期", soon, own, "soon", CAPPED)
    yield Card("从未检定", never, own, "soon", CAPPED)
    yield _recalls(actor)


def _maker(actor: Actor, on: date, counted: Cards) -> Iterator[Card]:
    types, own = own_counts(actor, on), reverse("approvals-own")
    yield Card("被禁用的软件版本", types.blocked, own, "bad")
    yield Card("待送样的型式批准申请", types.for_samples, own, "soon")
    yield Card("办理中的型式批准申请", types.under_way, own)
    yield Card("待审核的软件备案", types.pending, own)
    yield Card("有效的型式批准", types.in_force, own)
    yield Card("在册产品（台件）", count_made_by(actor), reverse("maker-products"), most=MOST)


def _assessor(actor: Actor, on: date, counted: Cards) -> Iterator[Card]:
    yield Card("待考评的申请", len(assessments.waiting_for(actor)), reverse("standards-work"), "soon", LATE_CAPPED)


def _metering_engineer(actor: Actor, on: date, counted: Cards) -> Iterator[Card]:
    utilities = organisations(actor, Role.METERING_ENGINEER)
    counts = work_counts(utilities)
    work = reverse("metering-work", args=[utilities[0]])
    yield Card("待处理的可疑器具", counts[Standing.OPEN], work, "soon")
    yield Card("观察中的可疑器具", counts[Standing.WATCHED], f"{work}?standing=WATCHED")
    yield Card("已送检、等待结果", counts[Standing.SENT], f"{work}?standing=SENT")


def _quality_manager(actor: Actor, on: date, counted: Cards) -> Iterator[Card]:
    institutes, until = organisations(actor, Role.QUALITY_MANAGER), on + HALF_A_YEAR
    desk = reverse("institute-desk")
    yield Card("半年内到期的计量标准", ending_standards(actor, on), f"{desk}#standards", "soon", PAGE)
    yield Card("半年内到期的注册", _ending_registrations(institutes, on), f"{desk}#metrologists", "soon")
    yield Card("半年内到期的标准物质", len(batches_ending(institutes, until)), f"{desk}#materials", "soon", PAGE)
    waiting = len(assessments.waiting_for(actor))
    yield Card("待办的考核申请", waiting, reverse("standards-work"), "soon", LATE_CAPPED)
    yield _recalls(actor)


def _regulator(actor: Actor, on: date, counted: Cards) -> Iterator[Card]:
    places = [row for region in regions(actor) for row in standing_by_region(region, on, on + SOON)]
    due = reverse("instruments-due")
    yield Card("检定已超期的器具", sum(row.overdue for row in places), due, "bad")
    yield Card(f"{SOON.days} 天内到期", sum(row.soon for row in places), due, "soon")
    yield Card("从未检定", sum(row.never for row in places), due, "soon")
    yield Card("逾期的强检申请", counted.late, reverse("mandatory-overdue"), "bad", LATE_CAPPED)
    waiting = len(assessments.waiting_for(actor))
    yield Card("待办的考核申请", waiting, reverse("standards-work"), "soon", LATE_CAPPED)
    until = on + HALF_A_YEAR
    ending = sum(len(authorisations_in(region, on, until=until)) for region in regions(actor))
    yield Card("半年内到期的机构授权", ending, f"{reverse('qualifications')}?soon=1", "soon", LONGEST_LIST)
    standards = ending_standards(actor, on)
    yield Card("半年内到期的计量标准", standards, f"{reverse('standards-list')}?term=183", "soon", PAGE)


def ending_standards(actor: Actor, on: date) -> int:
    """How many of the standards that the actor sees end within half a year or have ended, up to a page."""
    return min(len(standard_page(actor, Filters(ends_by=on + HALF_A_YEAR))), PAGE)


def _ending_registrations(institutes: Collection[int], on: date) -> int:
    held = [row for institute in institutes for row in metrologists_of(institute, on)]
    return sum(row.valid_until <= on + HALF_A_YEAR for row in held)


def _recalls(actor: Actor) -> Card:
    return Card("与您有关的失准追溯", len(recalls_for(actor)), reverse("traceability-recalls"), "bad", 100)
