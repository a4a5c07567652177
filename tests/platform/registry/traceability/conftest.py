"""A small chain: national, provincial, city and working standard, and meters of two holders in two cities."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant
from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role
from yuejingzhun.platform.registry.traceability.models import Link, Recall
from yuejingzhun.platform.registry.traceability.rules import Calibration, Finding, Item, Kind
from yuejingzhun.platform.registry.traceability.services import declare_recall, record_calibration

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def calibration(day: str, certificate: str, **more) -> Calibration:
    return Calibration(made_on=date.fromisoformat(day), certificate=certificate, **({"factor": 1.0} | more))


def actor(name: str, organisation: Organisation, role: Role) -> Actor:
    person = Person.objects.create(name=name, organisation=organisation)
    RoleGrant.objects.create(
        person=person, role=role.name, organisation=organisation,
        valid_from=date(2025, 1, 1), valid_until=date(2029, 12, 31),
    )  # fmt: skip
    return Actor(person.pk, name, (Grant(role, organisation.pk, organisation.region),))


@dataclass(frozen=True)
class Grid:
    world: object
    national: Item
    province: Item
    city: Item
    working: Item
    meters: tuple[Item, ...]
    manager: Actor
    holder: Actor
    shenzhen: Actor

    def verify(self, meter: int, day: str, certificate: str, upper: Item | None = None, **more) -> Link:
        limits = {"mpe": Decimal("1.0"), "expanded_uncertainty": Decimal("0.2"), "margin": Decimal("0.4"), "unit": "%"}
        return record_calibration(
            self.meters[meter], upper or self.working, calibration(day, certificate, **(limits | more)),
            self.world.institute.pk, AT,
        )  # fmt: skip

    def recall(self, source: Item | None = None, **finding) -> Recall:
        given = {"from_day": date(2026, 3, 1), "to_day": None, "error": Decimal("0.5"), "unit": "%", "reason": "超差"}
        item = source or self.working
        return declare_recall(self.manager, item.kind.name, item.key, Finding(**(given | finding)), AT)


@pytest.fixture
def grid(world, settings, tmp_path) -> Grid:
    settings.DATA = tmp_path
    national = Item(Kind.NATIONAL, "电能", "国家电能基准", "440000")
    owner = Organisation.objects.create(name="演示省计量院", kind="institute", region="440000")
    other = Organisation.objects.create(name="演示深圳水务公司", kind="holder", region="440305")
    bureau = Organisation.objects.create(name="演示深圳市监局", kind="authority", region="440300")
    province = Item(Kind.STANDARD, "p", "省电能表标准", "440000", owner.pk, "U = 0.01 % (k = 2)", "%")
    city = Item(Kind.STANDARD, "c", "市电能表标准", "440100", world.institute.pk, "U = 0.03 % (k = 2)", "%")
    working = Item(Kind.STANDARD, "w", "工作电能表标准", "440100", world.institute.pk, "U = 0.1 % (k = 2)", "%")
    meters = tuple(
        Item(Kind.INSTRUMENT, str(n), f"电能表 D-{n}", place.region, place.pk)
        for n, place in enumerate((world.holder, world.holder, other))
    )
    for lower, upper, day in ((province, national, "2025-01-10"), (city, province, "2025-06-10"),
                              (working, city, "2026-01-10")):  # fmt: skip
        record_calibration(lower, upper, calibration(day, f"校准-{lower.key}"), None, AT)
    people = (
        actor("质量负责人己", world.institute, Role.QUALITY_MANAGER),
        actor("经办人庚", world.holder, Role.HOLDER),
        actor("监管员辛", bureau, Role.REGULATOR),
    )
    return Grid(world, national, province, city, working, meters, *people)
