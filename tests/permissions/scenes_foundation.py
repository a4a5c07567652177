"""Scenes of the trail and of long tasks."""

from permissions.seats import Seat
from permissions.town import AT, Call, Town, scene
from yuejingzhun.platform.foundation.audit import queries as trail
from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.jobs import queries, services
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.foundation.parties.searching import holders_like
from yuejingzhun.platform.registry.instruments.importing import KIND


def _event(town: Town) -> None:
    who = Actor(town.themselves.pk, town.themselves.name, ())
    record_event(who, "演示动作", "job", 1, AT, organisation_id=town.institute)


def _task(town: Town, state: str = "WAITING") -> LongTask:
    desk = f"HOLDER:{town.seats[Seat.SELF].pk}"
    return LongTask.objects.create(
        kind=KIND, title="导入", arguments={"desk": desk}, asked_by=town.themselves, asked_at=AT, state=state
    )


@scene("foundation.audit.queries.page_of")
def _page(town: Town) -> Call:
    _event(town)
    return lambda actor: bool(trail.page_of(actor, trail.Filter(action="演示动作")).events)


@scene("foundation.audit.queries.export_of")
def _export(town: Town) -> Call:
    _event(town)
    return lambda actor: bool(list(trail.export_of(actor, trail.Filter(action="演示动作"))))


@scene("foundation.audit.queries.actions_of")
def _actions(town: Town) -> Call:
    _event(town)
    return lambda actor: "演示动作" in trail.actions_of(actor)


@scene("foundation.parties.searching.holders_like")
def _holders(town: Town) -> Call:
    return lambda actor: town.world.holder in holders_like(actor, town.world.holder.name)


@scene("foundation.jobs.queries.own_task")
def _own_task(town: Town) -> Call:
    task = _task(town)
    return lambda actor: queries.own_task(actor, task.pk)


@scene("foundation.jobs.queries.own_tasks")
def _own_tasks(town: Town) -> Call:
    task = _task(town)
    return lambda actor: task in queries.own_tasks(actor)


@scene("foundation.jobs.services.stop")
def _stop(town: Town) -> Call:
    task = _task(town)
    return lambda actor: services.stop(actor, task.pk, AT)


@scene("foundation.jobs.services.restart")
def _restart(town: Town) -> Call:
    task = _task(town, "STOPPED")
    return lambda actor: services.restart(actor, task.pk, AT)
