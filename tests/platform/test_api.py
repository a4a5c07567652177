"""The JSON interface as a program meets it: every operation, every refusal, and no 500 whatever is sent."""

import base64
import json
import time
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Person
from yuejingzhun.platform.operations.certificates import stamping
from yuejingzhun.platform.operations.certificates.models import Certificate
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.procedures.catalogue import procedures
from yuejingzhun.procedures.record_json import record_from_json, record_to_json, standard_to_json
from yuejingzhun.procedures.sample import sample_parameters, sample_standard
from yuejingzhun.procedures.workbook.template import write_template
from yuejingzhun.project.api import api

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
PASSWORD = "one-two-three-four"  # noqa: S105


@pytest.fixture(autouse=True)
def _stamped_now(monkeypatch: pytest.MonkeyPatch) -> None:
    # What is approved by the interface is issued at the time that it is.
    monkeypatch.setattr(stamping, "wall", time.time_ns)


def header_of(actor) -> dict[str, str]:
    """HTTP Basic for an account of this person."""
    name = f"user{actor.person_id}"
    if not User.objects.filter(username=name).exists():
        user = User.objects.create_user(name, password=PASSWORD)
        Person.objects.filter(pk=actor.person_id).update(user=user)
    return {"authorization": "Basic " + base64.b64encode(f"{name}:{PASSWORD}".encode()).decode()}


def call(method: str, address: str, body: object = None, actor: object = None, client: Client | None = None):
    headers = header_of(actor) if actor else {}
    send = getattr(client or Client(), method)
    if method == "get":
        return send(f"/api/v1{address}", headers=headers)
    return send(f"/api/v1{address}", json.dumps(body or {}), content_type="application/json", headers=headers)


def job_body(world, code: str = "JJG 596-2012", passing: bool = True) -> dict[str, object]:
    return {
        "institute_id": world.institute.pk,
        "holder_id": world.holder.pk,
        "standard": world.standard(code),
        "received_on": "2026-11-20",
        "record": record_to_json(world.record(code, passing)),
    }


@pytest.fixture
def job(world) -> int:
    answer = call("post", "/jobs", job_body(world), world.verifier)
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()["id"]


@pytest.fixture
def number(world, job: int) -> str:
    assert call("post", f"/jobs/{job}/review", actor=world.reviewer).status_code == 200
    answer = call("post", f"/jobs/{job}/approve", actor=world.signatory)
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()["number"]


def test_a_record_goes_the_whole_way_and_anyone_finds_the_certificate(world, number: str) -> None:
    shown = call("get", f"/certificates/{number}").json()
    assert (shown["number"], shown["passed"], shown["standing"]) == (number, True, "有效")
    assert world.holder.name not in json.dumps(shown, ensure_ascii=False)
    assert call("get", f"/certificates/{number}/file.yjz").status_code == 401
    assert call("get", f"/certificates/{number}/file.yjz", actor=world.stranger).status_code == 403
    assert call("get", f"/certificates/{number}/file.yjz?k={'A' * 22}").status_code == 403
    bundle = call("get", f"/certificates/{number}/file.yjz", actor=world.reviewer)
    assert "no-store" in bundle["Cache-Control"]
    key = Certificate.objects.get(number=number).paper_key
    assert call("get", f"/certificates/{number}/file.yjz?k={key}").content == bundle.content
    assert call("get", f"/certificates/{number}/file.yjz?k={key}", actor=world.stranger).content == bundle.content
    report = Client().post("/api/v1/check", {"file": SimpleUploadedFile("c.yjz", bundle.content)}).json()
    assert report["valid"], report
    assert {check["name"] for check in report["checks"]} >= {"container", "signature", "schema", "entry"}
    revoked = call("post", f"/certificates/{number}/revoke", {"reason": "标准器有误"}, world.signatory)
    assert revoked.status_code == 200
    assert call("get", f"/certificates/{number}").json()["standing"] == "已撤销"


@pytest.mark.parametrize("code", procedures())
def test_each_regulation_is_evaluated_without_storing(world, code: str) -> None:
    declared = procedures()[code]
    reference = standard_to_json(sample_standard(declared, sample_parameters(declared), AT.date()))
    for passing in (True, False):
        body = {"record": record_to_json(world.record(code, passing)), "reference": reference}
        answer = call("post", "/evaluate", body)
        assert answer.status_code == 200, answer.content.decode()
        assert answer.json()["passed"] is passing
        assert bool(answer.json()["reasons"]) is not passing
    assert Job.objects.count() == 0


def test_regulations_are_listed() -> None:
    assert [found["code"] for found in call("get", "/regulations").json()] == list(procedures())


def test_a_filled_workbook_is_read_and_can_be_handed_in(world) -> None:
    declared = procedures()["JJG 596-2012"]
    reference = sample_standard(declared, sample_parameters(declared), AT.date())
    file = SimpleUploadedFile("r.xlsx", write_template(declared, record=world.record(), standard=reference))
    answer = Client().post("/api/v1/workbooks", {"workbook": file}, headers=header_of(world.verifier))
    assert record_from_json(declared, answer.json()["record"]) == world.record()
    bad = SimpleUploadedFile("r.xlsx", b"junk")
    refused = Client().post("/api/v1/workbooks", {"workbook": bad}, headers=header_of(world.verifier))
    assert refused.status_code == 422
    assert refused.json()["problems"]


def test_what_waits_and_what_was_done_are_listed(world, job: int) -> None:
    assert [found["id"] for found in call("get", "/jobs", actor=world.verifier).json()] == [job]
    assert [found["id"] for found in call("get", "/jobs?waiting=true", actor=world.reviewer).json()] == [job]
    detail = call("get", f"/jobs/{job}", actor=world.reviewer).json()
    assert detail["evaluation"]["passed"]
    assert detail["record"] == record_to_json(world.record())
    returned = call("post", f"/jobs/{job}/return", {"reason": "读数抄错"}, world.reviewer)
    assert returned.json()["state_name"] == "已退回"


def test_an_instrument_is_shown_with_its_history_to_those_it_concerns(world, job: int) -> None:
    number = Job.objects.get(pk=job).instrument_id
    shown = call("get", f"/instruments/{number}", actor=world.verifier).json()
    assert [found["id"] for found in shown["jobs"]] == [job]
    assert shown["holder"] == world.holder.name
    assert call("get", f"/instruments/{number}", actor=world.regulator).status_code == 200
    assert call("get", f"/instruments/{number}", actor=world.stranger).status_code == 404
    assert call("get", f"/instruments/{number}").status_code == 401


def test_nobody_is_told_to_sign_in_and_strangers_are_refused(world, job: int) -> None:
    for method, address in (("get", "/jobs"), ("get", f"/jobs/{job}"), ("post", f"/jobs/{job}/review")):
        assert call(method, address).status_code == 401
    assert call("get", f"/jobs/{job}", actor=world.stranger).status_code == 404
    assert call("post", f"/jobs/{job}/review", actor=world.stranger).status_code == 403
    assert call("post", f"/jobs/{job}/review", actor=world.verifier).status_code == 403
    wrong = {"authorization": "Basic " + base64.b64encode(b"user:wrong").decode()}
    assert Client().get("/api/v1/jobs", headers=wrong).status_code == 401


def test_the_tester_does_not_review_his_own_record(world) -> None:
    job = call("post", "/jobs", job_body(world), world.everything).json()["id"]
    answer = call("post", f"/jobs/{job}/review", actor=world.everything)
    assert answer.status_code == 409
    assert "不能核验自己的记录" in answer.json()["message"]


def test_a_session_needs_its_csrf_token(world, job: int) -> None:
    header_of(world.reviewer)
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.get(username=f"user{world.reviewer.person_id}"))
    assert call("get", f"/jobs/{job}", client=client).status_code == 200
    refused = call("post", f"/jobs/{job}/review", client=client)
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["message"]


def test_too_many_wrong_passwords_lock_the_account(world) -> None:
    right = header_of(world.verifier)
    name = f"user{world.verifier.person_id}"
    wrong = {"authorization": "Basic " + base64.b64encode(f"{name}:wrong".encode()).decode()}
    for _ in range(6):
        assert Client().get("/api/v1/jobs", headers=wrong).status_code in {401, 403, 429}
    assert Client().get("/api/v1/jobs", headers=right).status_code in {401, 403, 429}


def test_a_wrong_record_names_each_field(world) -> None:
    body = job_body(world)
    body["record"]["environment"]["temperature_c"] = "500"
    body["record"]["item"]["serial"] = "x" * 121
    answer = call("post", "/jobs", body, world.verifier)
    assert answer.status_code == 422
    assert len(answer.json()["problems"]) >= 2
    assert any("温度" in problem and "500" in problem for problem in answer.json()["problems"])
    assert Job.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422),
        (b"{", 400),
        (b"[]", 422),
        (b"null", 422),
        (b"\xff\xfe", 400),
        (b'{"record": 1, "reference": {}}', 422),
        (b'{"record": {"regulation": "JJG 1"}, "reference": {}}', 422),
        (b"[" * 100_000, 400),
        (b'{"a":' + b"9" * 10_000 + b"}", 400),
    ],
)
def test_a_request_that_is_no_record_is_refused_in_chinese(body: bytes, status: int, db: None) -> None:
    answer = Client().post("/api/v1/evaluate", body, content_type="application/json")
    assert answer.status_code == status
    assert any("一" <= character <= "鿿" for character in answer.json()["message"])


def test_a_wrong_request_names_the_field(db: None) -> None:
    answer = call("post", "/evaluate", {"record": {}, "reference": {"name": 5}})
    assert "reference.name：应为字符串" in answer.json()["problems"]
    assert "reference.valid_until：必须给出" in answer.json()["problems"]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\x00") | st.just("1e999999"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from(["item", "parameters", "environment", "readings", "checks", "tested_on", "kind", "regulation"])


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(KEYS, JSON, max_size=3), JSON)
def test_whatever_is_sent_is_answered_without_500(world, changes: dict[str, object], received: object) -> None:
    body = job_body(world)
    body["record"] |= changes
    if received is not None:
        body["received_on"] = received
    for address, actor in (("/jobs", world.verifier), ("/evaluate", None)):
        answer = call("post", address, body, actor)
        assert answer.status_code in {200, 201, 400, 403, 409, 422}, answer.content.decode()


@pytest.mark.parametrize("text", ["a\x00b", "\ud800", "x" * 5000, "</script>", "\u202e"])
def test_odd_text_in_a_record_is_stored_or_refused(world, text: str) -> None:
    body = job_body(world)
    body["record"]["item"]["serial"] = text
    assert call("post", "/jobs", body, world.verifier).status_code in {201, 400, 422}


def test_text_that_no_database_holds_is_refused_on_pages_too(world, job: int) -> None:
    header_of(world.reviewer)
    client = Client()
    client.force_login(User.objects.get(username=f"user{world.reviewer.person_id}"))
    answer = client.post(f"/jobs/{job}/return", {"reason": "a\x00b"})
    assert answer.status_code == 400
    assert "不能保存的字符" in answer.content.decode()
    assert call("post", f"/jobs/{job}/return", {"reason": "a\x00b"}, world.reviewer).status_code == 400


@pytest.mark.parametrize("number", ["x", "YJZ-440100-2026-999999", "%00", "a" * 3000])
def test_unknown_numbers_are_404(number: str, db: None) -> None:
    answer = call("get", f"/certificates/{number}")
    assert answer.status_code == 404
    assert call("get", f"/certificates/{number}/file.pdf?k={'A' * 22}").status_code == 404


def test_the_openapi_document_describes_every_operation_in_chinese() -> None:
    document = json.loads(Client().get("/api/v1/openapi.json").content)
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert len(operations) >= 13
    for operation in operations:
        assert any("一" <= character <= "鿿" for character in operation["summary"])
        assert operation["responses"]
    assert document == json.loads(json.dumps(api.get_openapi_schema()))
