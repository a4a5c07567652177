"""Pages and JSON interface: the regulator grants and registers, the institute and the public look up."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.qualifications.models import Authorisation, Registration
from yuejingzhun.platform.registry.qualifications.rules import Certificate, Line, Scope
from yuejingzhun.platform.registry.qualifications.services.authorisations import grant_authorisation
from yuejingzhun.procedures.local_date import local_date


def day(days: int = 0) -> date:
    return local_date(timezone.now()) + timedelta(days=days)


def sign_in(client: Client, actor: Actor) -> Client:
    person = Person.objects.get(pk=actor.person_id)
    person.user = User.objects.create_user(f"user{actor.person_id}")
    person.save()
    # The world's grants may have ended by the day on which the test runs.
    RoleGrant.objects.filter(person=person).update(valid_from=day(-1000), valid_until=day(1000))
    client.force_login(person.user)
    return client


@pytest.fixture
def regulator(client: Client, world: Any) -> Client:
    return sign_in(client, world.regulator)


def granted(world: Any, until: int = 400, region: str = "440100") -> Authorisation:
    lines = (Line(Scope("19", "JJG 596-2012", region), "0.01 A～100 A", "0.2S 级"),)
    given = Certificate("legal", "city", "(粤)法计001号", day(-10), day(until), lines)
    return grant_authorisation(world.regulator, world.institute.pk, given, timezone.now())


def form(**changes: Any) -> dict[str, Any]:
    lines = {"form-TOTAL_FORMS": 2, "form-INITIAL_FORMS": 0, "form-0-item": "11.1", "form-0-region": "440106"}
    return {
        "kind": "legal",
        "level": "city",
        "number": "(粤)法计002号",
        "valid_from": day(),
        "valid_until": day(1000),
        "form-1-region": "440100",
        **lines,
        **changes,
    }


def test_a_regulator_grants_on_the_page(regulator: Client, world: Any) -> None:
    base = f"/qualifications/institutes/{world.institute.pk}"
    assert "新授权" in regulator.get(base).content.decode()
    assert "再加几行" in regulator.get(f"{base}/grant").content.decode()
    assert regulator.post(f"{base}/grant", form()).status_code == 302
    (made,) = Authorisation.objects.all()
    assert [(line.item, line.region) for line in made.items.all()] == [("11.1", "440106")]
    page = regulator.get(base).content.decode()
    assert "(粤)法计002号" in page
    assert "广州市天河区" in page


def test_what_is_wrong_is_said_at_its_place_and_nothing_is_stored(regulator: Client, world: Any) -> None:
    url = f"/qualifications/institutes/{world.institute.pk}/grant"
    for changes, words in (
        ({"valid_until": "明天", "form-1-regulation": "x" * 41}, ("应为 年-月-日",)),
        ({"form-0-item": ""}, ("没有写明授权项目",)),
        ({"valid_until": day(4000)}, ("过晚",)),
        ({"form-TOTAL_FORMS": "x"}, ("授权项目的行数读不出来",)),
        ({"form-0-regulation": "596"}, ("第 1 项：检定规程为",)),
    ):
        answer = regulator.post(url, form(**changes))
        assert answer.status_code == 422
        assert all(word in answer.content.decode() for word in words)
    assert regulator.post(url, form(**{"form-0-region": "440300"})).status_code == 403
    assert not Authorisation.objects.exists()


def test_more_lines_keep_what_was_typed(regulator: Client, world: Any) -> None:
    page = regulator.post(f"/qualifications/institutes/{world.institute.pk}/grant", form(more="1")).content.decode()
    assert "form-9-item" in page
    assert "(粤)法计002号" in page
    assert '<option value="11.1" selected>' in page


def test_a_change_starts_from_what_holds_and_a_withdrawal_ends_it(regulator: Client, world: Any) -> None:
    old = granted(world)
    base = f"/qualifications/institutes/{world.institute.pk}/{old.pk}"
    page = regulator.get(f"{base}/change").content.decode()
    assert "0.01 A～100 A" in page
    changed = form(**{"form-INITIAL_FORMS": 1, "form-0-item": "19", "form-0-regulation": "JJG 596-2012"})
    assert regulator.post(f"{base}/change", changed).status_code == 302
    new = Authorisation.objects.get(supersedes=old)
    ending = {"effective_from": day(), "reason": "不再具备条件"}
    refused = regulator.post(f"/qualifications/institutes/{world.institute.pk}/{new.pk}/withdraw", {}, follow=True)
    assert "没有填写自何日起失效" in refused.content.decode()
    url = f"/qualifications/institutes/{world.institute.pk}/{new.pk}/withdraw"
    assert "不再具备条件" in regulator.post(url, ending, follow=True).content.decode()
    assert regulator.get(f"/qualifications/institutes/{world.institute.pk}/999999/change").status_code == 404


def test_the_list_of_a_region_highlights_what_ends_soon(regulator: Client, world: Any) -> None:
    granted(world, until=100)
    page = regulator.get("/qualifications").content.decode()
    assert 'class="soon"' in page
    assert "半年内到期" in page
    assert "(粤)法计001号" in regulator.get("/qualifications?soon=1&kind=legal&region=440100").content.decode()
    assert "没有符合条件的授权" in regulator.get("/qualifications?kind=authorised").content.decode()
    assert "没有符合条件的授权" in regulator.get(f"/qualifications?after={day(101)}.5").content.decode()
    assert regulator.get("/qualifications?region=440300").status_code == 403
    assert regulator.get("/qualifications?after=x&region=").status_code == 200


def test_an_institute_sees_its_own_page_and_no_other(client: Client, world: Any) -> None:
    granted(world)
    own = sign_in(client, world.verifier)
    assert own.get("/qualifications").url == f"/qualifications/institutes/{world.institute.pk}"
    page = own.get(f"/qualifications/institutes/{world.institute.pk}").content.decode()
    assert "(粤)法计001号" in page
    assert "新授权" not in page
    assert own.get(f"/qualifications/institutes/{world.other_institute.pk}").status_code == 404
    assert own.post(f"/qualifications/institutes/{world.institute.pk}/grant", form()).status_code == 403
    assert client.__class__().get("/qualifications").status_code == 302


def test_a_metrologist_is_registered_and_followed_on_the_pages(regulator: Client, world: Any) -> None:
    who = world.verifier.person_id
    said = {"person": who, "level": "first", "number": "乙1", "regulations": "JJG 596-2012\nJJG 162-2019"}
    said |= {"valid_from": day(), "valid_until": day(900)}
    url = f"/qualifications/institutes/{world.institute.pk}/register"
    assert "应为检定规程" in regulator.post(url, said | {"regulations": "电能表"}).content.decode()
    assert regulator.post(url, said).url == f"/qualifications/metrologists/{who}"
    made = Registration.objects.get()
    assert made.regulations == ["JJG 596-2012", "JJG 162-2019"]
    base = f"/qualifications/metrologists/{who}/{made.pk}"
    assert "JJG 162-2019" in regulator.get(f"{base}/extend").content.decode()
    later = said | {"valid_from": day(901), "valid_until": day(1800)}
    assert regulator.post(f"{base}/extend", later).status_code == 302
    assert regulator.post(f"{base}/change", said).status_code == 422  # followed already
    page = regulator.get(f"/qualifications/metrologists/{who}").content.decode()
    assert "延续注册" in page
    assert "没有培训记录" in page
    extended = Registration.objects.get(supersedes=made)
    cancelled = regulator.post(
        f"/qualifications/metrologists/{who}/{extended.pk}/cancel",
        {"effective_from": day(5), "reason": "调离"},
        follow=True,
    )
    assert "调离" in cancelled.content.decode()


def test_the_quality_manager_records_training_and_review(client: Client, world: Any) -> None:
    person = Person.objects.create(name="质量负责人", organisation=world.institute)
    RoleGrant.objects.create(
        person=person,
        role="QUALITY_MANAGER",
        organisation=world.institute,
        valid_from=day(-1),
        valid_until=day(1),
    )
    manager = sign_in(client, Actor(person.pk, person.name, ()))
    base = f"/qualifications/metrologists/{world.verifier.person_id}"
    course = {"title": "规程宣贯", "organiser": "省院", "hours": 8, "completed_on": day(), "passed": "on"}
    assert manager.post(f"{base}/training", course | {"hours": 0}).status_code == 422
    assert manager.post(f"{base}/training", course).status_code == 302
    review = {
        "reviewer": world.reviewer.person_id,
        "regulation": "JJG 596-2012",
        "method": "盲样",
        "reviewed_on": day(),
    }
    assert manager.post(f"{base}/peer-review", review | {"reviewer": world.verifier.person_id}).status_code == 422
    assert manager.post(f"{base}/peer-review", review).status_code == 302
    page = manager.get(base).content.decode()
    assert "规程宣贯" in page
    assert "未确认" in page


def test_anyone_looks_up_who_may_verify(client: Client, world: Any) -> None:
    granted(world)
    assert client.get("/authorised").status_code == 200
    page = client.get("/authorised", {"item": "19.1", "region": "440106"}).content.decode()
    assert "演示市计量检定所" in page
    assert "0.2S 级" in page
    assert "没有机构" in client.get("/authorised", {"item": "11.1", "region": "440106"}).content.decode()
    assert client.get("/authorised", {"item": "99", "region": "440106"}).status_code == 404
    assert client.get("/authorised", {"item": "19.1", "region": "110000"}).status_code == 404


def test_pages_take_no_query_a_row(client: Client, world: Any) -> None:
    signed, anyone = sign_in(client, world.regulator), client.__class__()
    own = f"/qualifications/institutes/{world.institute.pk}"
    counts = []
    for rows in (1, 6):
        for n in range(rows):
            one = Organisation.objects.create(name=f"所{rows}{n}", kind="institute", region="440105")
            lines = (Line(Scope("19", "", "440100")), Line(Scope("11", "", "440105")))
            for who, begin in ((one, day(-1)), (world.institute, day(1000 * rows + 20 * n))):
                given = Certificate("legal", "city", f"{n}号", begin, begin + timedelta(days=10), lines)
                grant_authorisation(world.regulator, who.pk, given, timezone.now())
        signed.get("/qualifications")  # what is remembered of a session is remembered by now
        counts.append([])
        for visitor, url in (
            (anyone, "/api/v1/authorised-institutes?item=19.1&region=440105"),
            (anyone, "/authorised?item=19.1&region=440105"),
            (anyone, "/coverage?region=440100"),
            (signed, "/qualifications"),
            (signed, own),
        ):
            with CaptureQueriesContext(connection) as queries:
                answer = visitor.get(url)
            assert answer.status_code == 200
            counts[-1].append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0][:3] == [1, 1, 2]


def test_the_coverage_page_says_its_definition_shares_and_gaps(client: Client, world: Any) -> None:
    granted(world)
    page = client.get("/coverage").content.decode()
    assert "怎样算" in page
    assert "2025 年目标 95%" in page
    assert "广州市" in page
    assert "糖量计" in page
    assert client.get("/coverage?region=440106").status_code == 200
    assert client.get("/coverage?region=1").status_code == 404
    first, *cities = client.get("/api/v1/coverage").json()
    assert first["established"]["covered"] == 2  # both kinds of electricity meters, by JJG 596
    assert first["by_level"]["city"]["covered"] == 2
    assert first["served"]["covered"] == 0
    assert len(cities) == 21
    assert {one["name"]: one["served"]["covered"] for one in cities}["广州市"] == 2
    assert len(first["gaps"]) == first["established"]["total"] - 2


def test_the_interface_shows_rows_to_those_whom_they_concern(client: Client, world: Any) -> None:
    held = granted(world)
    url = f"/api/v1/institutes/{world.institute.pk}/authorisations"
    assert client.get(url).status_code == 401
    own = sign_in(client, world.verifier)
    (row,) = own.get(url, {"on": str(held.valid_until + timedelta(days=1))}).json()
    assert (row["standing"], row["items"][0]["regulation"]) == ("已到期", "JJG 596-2012")
    assert own.get(url.replace(str(world.institute.pk), str(world.other_institute.pk))).status_code == 404
    assert own.get(f"/api/v1/metrologists/{world.verifier.person_id}/registrations").json() == []
    assert own.get(f"/api/v1/metrologists/{world.stranger.person_id}/registrations").status_code == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("coverage?region=1", 404),
        ("coverage?on=1999-01-01", 404),
        ("authorised-institutes?item=99&region=440106", 404),
        ("authorised-institutes?item=19&region=1", 404),
        ("authorised-institutes?item=19", 422),
        ("authorised-institutes?item=%00&region=440106", 404),
    ],
)
def test_the_interface_refuses_in_chinese(path: str, status: int, client: Client, db: None) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == status
    assert any("一" <= character <= "鿿" for character in answer.json()["message"])
