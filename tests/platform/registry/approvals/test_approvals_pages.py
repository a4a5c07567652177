"""The pages: each person's way through, what bad forms and addresses answer, empty lists and long texts."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from mandatory_counter import item_of_meters
from type_approvals import AT, HASH, OTHER_HASH, PDF, applied, evaluated, filed, issued, on_record
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.ledger.services import sequence, sign_head
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.approvals.models import Application, Comparison, SoftwareFiling, TypeApproval
from yuejingzhun.platform.registry.approvals.rules import REQUIRED_PAPERS
from yuejingzhun.platform.registry.instruments.models import Instrument

ENDED = {"effective_from": "2026-11-24", "reason": "不符合要求"}


@pytest.fixture(autouse=True)
def _today(monkeypatch) -> None:
    """The pages' clock stands on the day of the other tests."""
    monkeypatch.setattr(timezone, "now", lambda: AT)


def client_of(who: Actor) -> Client:
    user, _ = User.objects.get_or_create(username=f"user{who.person_id}")
    Person.objects.filter(pk=who.person_id).update(user=user)
    client = Client()
    client.force_login(user)
    return client


def upload(name: str = "文件.pdf", data: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


def form(*models: str, **changes: Any) -> dict[str, Any]:
    """The application as a person fills it in."""
    lines = {
        f"form-{n}-{name}": text
        for n, model in enumerate(models or ("DDZY1",))
        for name, text in {
            "model": model,
            "accuracy_class": "A级",
            "measuring_range": "5(60)A",
            "technical": "",
        }.items()
    }
    given = {"item": "19.1", "name": "单相电能表", "samples": "3", "sample_note": ""}
    counts = {"form-TOTAL_FORMS": "5", "form-INITIAL_FORMS": "0"}
    return given | counts | lines | {paper.name: upload() for paper in REQUIRED_PAPERS} | changes


def text_of(answer: Any) -> str:
    return answer.content.decode()


def test_a_type_goes_from_page_to_page(office) -> None:
    maker, province = client_of(office.applicant), client_of(office.province)
    reception, signatory = client_of(office.receptionist), client_of(office.signatory)
    page = maker.post("/approvals/apply", form("DDZY1", "DDZY2")).url
    assert page in text_of(province.get("/approvals/work"))
    assert office.institute.name in text_of(province.get(page))
    province.post(f"{page}/accept", {"institute": office.institute.pk})
    assert page in text_of(reception.get("/approvals/evaluations"))
    reception.post(f"{page}/samples", {"number": 3, "note": "完好"})
    report = {"report_number": "PE-1", "passed": "yes", "findings": "符合", "report": upload("报告.pdf")}
    signatory.post(f"{page}/report", report)
    assert "PE-1" in text_of(maker.get(page))
    province.post(f"{page}/issue", {"letter": "E", "valid_from": "2026-11-24"})
    shown = text_of(Client().get("/types/2026E101-44"))
    assert "型式批准有效" in shown and "DDZY2" in shown and "PE-1" in shown and "备案软件" not in shown
    assert "2026E101-44" in text_of(maker.get("/approvals/own"))
    assert maker.get("/approvals").url == "/approvals/own" and province.get("/approvals").url == "/approvals/work"
    assert reception.get("/approvals").url == "/approvals/evaluations"
    document = Application.objects.get().documents.first()
    file = province.get(f"{page}/papers/{document.pk}")
    assert file.content == PDF and file["Content-Disposition"].startswith("attachment")


def test_software_goes_from_page_to_page(office) -> None:
    number = issued(office).approval.number
    maker, province = client_of(office.applicant), client_of(office.province)
    given = {"version": "1.0", "algorithm": "SHA256", "identification": HASH, "valid_from": "2026-11-24"}
    assert maker.post(f"/types/{number}/software", given | {"replaces": "", "changes": ""}).status_code == 302
    assert "待审核" in text_of(maker.get(f"/types/{number}")) and HASH.upper() not in text_of(
        Client().get(f"/types/{number}")
    )
    assert f"{number}-S001" in text_of(province.get("/approvals/work"))
    assert province.post(f"/approvals/software/{number}-S001/accept").url == "/approvals/work"
    compared = f"/types/{number}/compare?version=1.0&identification="
    assert "与备案的版本 1.0 一致" in text_of(Client().get(compared + HASH))
    assert "备案的标识为" in text_of(Client().get(compared + OTHER_HASH))
    province.post(f"/approvals/software/{number}-S001/block", {"effective_from": "2026-11-24", "reason": "可改计数"})
    assert "已禁用" in text_of(Client().get(compared + HASH))
    assert "没有发现" in text_of(province.get(f"/types/{number}/astray"))
    assert maker.get(f"/types/{number}/astray").status_code == 403
    assert "可改计数" in text_of(Client().get(f"/types/{number}"))
    stated = Client().get(f"/types/software/{number}-S001/blocked.json")
    assert stated["Content-Type"] == "application/json" and "software-blocked" in text_of(stated)


def test_the_certificate_and_its_statement_are_files_for_everybody(office) -> None:
    number = issued(office).approval.number
    address = f"/types/{number}/certificates/1"
    shown = text_of(Client().get(f"/types/{number}"))
    for suffix, holds in (("certificate.json", b"DDZY2"), ("json", b"type-approved"), ("sig", b"ecdsa"), ("der", b"0")):
        assert f"{address}/{suffix}" in shown
        answer = Client().get(f"{address}/{suffix}")
        assert holds in answer.content
        assert answer["Content-Disposition"] == f'attachment; filename="{number}-E1.{suffix}"'
    waiting = Client().get(f"{address}/tlog-proof")
    assert waiting.status_code == 404 and "收录证明稍后可以下载" in text_of(waiting)
    sequence()
    sign_head(AT)
    assert Client().get(f"{address}/tlog-proof").content.startswith(b"c2sp.org/tlog-proof@v1")
    assert Client().get(f"/types/{number}/certificates/2/json").status_code == 404


def test_a_device_is_compared_and_kept_on_its_page(office, world) -> None:
    number = issued(office).approval.number
    on_record(office, number)
    verifier = client_of(world.verifier)
    page = f"/approvals/devices/tag00001?number={number}"
    assert "还没有比对过" in text_of(verifier.get(page)) and number in text_of(verifier.get(page))
    told = verifier.post(page, {"number": number, "version": "1.0", "identification": OTHER_HASH}, follow=True)
    assert "不一致" in text_of(client_of(office.province).get(f"/types/{number}/astray"))
    assert "不一致" in text_of(told) and Comparison.objects.get().tag == "TAG00001"
    wrong = verifier.post(page, {"number": "x", "version": "1.0", "identification": HASH})
    assert wrong.status_code == 422 and "没有编号为 x 的型式批准" in text_of(wrong)
    for who in (office.applicant, office.signatory):
        assert client_of(who).get(page).status_code == 403


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "这个字段是必填项"),
        ({"item": "99.9"}, "选择一个有效的选项"),
        ({"samples": "0"}, "确保该值大于或等于1"),
        ({"form-0-model": ""}, "第 1 个型号：型号没有填写"),
        ({"form-1-model": "ddzy1", "form-1-accuracy_class": "A级", "form-1-measuring_range": "r"}, "与第 1 个相同"),
        ({"form-0-model": "长" * 121}, "不超过 120 字符 (目前字符数 121)"),
        ({"form-TOTAL_FORMS": "x"}, "数据缺失或被篡改"),
        ({"form-TOTAL_FORMS": "99999"}, "请最多提交 200 个"),
        ({"PHOTO": upload("照片.gif", b"GIF89a")}, "不是 PDF、PNG 或 JPEG"),
        ({"PHOTO": upload(data=PDF[:20])}, "没有结束标记"),
        ({"PHOTO": upload(data=b"")}, "文件是空的"),
        ({"name": "a\0b"}, "空字符"),
    ],
)
def test_a_bad_form_is_shown_again_with_its_problems(office, change, says) -> None:
    answer = client_of(office.applicant).post("/approvals/apply", form(**change))
    assert answer.status_code == 422
    assert says in text_of(answer)
    assert not Application.objects.exists()


def test_a_paper_that_is_missing_is_said_at_its_place(office) -> None:
    given = form()
    del given["MANUAL"]
    answer = client_of(office.applicant).post("/approvals/apply", given)
    assert answer.status_code == 422 and "没有上传使用说明书" in text_of(answer)
    bare = client_of(office.applicant).post("/approvals/apply", {})
    assert bare.status_code == 422 and "规格型号：没有收到" in text_of(bare)
    for rows, lines in (("", 3), ("?rows=10", 10), (f"?rows={'9' * 17}", 200), ("?rows=x", 3)):
        assert text_of(client_of(office.applicant).get(f"/approvals/apply{rows}")).count('-model"') // 3 == lines


def test_a_refusal_is_told_where_it_happened(office) -> None:
    row = applied(office)
    province, page = client_of(office.province), f"/approvals/applications/{row.pk}"
    for act, given, says in (
        ("accept", {"institute": ""}, "所选机构没有"),
        ("accept", {"institute": "9" * 30}, "所选机构没有"),
        ("refuse", {"reason": ""}, "原因：这个字段是必填项"),
        ("issue", {"letter": "E", "valid_from": "昨天"}, "生效日期：应为 年-月-日"),
        ("issue", {"letter": "E", "valid_from": "2026-11-24"}, "不能变为“已批准”"),
        ("report", {}, "报告编号"),
    ):
        assert says in text_of(province.post(f"{page}/{act}", given, follow=True)), act
    assert Application.objects.get().state == "APPLIED"
    assert province.post(f"{page}/other").status_code == 404
    assert province.get(f"{page}/accept").status_code == 405


def test_who_failed_is_shown_no_way_to_be_approved(office) -> None:
    row = evaluated(office, passed=False)
    shown = text_of(client_of(office.province).get(f"/approvals/applications/{row.pk}"))
    assert "型式评价不合格，不能批准" in shown and "批准并签发证书" not in shown


def test_those_without_the_right_are_told(office, world) -> None:
    number = issued(office).approval.number
    row = applied(office)
    stranger, anonymous = client_of(world.stranger), Client()
    for path in (
        "/approvals/own",
        "/approvals/work",
        "/approvals/apply",
        f"/types/{number}/change",
        f"/types/{number}/software",
    ):
        assert stranger.get(path).status_code == 403, path
        assert anonymous.get(path).status_code == 302, path
    assert stranger.get(f"/approvals/applications/{row.pk}").status_code == 404
    assert client_of(office.applicant).get("/approvals/evaluations").status_code == 403
    assert client_of(office.city).get("/approvals/work").status_code == 200
    assert (
        client_of(office.city)
        .post(f"/types/{number}/withdraw", {"effective_from": "2026-11-24", "reason": "x"})
        .status_code
        == 403
    )
    assert stranger.post(f"/approvals/software/{number}-S001/accept").status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "/types/nothing", "/types/2026E999-44", "/types/2026E999-44/compare", "/types/software/x/filed.json",
        "/types/2026E999-44/certificates/1/certificate.json", "/types/2026E999-44/certificates/99999/json",
        "/types/2026E999-44/withdrawn.sig",
    ],
)  # fmt: skip
def test_what_does_not_exist_is_not_found(db, path) -> None:
    answer = Client().get(path)
    assert answer.status_code == 404 and "没有编号为" in text_of(answer)


def test_addresses_that_nobody_gives_out_never_break(office) -> None:
    maker, province = client_of(office.applicant), client_of(office.province)
    for path in (
        "/types/x%00y",
        "/types?text=a%00b",
        "/approvals/devices/a%00b",
        "/types/x/change",
        "/types/x/software",
    ):
        for client in (maker, province, Client()):
            assert client.get(path).status_code < 500, path
    for path in ("/approvals/software/xyz/block", "/approvals/software/a%00/accept", "/types/x/withdraw"):
        assert province.post(path, ENDED).status_code < 500, path
    for query in ("before=x", "before=-1", f"before={'9' * 40}", "before_type=０", "after=x"):
        assert maker.get(f"/approvals/own?{query}").status_code == 200
        assert province.get(f"/approvals/work?{query}").status_code == 200


def test_empty_lists_say_so(office, world) -> None:
    assert "没有申请" in text_of(client_of(office.applicant).get("/approvals/own"))
    work = text_of(client_of(office.province).get("/approvals/work"))
    assert "没有等待办理的申请" in work and "没有待审核的软件备案" in work
    assert "没有委托给本机构的型式评价" in text_of(client_of(office.receptionist).get("/approvals/evaluations"))
    assert "还没有批准的型式" in text_of(Client().get("/types"))
    assert "没有符合“没有的”的型式" in text_of(Client().get("/types?text=没有的"))
    assert "由省级市场监管部门办理" in text_of(client_of(office.city).get("/approvals/work"))


def test_strange_texts_are_shown_as_they_are(office) -> None:
    made = issued(office, "<script>alert(1)</script>", "长" * 120)
    shown = text_of(Client().get(f"/types/{made.approval.number}"))
    assert "&lt;script&gt;alert(1)" in shown and "<script>alert(1)" not in shown and "长" * 120 in shown


def test_a_withdrawn_type_says_so_and_offers_nothing_to_its_maker(office) -> None:
    number = issued(office).approval.number
    client_of(office.province).post(
        f"/types/{number}/withdraw", {"effective_from": "2026-11-24", "reason": "不符合要求"}
    )
    for client in (Client(), client_of(office.applicant)):
        shown = text_of(client.get(f"/types/{number}"))
        assert "型式批准已撤销" in shown and "不符合要求" in shown and "申请变更" not in shown
    assert "type-withdrawn" in text_of(Client().get(f"/types/{number}/withdrawn.json"))


def meter(holder: Organisation, office: Any, number: str, **changes: str) -> Instrument:
    given = {"maker": office.maker.name, "model": "DDZY1", "type_approval": number} | changes
    return Instrument.objects.create(
        holder=holder, name="电能表", serial=f"S{Instrument.objects.count()}", regulation="JJG 596-2012",
        regulation_series="JJG 596", item=item_of_meters(), region="440106", city="4401", **given,
    )  # fmt: skip


def test_an_instruments_pages_warn_of_its_type_and_of_its_software(office, world) -> None:
    number = issued(office).approval.number
    row = on_record(office, number)
    verifier, city = client_of(world.verifier), client_of(office.city)
    good = meter(world.holder, office, f"CPA {number}")
    page = f"/instruments/{good.pk}"
    shown = text_of(city.get(page))
    assert f"/types/{number}" in shown and "message warning" not in shown
    assert f"/approvals/devices/{good.tag}" in text_of(verifier.get(f"/i/{good.tag}"))
    assert "比对软件并登记" not in text_of(Client().get(f"/i/{good.tag}"))
    for changes, says in (
        ({"type_approval": "2020E101-44"}, "没有收录型式批准 2020E101-44"),
        ({"model": "DDZY9"}, "不含型号 DDZY9"),
        ({"maker": "别家"}, "的制造单位是"),
    ):
        other = meter(world.holder, office, **{"number": number} | changes) if "type_approval" not in changes else None
        other = other or meter(world.holder, office, changes["type_approval"])
        assert says in text_of(city.get(f"/instruments/{other.pk}"))
        assert says in text_of(Client().get(f"/i/{other.tag}"))
    verifier.post(f"/approvals/devices/{good.tag}", {"number": number, "version": "1.0", "identification": HASH})
    assert "软件与备案一致" in text_of(city.get(page))
    client_of(office.province).post(
        f"/approvals/software/{row.number}/block", {"effective_from": "2026-11-24", "reason": "可改计数"}
    )
    assert "软件版本已禁用" in text_of(city.get(page)) and "可改计数" in text_of(city.get(page))
    client_of(office.province).post(f"/types/{number}/withdraw", ENDED)
    assert "起撤销：不符合" in text_of(city.get(page)) and "起撤销：不符合" in text_of(Client().get(f"/i/{good.tag}"))


def test_lists_do_not_ask_once_a_row(office, django_assert_max_num_queries) -> None:
    maker, province = client_of(office.applicant), client_of(office.province)
    numbers = [issued(office, f"M{n}", f"N{n}").approval.number for n in range(6)]
    for n in range(6):
        applied(office, f"A{n}")
        filed(office, numbers[0], f"{n}.0", f"{n:064}")
        on_record(office, numbers[1], f"{n}.0", f"{n:064}")
    for client, path, most in (
        (Client(), "/types", 4), (Client(), f"/types/{numbers[1]}", 12), (maker, "/approvals/own", 12),
        (province, "/approvals/work", 10), (Client(), f"/types/{numbers[1]}/compare?version=1&identification=0", 5),
    ):  # fmt: skip
        client.get(path)
        with django_assert_max_num_queries(most):
            assert client.get(path).status_code == 200


def test_the_menu_leads_there(office) -> None:
    assert 'href="/approvals/own"' in text_of(client_of(office.applicant).get("/work"))
    assert 'href="/approvals/work"' in text_of(client_of(office.province).get("/work"))
    assert 'href="/types"' in text_of(Client().get("/"))


def test_a_change_is_applied_for_from_the_types_page(office) -> None:
    number = issued(office).approval.number
    maker = client_of(office.applicant)
    assert "变更型式批准" in text_of(maker.get(f"/types/{number}/change"))
    given = form("DDZY3") | {paper.name: "" for paper in REQUIRED_PAPERS}
    bare = maker.post(f"/types/{number}/change", given)
    assert bare.status_code == 422 and "变更至少上传一份" in text_of(bare)
    page = maker.post(f"/types/{number}/change", given | {"OTHER": upload()}).url
    assert f"变更 {number}" in text_of(maker.get(page))
    assert TypeApproval.objects.count() == 1 and not SoftwareFiling.objects.exists()
