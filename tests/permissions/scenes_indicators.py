"""Scenes of the indicators: an item in the party's county; a milestone that the institute owns."""

from datetime import timedelta
from decimal import Decimal

from permissions.seats import Seat
from permissions.town import AT, TODAY, Call, Town, scene
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.supervision.indicators import queries
from yuejingzhun.platform.supervision.indicators.models import Item, Milestone
from yuejingzhun.platform.supervision.indicators.rules import Progress
from yuejingzhun.platform.supervision.indicators.services import items, plan

APP = "supervision.indicators"


def draft(number: int = 1) -> items.Draft:
    """What is said of an item of the county."""
    return items.Draft(f"中心 {number}", "某单位", "440106", f"文 {number}", TODAY - timedelta(9))


def item(town: Town) -> Item:
    """An item that the province recorded."""
    return items.record_item(town.one(Role.REGULATOR, Seat.PROVINCE), "centres", draft(), AT)


def milestone(town: Town) -> Milestone:
    """A milestone of the institute."""
    return plan.add_milestone(town.one(Role.REGULATOR, Seat.PROVINCE), "2.1", "一步", town.institute, TODAY, AT)


@scene(f"{APP}.services.items.record_item")
def _record(town: Town) -> Call:
    return lambda who: items.record_item(who, "centres", draft(), AT)


@scene(f"{APP}.services.items.record_items")
def _record_list(town: Town) -> Call:
    return lambda who: items.record_items(who, "centres", [draft(1), draft(2)], AT)


@scene(f"{APP}.services.items.correct_item")
def _correct(town: Town) -> Call:
    row = item(town)
    return lambda who: items.correct_item(who, row.pk, draft(), "抄错", AT)


@scene(f"{APP}.services.items.withdraw_item")
def _withdraw(town: Town) -> Call:
    row = item(town)
    return lambda who: items.withdraw_item(who, row.pk, "重复", AT)


@scene(f"{APP}.services.plan.set_target")
def _target(town: Town) -> Call:
    return lambda who: plan.set_target(who, "centres", 2030, Decimal(40), "依据", AT)


@scene(f"{APP}.services.plan.add_milestone")
def _milestone(town: Town) -> Call:
    return lambda who: plan.add_milestone(who, "2.1", "一步", town.institute, TODAY, AT)


@scene(f"{APP}.services.plan.report_milestone")
def _report(town: Town) -> Call:
    row = milestone(town)
    return lambda who: plan.report_milestone(who, row.pk, Progress.DONE, "完成", AT)


@scene(f"{APP}.queries.tasks_for")
def _tasks(town: Town) -> Call:
    milestone(town)
    return lambda who: bool(queries.tasks_for(who, TODAY)["2.1"])


@scene(f"{APP}.queries.milestone_for")
def _see(town: Town) -> Call:
    row = milestone(town)
    return lambda who: queries.milestone_for(who, row.pk)
