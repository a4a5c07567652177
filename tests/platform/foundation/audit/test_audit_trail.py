"""Who reads which events, filtered and in pages, on the screen and as a file."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.audit.queries import PAGE, Filter, page_of
from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant
from yuejingzhun.platform.foundation.parties.rules import Actor, Grant, Role

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


@transaction.atomic
def record(actor: Actor, action: str = "提交记录", at: datetime = AT, **given: object) -> AuditEvent:
    record_event(actor, action, "job", 1, at, **given)  # type: ignore[arg-type]
    return AuditEvent.objects.latest("pk")


def someone(name: str, organisation: Organisation, *grants: tuple[Role, Organisation]) -> Actor:
    person = Person.objects.create(name=name, organisation=organisation)
    return Actor(person.pk, name, tuple(Grant(role, at.pk, at.region) for role, at in grants))


def signed_in(actor: Actor) -> Client:
    user, client = User.objects.create_user(f"user{actor.person_id}"), Client()
    Person.objects.filter(pk=actor.person_id).update(user=user)
    for grant in actor.grants:
        RoleGrant.objects.get_or_create(
            person_id=actor.person_id,
            role=grant.role.name,
            organisation_id=grant.organisation_id,
            defaults={"valid_from": date(2025, 1, 1), "valid_until": date(2029, 12, 31)},
        )
    client.force_login(user)
    return client


def test_an_event_belongs_to_the_organisation_of_the_actors_grants(world) -> None:
    event = record(world.verifier)
    assert (event.organisation_id, event.region) == (world.institute.pk, "440100")
    assert record(Actor(0, "系统", ())).organisation_id is None


def test_who_acts_in_two_organisations_is_at_home_in_one_of_them_or_says_for_which(world) -> None:
    both = someone(
        "两处", world.other_institute, (Role.ASSESSOR, world.institute), (Role.VERIFIER, world.other_institute)
    )
    assert record(both).organisation_id == world.other_institute.pk
    named = record(both, organisation_id=world.institute.pk)
    assert (named.organisation_id, named.region) == (world.institute.pk, world.institute.region)
    away = someone("都不是", world.holder, (Role.ASSESSOR, world.institute), (Role.ASSESSOR, world.other_institute))
    assert record(away).organisation_id == world.holder.pk


def test_who_reads_what(world) -> None:
    province = Organisation.objects.create(name="演示省市场监督管理局", kind="authority", region="440000")
    county = Organisation.objects.create(name="演示区市场监督管理局", kind="authority", region="440106")
    ours = record(world.verifier).pk
    theirs = record(world.stranger).pk
    holder = record(someone("经办", world.holder, (Role.HOLDER, world.holder))).pk
    nobody = record(Actor(0, "系统", ())).pk

    def seen(actor: Actor) -> set[int]:
        return {event.pk for event in page_of(actor, Filter()).events}

    assert seen(world.verifier) == {ours}
    assert seen(world.reviewer) == set()
    assert seen(someone("质量", world.institute, (Role.QUALITY_MANAGER, world.institute))) == {ours}
    assert seen(world.regulator) == {ours, holder}  # of Guangzhou and its districts
    assert seen(someone("区", county, (Role.REGULATOR, county))) == {holder}
    assert seen(someone("省", province, (Role.REGULATOR, province))) == {ours, theirs, holder, nobody}


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (Filter(), 3),
        (Filter(subject="job", subject_id=1), 3),
        (Filter(subject="certificate"), 0),
        (Filter(subject_id=2), 0),
        (Filter(person="检定员甲"), 2),
        (Filter(person="检定员"), 0),
        (Filter(action="退回"), 1),
        (Filter(day=date(2026, 11, 24)), 1),
        (Filter(day=date(2026, 11, 25)), 2),
        (Filter(person="99999999999999999999999"), 0),
    ],
)
def test_what_is_looked_for(world, wanted: Filter, count: int) -> None:
    record(world.verifier, at=datetime(2026, 11, 24, 15, 59, 59, tzinfo=UTC))
    record(world.verifier, at=datetime(2026, 11, 24, 16, 0, tzinfo=UTC))  # midnight in Guangdong
    record(world.reviewer, "退回", at=datetime(2026, 11, 25, 15, 59, tzinfo=UTC))
    assert len(page_of(world.regulator, wanted).events) == count


def test_pages_follow_each_other_without_a_gap(world) -> None:
    made = [record(world.verifier, at=AT + timedelta(seconds=n)).pk for n in range(2 * PAGE + 7)]
    found, before = [], None
    for _ in range(3):
        page = page_of(world.regulator, Filter(), before)
        found += [event.pk for event in page.events]
        before = page.before
    assert before is None
    assert found == made[::-1]


def test_the_page_shows_filters_and_leads_on(world, django_assert_max_num_queries) -> None:
    for n in range(PAGE + 1):
        record(world.verifier, reason=f"<b>{n}</b>", after={"甲": "乙", "n": n})
    client = signed_in(world.regulator)
    with django_assert_max_num_queries(12):
        answer = client.get("/audit")
    text = answer.content.decode()
    assert "检定员甲" in text
    assert "&lt;b&gt;" in text
    assert "<b>" not in text
    assert "还没有登记到透明日志" in text
    older = client.get(f"/audit?person=检定员甲&before={AuditEvent.objects.earliest('pk').pk + 1}")
    assert older.content.decode().count("<tr>") == 2
    assert "没有符合条件的记录" in client.get("/audit?action=没有").content.decode()


@pytest.mark.parametrize(
    "query", ["day=x", "subject=x", "subject_id=x", "subject_id=-1", "before=0", "before=" + "9" * 40]
)
def test_a_filter_that_cannot_be_read_is_told(world, query: str) -> None:
    client = signed_in(world.regulator)
    assert client.get(f"/audit?{query}").status_code == 422
    assert client.get(f"/audit.csv?{query}").status_code == 422


def test_odd_text_is_answered(world) -> None:
    client = signed_in(world.regulator)
    assert client.get("/audit?person=%00").status_code in {400, 422}
    assert client.get("/audit?person=%F0%9F%98%80&action=%27").status_code == 200


def test_the_file_holds_what_the_page_shows_and_runs_no_formula(world) -> None:
    record(world.verifier, reason="=1+1", before={"a": 1})
    record(world.stranger)
    answer = signed_in(world.regulator).get("/audit.csv")
    rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))
    assert rows[0][:4] == ["编号", "时间", "人员编号", "姓名"]
    assert [row[3] for row in rows[1:]] == ["检定员甲"]
    assert rows[1][1] == "2026-11-24 16:30:00"
    assert rows[1][9:11] == ["'=1+1", '{"a": 1}']


def test_who_is_not_signed_in_or_nobody_reads_nothing(world) -> None:
    assert Client().get("/audit").status_code == 302
    client = Client()
    client.force_login(User.objects.create_user("nobody"))
    assert client.get("/audit").status_code == 403
