"""A small institute with people in every role, a standard, a holder: the smallest world in which a job can be done."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
from django.test import Client

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant
from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role
from yuejingzhun.platform.registry.qualifications.models import Authorisation, AuthorisedItem, Registration
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.procedures.catalogue import procedure, procedures
from yuejingzhun.procedures.record import Record
from yuejingzhun.procedures.sample import sample_parameters, sample_record, sample_standard

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 24)


@dataclass(frozen=True)
class World:
    institute: Organisation
    other_institute: Organisation
    holder: Organisation
    verifier: Actor
    reviewer: Actor
    signatory: Actor
    everything: Actor
    regulator: Actor
    stranger: Actor

    def record(self, code: str = "JJG 596-2012", passing: bool = True, seed: int = 1) -> Record:
        generator = np.random.default_rng(seed)
        return sample_record(procedure(code), passing=passing, generator=generator, tested_on=TODAY)[0]

    def standard(self, code: str = "JJG 596-2012") -> str:
        return f"[2024]粤量标演示证字第{list(procedures()).index(code):03}号"


def grant(person: Person, role: Role, organisation: Organisation, regulations: list[str]) -> None:
    RoleGrant.objects.create(
        person=person,
        role=role.name,
        organisation=organisation,
        regulations=regulations,
        valid_from=date(2025, 1, 1),
        valid_until=date(2029, 12, 31),
    )


def register(person: Person) -> None:
    """As a metrologist for every regulation, for five years."""
    Registration.objects.create(
        person=person,
        institute=person.organisation,
        level="second",
        number=f"粤注{person.pk}",
        regulations=list(procedures()),
        act="registration",
        valid_from=date(2025, 1, 1),
        valid_until=date(2029, 12, 31),
        granted_by=person,
        granted_at=AT,
    )


def authorise(institute: Organisation, by: Person) -> None:
    """For every regulation, in the whole province."""
    granted = Authorisation.objects.create(
        institute=institute,
        kind="legal",
        level="city",
        number=institute.authorisation or f"(粤)法计{institute.pk}",
        valid_from=date(2024, 1, 1),
        valid_until=date(2029, 12, 31),
        granted_by=by,
        granted_at=AT,
    )
    AuthorisedItem.objects.bulk_create(
        AuthorisedItem(authorisation=granted, regulation=code, series=code.rpartition("-")[0], region="440000")
        for code in procedures()
    )


def actor(name: str, organisation: Organisation, *roles: Role) -> Actor:
    person = Person.objects.create(name=name, organisation=organisation)
    for role in roles:
        grant(person, role, organisation, list(procedures()))
    if Role.VERIFIER in roles:
        register(person)
    grants = tuple(Grant(role, organisation.pk, organisation.region, frozenset(procedures())) for role in roles)
    return Actor(person.pk, name, grants)


def signed_in(role: str, organisation: Organisation) -> Client:
    """A browser with the session of somebody new who has that role there."""
    user = User.objects.create_user(f"{role}{organisation.pk}")
    person = Person.objects.create(name=role, organisation=organisation, user=user)
    RoleGrant.objects.create(
        person=person, role=role, organisation=organisation, valid_from="2025-01-01", valid_until="2035-12-31"
    )
    client = Client()
    client.force_login(user)
    return client


def make_world() -> World:
    institute = Organisation.objects.create(
        name="演示市计量检定所",
        kind="institute",
        region="440100",
        address="演示路 1 号",
        authorisation="(粤)法计演示号",
    )
    other = Organisation.objects.create(name="别市计量所", kind="institute", region="440300")
    holder = Organisation.objects.create(name="演示供电有限公司", kind="holder", region="440106", address="演示路 2 号")
    authority = Organisation.objects.create(name="演示市市场监督管理局", kind="authority", region="440100")
    for one in (institute, other):
        authorise(one, Person.objects.create(name="省局经办", organisation=authority))
    for code, declared in procedures().items():
        reference = sample_standard(declared, sample_parameters(declared), TODAY)
        MeasurementStandard.objects.create(
            owner=institute,
            name=reference.name,
            number=f"[2024]粤量标演示证字第{list(procedures()).index(code):03}号",
            regulations=[code],
            expanded_uncertainty=reference.expanded_uncertainty,
            unit=declared.standard_unit,
            certificate="DEMO-1",
            valid_until=date(2028, 1, 31),
            traceable_to="国家计量基准",
        )
    return World(
        institute,
        other,
        holder,
        verifier=actor("检定员甲", institute, Role.VERIFIER),
        reviewer=actor("核验员乙", institute, Role.REVIEWER),
        signatory=actor("批准人丙", institute, Role.SIGNATORY),
        everything=actor("身兼数职", institute, Role.VERIFIER, Role.REVIEWER, Role.SIGNATORY),
        regulator=actor("监管员丁", authority, Role.REGULATOR),
        stranger=actor("外单位戊", other, Role.VERIFIER, Role.REVIEWER, Role.SIGNATORY),
    )
