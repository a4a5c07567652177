"""The pages as the server gives them: who sees what, what a bad form answers, and that nothing is half stored."""

from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Person
from yuejingzhun.platform.operations.verification import record_form as form
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.platform.operations.verification.services import return_to_tester
from yuejingzhun.procedures.catalogue import procedure, procedures
from yuejingzhun.procedures.record_json import record_from_json
from yuejingzhun.procedures.sample import sample_standard
from yuejingzhun.procedures.workbook.template import write_template

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


def client_of(actor) -> Client:
    user = User.objects.create_user(f"user{actor.person_id}")
    Person.objects.filter(pk=actor.person_id).update(user=user)
    client = Client()
    client.force_login(user)
    return client


def values(world, code: str = "JJG 596-2012", passing: bool = True) -> dict[str, str]:
    extra = {"holder": world.holder.name, "standard": world.standard(code), "received_on": "2026-11-20"}
    return form.values_of(world.record(code, passing)) | extra


@pytest.mark.parametrize("code", procedures())
def test_a_form_gives_back_the_record_it_shows(world, code: str) -> None:
    record = world.record(code)
    assert record_from_json(procedure(code), form.content_of(procedure(code), form.values_of(record))) == record


@pytest.mark.parametrize("code", procedures())
def test_each_regulation_has_a_form_that_can_be_handed_in(world, code: str) -> None:
    client = client_of(world.verifier)
    page = client.get(f"/records/new/{code}")
    assert page.status_code == 200
    given = values(world, code)
    for name in given:
        assert f'name="{name}"' in page.content.decode(), name
    answer = client.post(f"/records/new/{code}", given)
    assert answer.status_code == 302
    assert client.get(answer.url).status_code == 200


def test_the_preview_says_what_is_missing_and_then_the_conclusion(world) -> None:
    client = client_of(world.verifier)
    address = "/records/new/JJG 596-2012/preview"
    assert "出厂编号：未填写" in client.post(address, values(world) | {"item|serial": ""}).content.decode()
    assert "有效期至 2034年11月23日" in client.post(address, values(world)).content.decode()
    assert "超过" not in client.post(address, values(world)).content.decode()
    assert "不合格" in client.post(address, values(world, passing=False)).content.decode()


def test_new_parameters_bring_new_points_and_keep_what_was_typed(world) -> None:
    client = client_of(world.verifier)
    given = values(world) | {"parameters|accuracy_class": "0.5S"}
    page = client.post("/records/new/JJG 596-2012/readings", given).content.decode()
    assert "readings|basic_error|0.01Ib-1.0|0|meter_kwh" in page
    assert "应为 21～23" not in page
    assert "应为 21～25 °C" in page
    kept = given["readings|basic_error|1Ib-1.0|0|meter_kwh"]
    assert f'value="{kept}"' in page


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"environment|temperature_c": "warm"}, "应为写成字符串的十进制数"),
        ({"environment|temperature_c": "40"}, "不满足检定条件，应为 18～28 °C"),
        ({"parameters|accuracy_class": "9"}, "应为 0.2S、0.5S"),
        ({"readings|basic_error|1Ib-1.0|0|meter_kwh": ""}, "被检表电能：未填写"),
        ({"readings|basic_error|1Ib-1.0|99999|meter_kwh": "1"}, ""),
        ({"holder": ""}, "没有填写送检单位"),
        ({"holder": "999999"}, "没有名称或统一社会信用代码为“999999”的使用单位"),
        ({"standard": "x"}, "没有考核证书号为 x 的计量标准"),
        ({"received_on": "soon"}, "收样日期"),
        ({"tested_on": "2020-01-01"}, "日期顺序不对"),
        ({"item|maker": " "}, "制造单位：未填写"),
    ],
)
def test_a_bad_form_is_shown_again_with_its_problem_and_all_that_was_typed(world, change, message: str) -> None:
    client = client_of(world.verifier)
    given = values(world) | change
    answer = client.post("/records/new/JJG 596-2012", given)
    if not message:
        assert answer.status_code == 302  # a line that the form doesn't have is left out
        return
    assert answer.status_code == 422
    text = answer.content.decode()
    assert message in text
    assert f'value="{given["item|serial"]}"' in text
    assert Job.objects.count() == 0


def test_those_without_the_right_are_told_which(world) -> None:
    for path in ("/records/new/JJG 596-2012", "/work"):
        assert Client().get(path).status_code == 302
    answer = client_of(world.reviewer).get("/records/new/JJG 596-2012")
    assert answer.status_code == 403
    assert "检定员授权" in answer.content.decode()
    assert client_of(world.verifier).get("/records/new/JJG 1-1999").status_code == 404


def test_a_job_goes_its_way_from_page_to_page(world) -> None:
    tester, reviewer, signatory = map(client_of, (world.verifier, world.reviewer, world.signatory))
    job = tester.post("/records/new/JJG 596-2012", values(world)).url
    assert "核验通过" not in tester.get(job).content.decode()
    assert job in reviewer.get("/work").content.decode()
    assert "核验通过" in reviewer.get(job).content.decode()
    reviewer.post(f"{job}/review")
    assert "批准并签发" in signatory.get(job).content.decode()
    certificate = signatory.post(f"{job}/approve").url
    assert certificate == "/c/YJZ-440100-2026-000001"
    assert client_of(world.stranger).get(job).status_code == 404


def test_a_returned_record_can_be_made_again_from_what_was_typed(world) -> None:
    tester = client_of(world.verifier)
    job = tester.post("/records/new/JJG 596-2012", values(world)).url
    job_id = int(job.rsplit("/", 1)[1])
    return_to_tester(world.reviewer, job_id, "请核对温度", AT)
    page = tester.get(job).content.decode()
    assert "请核对温度" in page
    again = tester.get(f"/records/new/JJG 596-2012?from={job_id}").content.decode()
    assert f'value="{values(world)["item|serial"]}"' in again
    assert tester.get("/records/new/JJG 596-2012?from=999999").status_code == 200


def test_a_workbook_opens_as_a_filled_form_and_can_be_handed_in(world) -> None:
    client, record = client_of(world.verifier), world.record()
    template = client.get("/records/new/JJG 596-2012/template.xlsx")
    assert template.content.startswith(b"PK")
    standard = sample_standard(procedure("JJG 596-2012"), record.parameters, record.tested_on)
    book = write_template(procedure("JJG 596-2012"), record=record, standard=standard)
    page = client.post("/records/upload", {"workbook": SimpleUploadedFile("记录.xlsx", book)})
    assert page.status_code == 200
    for name, value in form.values_of(record).items():
        if name.startswith(("readings", "item", "environment")):
            assert f'name="{name}"' in page.content.decode()
            assert value.rstrip("0").rstrip(".") in page.content.decode()
    assert Job.objects.count() == 0


def test_a_bad_workbook_names_its_cells_and_stores_nothing(world) -> None:
    client = client_of(world.verifier)
    book = write_template(procedure("JJG 596-2012"))
    for data, message in ((book, "基本信息 B"), (b"junk", "不是 .xlsx 工作簿")):
        answer = client.post("/records/upload", {"workbook": SimpleUploadedFile("记录.xlsx", data)})
        assert answer.status_code == 422
        assert message in answer.content.decode()
    assert client.post("/records/upload").status_code == 422
    assert Job.objects.count() == 0
