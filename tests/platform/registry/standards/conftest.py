"""Who takes part in an assessment, and an application whose figures can be checked by hand."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from standard_proposal import content
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant
from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)


def appoint(name: str, organisation: Organisation, *roles: Role) -> Actor:
    """A person with these roles there."""
    person = Person.objects.create(name=name, organisation=organisation)
    for role in roles:
        RoleGrant.objects.create(
            person=person,
            role=role.name,
            organisation=organisation,
            valid_from=date(2025, 1, 1),
            valid_until=date(2031, 12, 31),
        )
    return Actor(person.pk, name, tuple(Grant(role, organisation.pk, organisation.region) for role in roles))


@dataclass(frozen=True)
class Staff:
    manager: Actor
    regulator: Actor
    second_regulator: Actor
    province: Actor
    elsewhere: Actor
    assessor: Actor
    second_assessor: Actor
    own_assessor: Actor
    enterprise: Actor
    verifier: Actor


@pytest.fixture
def staff(world) -> Staff:
    return staff_of(world)


def staff_of(world) -> Staff:
    """The people of a world."""
    authority = Organisation.objects.get(name="演示市市场监督管理局")
    province = Organisation.objects.create(name="演示省局", kind="authority", region="440000")
    elsewhere = Organisation.objects.create(name="演示别市局", kind="authority", region="440300")
    return Staff(
        manager=appoint("质量负责人", world.institute, Role.QUALITY_MANAGER),
        regulator=world.regulator,
        second_regulator=appoint("监管员二", authority, Role.REGULATOR),
        province=appoint("省监管员", province, Role.REGULATOR),
        elsewhere=appoint("别市监管员", elsewhere, Role.REGULATOR),
        assessor=appoint("考评员甲", world.other_institute, Role.ASSESSOR),
        second_assessor=appoint("考评员乙", world.other_institute, Role.ASSESSOR),
        own_assessor=appoint("本单位考评员", world.institute, Role.ASSESSOR),
        enterprise=appoint("企业质量负责人", world.holder, Role.QUALITY_MANAGER),
        verifier=world.verifier,
    )


def client_of(actor: Actor, client: Any) -> Any:
    """A client signed in as that person."""
    user = User.objects.create_user(f"user{actor.person_id}")
    Person.objects.filter(pk=actor.person_id).update(user=user)
    client.force_login(user)
    return client


@pytest.fixture(name="content")
def _content() -> Any:
    return content


@pytest.fixture
def sign_in() -> Any:
    """A client signed in as an actor."""
    return client_of


@pytest.fixture(name="staff_of")
def _staff_of() -> Any:
    return staff_of
