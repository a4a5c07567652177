"""Every operation of the JSON interface under schemathesis, as every role: no 5xx, and answers are what was promised.

In this process over WSGI, with a session as the pages have it; each call is undone. The cases are the same in each run,
and half of them name things that exist.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client, override_settings
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from ninja import Schema
from schemathesis.specs.openapi import checks

import type_approvals
from permissions import scenes_foundation, scenes_metering, scenes_operations, scenes_traceability
from permissions.seats import Cell, Seat
from permissions.town import Town, make_town
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Person
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.project.api import api

HANDLER = WSGIHandler()


def _answered(environ: Any, start: Any) -> list[bytes]:
    """The whole answer, closed as a server does it."""
    answer = HANDLER(environ, start)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


SCHEMA = schemathesis.openapi.from_dict(api.get_openapi_schema())
SCHEMA.app = _answered
OPERATIONS = [found.ok() for found in SCHEMA.get_all_operations()]
CASES = 6  # an operation and role; more only repeat themselves, and all together take some 40 s
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
SEATS = dict.fromkeys(Role, Seat.INSTITUTE) | {
    Role.HOLDER: Seat.PARTY,
    Role.MAKER: Seat.PARTY,
    Role.ASSESSOR: Seat.SELF,
    Role.METERING_ENGINEER: Seat.PARTY,
    Role.REGULATOR: Seat.CITY,
}
TOKEN = "c" * 32
Known = dict[str, list[Any]]


@pytest.fixture(scope="module", autouse=True)
def _one_connection() -> Iterator[None]:
    """The end of a request would close the connection, and with it the transaction that all is undone with."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    folder = tmp_path_factory.mktemp("town")
    with django_db_blocker.unblock(), override_settings(DATA=folder), transaction.atomic():
        yield make_town()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def known(town: Town) -> Known:
    """What exists, by the name that a path calls it."""
    line = scenes_operations._received(town)
    certificate = scenes_operations._issued(town)
    return {
        "job_id": [scenes_operations._tested(town).pk, certificate.job_id],
        "number": [certificate.number, _software_of(town)],
        "tag": [line.instrument.tag],
        "instrument_id": [line.instrument_id, certificate.instrument_id],
        "application_id": [line.application_id],
        "task_id": [scenes_foundation._task(town).pk],
        "evaluation_id": [scenes_metering.item(town).suspect.evaluation_id],
        "analysis_id": [scenes_metering.analysis(town).pk],
        "holder_id": [town.party],
        "recall_id": [scenes_traceability._recall(town).pk],
        "standard_id": [scenes_traceability._standard(town).pk],
        "institute_id": [town.institute],
        "person_id": [town.themselves.pk, town.world.verifier.person_id],
        "kind": ["certificate", "standard", "instrument"],
        "key": [certificate.number, str(line.instrument_id)],
        "code": ["JJG 596-2012", line.application.item],
        "suffix": ["pdf", "xml", "yjz"],
    }


def _software_of(town: Town) -> str:
    """The number of an approved type with filed software."""
    office = type_approvals.office_of(town.world)
    return type_approvals.on_record(office, type_approvals.issued(office).approval.number).approval.number


def session_of(town: Town, role: Role | None) -> dict[str, str]:
    """The cookies of somebody with that role; none for nobody."""
    if role is None:
        return {}
    actor = town.actors[Cell(role, SEATS[role])]
    user, _ = User.objects.get_or_create(username=f"fuzz-{role.name}")
    Person.objects.filter(pk=actor.person_id).update(user=user)
    client = Client()
    client.force_login(user)
    return {"sessionid": client.cookies["sessionid"].value, "csrftoken": TOKEN}


@pytest.fixture(scope="module")
def sessions(town: Town) -> dict[str, dict[str, str]]:
    """The cookies of everyone, by role."""
    return {role.name if role else "nobody": session_of(town, role) for role in (*Role, None)}


def test_no_two_shapes_have_one_name() -> None:
    """In the document of the interface the one would silently take the place of the other."""
    shapes = [shape for shape in _below(Schema) if shape.__module__.startswith("yuejingzhun.")]
    names = [shape.__name__ for shape in shapes]
    assert len(shapes) > 30
    assert sorted(names) == sorted(set(names))


def _below(kind: type) -> set[type]:
    return set(kind.__subclasses__()).union(*(_below(each) for each in kind.__subclasses__()))


@pytest.mark.django_db
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
def test_no_operation_breaks_and_each_keeps_its_promise(operation: Any, sessions: Any, known: Known) -> None:
    for role, cookies in sessions.items():
        try:
            tried(operation, cookies, known)
        except Exception as error:
            error.add_note(f"as {role}")
            raise


def tried(operation: Any, cookies: dict[str, str], known: Known) -> None:
    """Call one operation with a few cases; raises what the checks find, with a command that repeats it."""
    quiet = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]

    @settings(
        max_examples=CASES, deadline=None, derandomize=True, database=None,
        suppress_health_check=quiet, phases=[Phase.generate],
    )  # fmt: skip
    @given(case=operation.as_strategy(), real=st.booleans(), pick=st.integers(0, 1))
    def run(case: Any, real: bool, pick: int) -> None:
        if real:
            there = {name: known[name] for name in case.path_parameters or {} if name in known}
            case.path_parameters |= {name: values[pick % len(values)] for name, values in there.items()}
        case.headers.pop("Authorization", None)  # made up; test_api has what it does
        with transaction.atomic():
            response = case.call(cookies=cookies, headers={"X-CSRFToken": TOKEN})
            transaction.set_rollback(True)
        case.validate_response(response, checks=CHECKS)

    run()
