"""Scenes of traceability: a standard of the institute, a meter of the holder that was verified with it, a recall."""

from datetime import date
from decimal import Decimal

from permissions.town import AT, TODAY, Call, Town, scene
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.registry.standards.queries import MeasurementStandard
from yuejingzhun.platform.registry.traceability import queries, services
from yuejingzhun.platform.registry.traceability.models import Recall
from yuejingzhun.platform.registry.traceability.rules import Calibration, Finding, Item, Kind
from yuejingzhun.platform.registry.traceability.tasks import may_list

APP = "registry.traceability"
FINDING = Finding(date(2026, 3, 1), None, Decimal("0.5"), "%", "超差")
NATIONAL = Item(Kind.NATIONAL, "电能", "国家电能基准", "440000")


def _standard(town: Town) -> MeasurementStandard:
    return MeasurementStandard.objects.select_related("owner").get(number=town.world.standard())


def _source(town: Town) -> str:
    """The key of a standard with which a meter was verified."""
    meter, source = town.meters[0], services.item_of(_standard(town))
    lower = Item(Kind.INSTRUMENT, str(meter.pk), str(meter), meter.region, town.party)
    made = Calibration(date(2026, 6, 1), "证书-1", factor=1.0, mpe=Decimal("1.0"), unit="%")
    services.record_calibration(lower, source, made, town.institute, AT)
    return source.key


def _recall(town: Town) -> Recall:
    manager = town.another(Role.QUALITY_MANAGER)
    return services.declare_and_list(manager, "standard", _source(town), FINDING, AT)


@scene(f"{APP}.services.link_standard")
def _link(town: Town) -> Call:
    standard, made = _standard(town), Calibration(TODAY, "校准-1", factor=1.0)
    return lambda actor: services.link_standard(actor, standard, NATIONAL, made, AT)


@scene(f"{APP}.services.declare_recall")
def _declare(town: Town) -> Call:
    key = _source(town)
    return lambda actor: services.declare_recall(actor, "standard", key, FINDING, AT)


@scene(f"{APP}.services.declare_and_list")
def _declare_and_list(town: Town) -> Call:
    key = _source(town)
    return lambda actor: services.declare_and_list(actor, "standard", key, FINDING, AT)


@scene(f"{APP}.tasks.may_list")
def _may_list(town: Town) -> Call:
    recall = _recall(town)
    return lambda actor: may_list(actor, {"recall": recall.pk})


@scene(f"{APP}.queries.shown_chain#instrument")
def _chain_of_instrument(town: Town) -> Call:
    _source(town)
    return lambda actor: queries.shown_chain(actor, "INSTRUMENT", str(town.meters[0].pk))


@scene(f"{APP}.queries.shown_chain#standard")
def _chain_of_standard(town: Town) -> Call:
    standard = _standard(town)
    MeasurementStandard.objects.filter(pk=standard.pk).update(level="SECTOR_HIGHEST")
    _source(town)
    return lambda actor: queries.shown_chain(actor, "standard", str(standard.pk))


@scene(f"{APP}.queries.recalls_for")
def _recalls(town: Town) -> Call:
    recall = _recall(town)
    return lambda actor: recall in queries.recalls_for(actor)


@scene(f"{APP}.queries.visible_recall")
def _visible(town: Town) -> Call:
    recall = _recall(town)
    return lambda actor: queries.visible_recall(actor, recall.pk)


@scene(f"{APP}.queries.affected_of")
def _affected(town: Town) -> Call:
    recall = _recall(town)
    return lambda actor: queries.affected_of(actor, recall).exists()


@scene(f"{APP}.queries.tallies_of")
def _tallies(town: Town) -> Call:
    recall = _recall(town)
    return lambda actor: any(queries.tallies_of(actor, recall))
