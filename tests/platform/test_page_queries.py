"""No list page asks the database once a row: with ten times the rows each asks as often as before."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import type_approvals
from credit_cases import changed, in_force, told, with_code
from mandatory_counter import ELECTRICITY, item_of_meters
from permissions import scenes_approvals, scenes_metering
from permissions.seats import Cell, Seat
from permissions.town import AT, TODAY, Town, make_town
from small_world import actor, authorise
from standard_proposal import content
from yuejingzhun.platform.foundation.accounts import guards
from yuejingzhun.platform.foundation.accounts.models import ApiToken, User
from yuejingzhun.platform.foundation.jobs.models import LongTask
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.operations.mandatory.models import Application, BatchJob, Tariff
from yuejingzhun.platform.operations.mandatory.models import Batch as BenchBatch
from yuejingzhun.platform.operations.mandatory.rules import Delivery
from yuejingzhun.platform.operations.mandatory.services import answer, reception
from yuejingzhun.platform.operations.mandatory.services.apply import Request, apply
from yuejingzhun.platform.operations.metering.models import (
    Analysis,
    DistrictResult,
    Evaluation,
    Suspect,
    Truth,
    WorkItem,
)
from yuejingzhun.platform.operations.verification.services import submit_record
from yuejingzhun.platform.registry.approvals.services.software_filings import note_comparison
from yuejingzhun.platform.registry.instruments.importing import KIND
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.materials.models import Batch, ReferenceMaterial
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.platform.registry.standards.rules import Kind
from yuejingzhun.platform.registry.standards.services import applications, declarations
from yuejingzhun.platform.supervision.credit.models import Repair
from yuejingzhun.platform.supervision.credit.services.contests import contest
from yuejingzhun.platform.supervision.credit.services.facts import note
from yuejingzhun.platform.supervision.credit.services.rounds import rate_all
from yuejingzhun.platform.supervision.credit.services.rule_sets import propose

FEW, MANY = 5, 50
HOLDER, RECEPTIONIST, VERIFIER, REVIEWER = Role.HOLDER, Role.RECEPTIONIST, Role.VERIFIER, Role.REVIEWER
MANAGER, REGULATOR, MAKER = Role.QUALITY_MANAGER, Role.REGULATOR, Role.MAKER
ENGINEER = Role.METERING_ENGINEER
METERS = item_of_meters()
# Who looks at which list.
PAGES = [
    (HOLDER, "/instruments"), (HOLDER, "/instruments/search?text=W000"), (HOLDER, "/tasks"),
    (HOLDER, "/mandatory/applications"), (HOLDER, f"/mandatory/apply?kind={METERS}|{ELECTRICITY}|440106"),
    (HOLDER, "/account/tokens"),
    (RECEPTIONIST, "/mandatory/desk"), (RECEPTIONIST, "/mandatory/desk?state=SUBMITTED"),
    (VERIFIER, "/mandatory/waiting"), (VERIFIER, "/mandatory/batches"), (REVIEWER, "/work"),
    (MANAGER, "/institute"), (MANAGER, "/standards"), (MANAGER, "/standards/work"), (MANAGER, "/materials"),
    (MANAGER, "/audit"), (REGULATOR, "/qualifications"),
    (REGULATOR, "/region"), (REGULATOR, "/instruments/due?region=440106"),
    (REGULATOR, "/standards/work"),
    (REGULATOR, "/mandatory/overdue"), (REGULATOR, "/mandatory/tariffs"),
    (MAKER, "/approvals/own"), (REGULATOR, "/approvals/work"), (RECEPTIONIST, "/approvals/evaluations"),
    (REGULATOR, "/types/2026E101-44/astray"), (VERIFIER, "/approvals/devices/TAG00001"),
    (ENGINEER, "/metering"), (REGULATOR, "/metering"), (ENGINEER, "/metering/{evaluation}/districts"),
    (ENGINEER, "/metering/{evaluation}"), (ENGINEER, "/metering/of/{party}/work"),
    (ENGINEER, "/metering/of/{party}/truths"),
    (None, "/types"), (None, "/types/2026E101-44"),
    (REGULATOR, "/credit/parties"), (REGULATOR, "/credit/facts"), (REGULATOR, "/credit/work"),
    (HOLDER, "/credit/own"), (REGULATOR, "/credit/feed"), (None, "/credit/rules"),
    (None, "/credit?text=查信用"),
    (None, "/published/standards"), (None, f"/authorised?item={METERS}&region=440106"),
]  # fmt: skip
SEATS = {HOLDER: Seat.PARTY, ENGINEER: Seat.PARTY, MAKER: Seat.PARTY, REGULATOR: Seat.PROVINCE}


@pytest.fixture
def town(db: None) -> Town:
    return make_town()


def test_no_list_asks_once_a_row(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    # A session notes once a minute that it was used: on a slow machine that minute may end in the second count.
    monkeypatch.setattr(guards, "SEEN_EVERY", float("inf"))
    visitors = {role: visitor(town, role) for role in {role for role, _ in PAGES}}
    grow(town, 0, FEW)
    keys = {"evaluation": str(Evaluation.objects.earliest("pk").pk), "party": str(town.party)}
    pages = [(role, named(page, keys)) for role, page in PAGES]
    for role, page in pages:  # what is remembered after a first visit is remembered by now
        visitors[role].get(page)
    few = {page: queries(visitors[page[0]], page[1]) for page in pages}
    grow(town, FEW, MANY)
    many = {page: queries(visitors[page[0]], page[1]) for page in pages}
    assert not {page: (few[page], many[page]) for page in pages if many[page][0] > few[page][0]}
    assert not [page for page in pages if many[page][1] < few[page][1] + FEW * 20]  # the rows are on it


def named(page: str, keys: dict[str, str]) -> str:
    """The page with the keys in it that only the town knows."""
    for name, key in keys.items():
        page = page.replace(f"{{{name}}}", key)
    return page


def visitor(town: Town, role: Role | None) -> Client:
    client = Client()
    if role is not None:
        user = User.objects.create_user(f"visitor-{role.name}")
        who = town.actors[Cell(role, SEATS.get(role, Seat.INSTITUTE))]
        Person.objects.filter(pk=who.person_id).update(user=user)
        client.force_login(user)
    return client


def queries(client: Client, page: str) -> tuple[int, int]:
    """How often a page asked, and how long it is."""
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(page, follow=True)
    assert answer.status_code == 200, (page, answer.status_code)
    return len(asked), len(answer.content)


def grow(town: Town, start: int, stop: int) -> None:
    """Rows of every kind, those numbered from `start` on."""
    steps: tuple[Callable[[Town, int], None], ...] = (
        _application, _sample, _job, _standard, _material, _type, _credit, _small, _evaluation,
    )  # fmt: skip
    for number in range(start, stop):
        for step in steps:
            step(town, number)


def _application(town: Town, number: int) -> None:
    """One that nobody has answered in time."""
    made = _asked(town, f"W{number:05}a")
    Application.objects.filter(pk=made.pk).update(answer_by=TODAY - timedelta(days=9))


def _sample(town: Town, number: int) -> None:
    """One received, waiting for its test."""
    clerk, made = town.one(RECEPTIONIST, Seat.INSTITUTE), _asked(town, f"W{number:05}b")
    answer.accept(clerk, made.pk, AT)
    answer.appoint(clerk, made.pk, TODAY, AT)
    reception.receive(clerk, made.pk, [1], "完好", AT)


def _asked(town: Town, serial: str) -> Application:
    """An application for a new meter that is overdue, beside another that nobody has applied for."""
    for end in ("", "-2"):
        meter = Instrument.objects.create(
            holder=town.world.holder, name="电能表", model="DDS", serial=serial + end, maker="厂",
            regulation=ELECTRICITY, regulation_series="JJG 596", item=item_of_meters(), region="440106", city="4401",
            valid_until=TODAY - timedelta(days=9), last_passed=True,
        )  # fmt: skip
    asked = Request(town.party, town.institute, (meter.pk,), Delivery.DELIVERED, "联系人", "020-1", serial)
    return apply(town.one(HOLDER, Seat.PARTY), asked, AT)


def _job(town: Town, number: int) -> None:
    world = town.world
    record = world.record(seed=number)
    job = submit_record(world.verifier, town.institute, town.party, record, world.standard(), TODAY, AT)
    batch = BenchBatch.objects.create(
        institute_id=town.institute, first=job, regulation=job.regulation, keep="ALL", name=f"{number}.csv",
        sha256="0" * 64, content=b"x", rows=1, asked_at=AT, asked_by_id=job.tested_by_id,
    )  # fmt: skip
    BatchJob.objects.create(batch=batch, job=job, row=1)


def _standard(town: Town, number: int) -> None:
    """A new one that was applied for, and one declared by an enterprise and contested."""
    manager, regulator = town.one(MANAGER, Seat.INSTITUTE), town.one(REGULATOR, Seat.CITY)
    applications.apply(manager, town.institute, Kind.NEW, content(name=f"装置{number}"), None, AT)
    declared = content(level="ENTERPRISE_HIGHEST", name=f"企业装置{number}")
    enterprise = town.one(MANAGER, Seat.PARTY)
    made = declarations.declare(enterprise, town.party, declared, TODAY + timedelta(days=900), AT)
    declarations.contest(regulator, made.pk, "存疑", AT)
    MeasurementStandard.objects.create(
        owner=town.world.institute, name=f"标准{number}", number=f"号{number}", regulations=[ELECTRICITY],
        expanded_uncertainty="0.1", unit="%", certificate="C", valid_until=TODAY, traceable_to="国家计量基准",
    )  # fmt: skip


def _material(town: Town, number: int) -> None:
    found = ReferenceMaterial.objects.create(
        number=f"GBW(E){130000 + number}", name=f"溶液{number}", grade="SECOND", producer="研制单位"
    )
    Batch.objects.create(
        material=found, owner=town.world.institute, number=f"B{number}", place="柜", received_on=TODAY, expires_on=TODAY
    )


def _type(town: Town, number: int) -> None:
    """A type, an application at each desk, and filed software with a device that shows other than that."""
    office = scenes_approvals._office(town)
    type_approvals.issued(office, f"M{number}", f"N{number}")
    type_approvals.applied(office, f"A{number}")
    type_approvals.accepted(office, f"B{number}")
    first = "2026E101-44"
    type_approvals.on_record(office, first, f"{number}.0", f"{number:064}")
    type_approvals.filed(office, first, f"{number}.1", f"{number + 1000:064}")
    note_comparison(first, f"{number}.0", "F", "TAG00001", AT)


def _credit(town: Town, number: int) -> None:
    """A party of its own in a round of its own; facts about the holder, contested and to be repaired; a rule set."""
    province = town.one(REGULATOR, Seat.PROVINCE)
    if not number:
        in_force(province)
    party = Organisation.objects.create(name=f"查信用{number}", kind="holder", region="440106")
    note(told(with_code(party, 1000 + number), "verification-failed", f"c:{number}", 1), AT)
    clerk = actor(f"经办{number}", town.world.holder, HOLDER)
    contest(clerk, note(told(town.world.holder, "verification-failed", f"f:{number}", 5), AT).pk, "异议", AT)
    speaker = actor(f"店员{number}", party, HOLDER)
    old = note(told(party, "complaint-upheld", f"o:{number}", 200), AT - timedelta(days=200))
    Repair.objects.create(fact=old, statement="已整改", applied_by_id=speaker.person_id, applied_at=AT)
    propose(province, changed(start=number), f"第 {number} 次", AT)
    rate_all(AT + timedelta(seconds=number + 1))  # what is recorded after a round is known after it


def _evaluation(town: Town, number: int) -> None:
    """An evaluation with a study; of the first one another district; a suspicious meter; a test result."""
    engineer, meter = town.one(ENGINEER, Seat.PARTY).person_id, f"M{number:05}"
    made = scenes_metering.evaluation_row(town)
    first = Evaluation.objects.earliest("pk")
    Analysis.objects.create(
        evaluation=first, kind="SAMPLE", arguments={}, asked_at=AT, asked_by_id=engineer, finished_at=AT, result={}
    )
    DistrictResult.objects.create(
        evaluation=first, district=f"D{number:05}", city="4401", part="x", meters=1, stated=1, suspicious=1
    )
    numbers = dict.fromkeys(("error", "uncertainty", "low", "high", "energy_kwh"), 0.1)
    suspect = Suspect.objects.create(evaluation=made, district="D", meter=meter, exceeds=0.9, **numbers)
    WorkItem.objects.create(
        organisation_id=town.party, medium="ELECTRICITY", meter=meter, suspect=suspect, exceeds=0.9, standing="OPEN"
    )
    Truth.objects.create(
        organisation_id=town.party, medium="ELECTRICITY", meter=meter, tested_on=TODAY, passed=True, source="BY_HAND",
        recorded_at=AT, recorded_by_id=engineer, evaluation=made, exceeds=0.9,
    )  # fmt: skip


def _small(town: Town, number: int) -> None:
    clerk = town.one(HOLDER, Seat.PARTY).person_id
    LongTask.objects.create(kind=KIND, title=f"任务{number}", arguments={}, asked_by_id=clerk, asked_at=AT)
    ApiToken.objects.create(
        user=User.objects.get(username="visitor-HOLDER"), name=f"令牌{number}", sha256=number.to_bytes(32, "big"),
        hint="yjz_", scopes=["x"], created_at=AT, expires_at=AT + timedelta(days=300),
    )  # fmt: skip
    Tariff.objects.create(item=item_of_meters(), amount=10, valid_from=TODAY + timedelta(days=number), source="文号")
    institute = Organisation.objects.create(name=f"所{number}", kind="institute", region="440100")
    authorise(institute, Person.objects.create(name=f"经办{number}", organisation=institute))
