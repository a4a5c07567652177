"""The JSON interface does what the pages do, with their refusals."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from mandatory_counter import client_of, with_account
from yuejingzhun.platform.operations.mandatory.models import Application, Line
from yuejingzhun.platform.operations.mandatory.services.apply import apply, working_days
from yuejingzhun.platform.operations.mandatory.services.result import note_result
from yuejingzhun.procedures.local_date import local_date

ROOT = "/api/v1/mandatory"


class Program:
    """A session whose changes are taken."""

    def __init__(self, actor: Any) -> None:
        self.client = client_of(actor)
        user = with_account(actor)
        user.set_password("a-long-password-9")
        user.save()
        self.client.force_login(user)

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(ROOT + path, query)

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(ROOT + path, body, content_type="application/json")


def body(counter, **changes: Any) -> dict[str, Any]:
    given = {
        "holder_id": counter.holder.pk,
        "institute_id": counter.institute.pk,
        "instruments": [meter.pk for meter in counter.meters[:2]],
        "contact": "联系人",
        "phone": "020-1",
        "key": "a-key-of-mine",
    }
    return given | changes


def test_the_whole_way_by_programs(counter) -> None:
    holder, desk, regulator = Program(counter.client), Program(counter.receptionist), Program(counter.regulator)
    made = holder.post("/applications", **body(counter))
    assert made.status_code == 201 and made.json()["state"] == "SUBMITTED"
    assert holder.post("/applications", **body(counter)).json()["number"] == made.json()["number"]
    one = f"/applications/{made.json()['id']}"
    assert [row["id"] for row in holder.get("/applications").json()] == [made.json()["id"]]
    assert [row["id"] for row in desk.get("/applications", state="SUBMITTED").json()] == [made.json()["id"]]
    assert desk.post(f"{one}/accept").json()["state"] == "ACCEPTED"
    again = desk.post(f"{one}/accept")
    assert again.status_code == 409 and "收发庚" in again.json()["message"]
    day = working_days().after(local_date(timezone.now()), 1)
    assert desk.post(f"{one}/appoint", day=day.isoformat()).json()["appointed_on"] == day.isoformat()
    assert desk.post(f"{one}/receive", positions=[1], condition="完好").json()["state"] == "TESTING"
    assert desk.post(f"{one}/receive").json()["due_on"]
    shown = holder.get(one).json()
    assert shown["instruments"] == 2 and [line["step"] for line in shown["lines"]] == ["RECEIVED", "RECEIVED"]
    for line in Line.objects.all():
        note_result(line.instrument_id, counter.institute.pk, f"C-{line.position}", True, timezone.now())
    assert desk.post(f"{one}/give-back", to="取件人").json()["state"] == "CLOSED"
    month = local_date(timezone.now())
    asked = {"region": "440100", "first": str(month - timedelta(days=40)), "last": str(month)}
    (total,) = regulator.get("/statistics", **asked).json()
    assert (total["key"], total["tested"], total["unpriced"]) == (counter.meters[0].item, 2, 2)
    assert holder.get("/statistics", **asked).status_code == 403


def test_refer_refuse_and_withdraw(counter) -> None:
    holder, desk, other = Program(counter.client), Program(counter.receptionist), Program(counter.elsewhere)
    one = f"/applications/{apply(counter.client, counter.request(1), timezone.now()).pk}"
    assert desk.post(f"{one}/refer", to=2**31 - 1, reason="忙").status_code == 422
    assert desk.post(f"{one}/refer", to=counter.other.pk, reason=" ").status_code == 409
    assert other.get(one).status_code == 404
    assert desk.post(f"{one}/refer", to=counter.other.pk, reason="忙").json()["institute_id"] == counter.other.pk
    assert desk.post(f"{one}/accept").status_code == 403
    assert other.post(f"{one}/refuse", reason="不在范围").json()["refusal_reason"] == "不在范围"
    assert holder.post(f"{one}/withdraw", reason="").status_code == 409
    assert Application.objects.get().state == "REFUSED"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"instruments": []}, 409),
        ({"instruments": [2**31 - 1]}, 409),
        ({"instruments": [2**80]}, 422),
        ({"instruments": [-1]}, 422),
        ({"instruments": "x"}, 422),
        ({"institute_id": 2**31 - 1}, 409),
        ({"holder_id": 2**31 - 1}, 403),
        ({"delivery": "POST"}, 422),
        ({"key": "short"}, 422),
        ({"contact": "好" * 81}, 422),
        ({"contact": "a\x00b"}, 400),
        ({"wanted_on": "morgen"}, 422),
    ],
)
def test_bad_requests_are_refused_and_nothing_is_stored(counter, change, status: int) -> None:
    answer = Program(counter.client).post("/applications", **body(counter, **change))
    assert answer.status_code == status and answer.json()["message"]
    assert not Application.objects.exists()


def test_what_is_not_ones_own_is_not_there(counter, world) -> None:
    pk = apply(counter.client, counter.request(1), timezone.now()).pk
    stranger = Program(world.stranger)
    for path in (f"/applications/{pk}", "/applications/999999", f"/applications/{2**70}"):
        assert stranger.get(path).status_code == 404
    for act, said in (
        ("accept", {}),
        ("appoint", {"day": str(date(2030, 1, 2))}),
        ("receive", {}),
        ("give-back", {"to": "x"}),
    ):
        assert stranger.post(f"/applications/{pk}/{act}", **said).status_code == 404
    assert stranger.get("/applications").json() == []
    assert Application.objects.get().state == "SUBMITTED"
