"""The small world before anyone was authorised or registered in it."""

from datetime import date
from typing import Any

import pytest

from small_world import World, grant
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.procedures.catalogue import procedures


def actor(name: str, organisation: Organisation, *roles: Role) -> Actor:
    person = Person.objects.create(name=name, organisation=organisation)
    for role in roles:
        grant(person, role, organisation, list(procedures()))
    return Actor(person.pk, name, tuple(Grant(role, organisation.pk, organisation.region) for role in roles))


def organisation(name: str, kind: str, region: str, **more: Any) -> Organisation:
    return Organisation.objects.create(name=name, kind=kind, region=region, **more)


@pytest.fixture
def world(db: None) -> World:
    institute = organisation("演示市计量检定所", "institute", "440100", address="演示路 1 号")
    other = organisation("别市计量所", "institute", "440300")
    authority = organisation("演示市市场监督管理局", "authority", "440100")
    for n, code in enumerate(procedures()):
        MeasurementStandard.objects.create(
            owner=institute,
            name=f"{code} 检定装置",
            number=f"演示证字第{n:03}号",
            regulations=[code],
            expanded_uncertainty="0.1",
            unit="%",
            certificate="DEMO-1",
            valid_until=date(2099, 1, 31),
            traceable_to="国家计量基准",
        )
    return World(
        institute,
        other,
        organisation("演示供电有限公司", "holder", "440106"),
        verifier=actor("检定员甲", institute, Role.VERIFIER),
        reviewer=actor("核验员乙", institute, Role.REVIEWER),
        signatory=actor("批准人丙", institute, Role.SIGNATORY),
        everything=actor("身兼数职", institute, Role.VERIFIER, Role.REVIEWER, Role.SIGNATORY),
        regulator=actor("监管员丁", authority, Role.REGULATOR),
        stranger=actor("外单位戊", other, Role.VERIFIER),
    )
