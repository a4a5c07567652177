"""The way of an application to its certificate: what each step leaves behind, and every refusal."""

import hashlib
from datetime import timedelta

import pytest
from cryptography import x509

from instrument_tables import HEADINGS, csv_file, imported, meters
from mandatory_counter import authorise
from small_world import actor
from type_approvals import (
    AT,
    PDF,
    TODAY,
    accepted,
    applied,
    asked,
    changed,
    evaluated,
    evaluating,
    issued,
    papers,
    report,
)
from yuejingzhun.evidence.entry import check_entry_signature, decode
from yuejingzhun.evidence.type_statement import edition_number
from yuejingzhun.platform.foundation.files import store
from yuejingzhun.platform.foundation.ledger.queries import statement
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.registry.approvals import conformity, queries, statements
from yuejingzhun.platform.registry.approvals.errors import ApprovalError, UnknownApprovalError
from yuejingzhun.platform.registry.approvals.models import (
    Application,
    Certificate,
    Document,
    Evaluation,
    Step,
    TypeApproval,
    Withdrawal,
)
from yuejingzhun.platform.registry.approvals.rules import Standing, Variant
from yuejingzhun.platform.registry.approvals.services import applications, decisions, evaluations
from yuejingzhun.platform.registry.approvals.services.applications import Upload
from yuejingzhun.platform.registry.instruments.import_run import Keep

TOMORROW = TODAY + timedelta(1)
CHANGE = [Upload("OTHER", "变更.pdf", PDF)]


def test_an_application_goes_its_way_to_a_certificate(office) -> None:
    row = evaluated(office)
    made = decisions.issue(office.province, row.pk, "E", TODAY, AT)
    assert made.approval.number == "2026E101-44" and made.edition == 1
    assert (made.maker_name, made.authority_name, made.institute_name) == (
        "演示仪表有限公司",
        "省局",
        office.institute.name,
    )
    assert list(made.variants.values_list("model", flat=True)) == ["DDZY1", "DDZY2"]
    states = list(Step.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["APPLIED", "ACCEPTED", "EVALUATING", "EVALUATED", "APPROVED"]
    kept = Document.objects.first()
    assert store.read(kept.sha256) == PDF and kept.size == len(PDF)
    assert issued(office, "DDZY9").approval.number == "2026E102-44"


def test_the_certificate_is_signed_by_the_authority_and_logged(office) -> None:
    made = issued(office)
    stated = statement(edition_number(made.approval.number, 1), "type-approved")
    entry = decode(bytes(stated.content))
    signer = x509.load_der_x509_certificate(bytes(stated.signer))
    check_entry_signature(bytes(stated.content), bytes(stated.signature), signer)
    assert "省局" in signer.subject.rfc4514_string()
    content = statements.file_of_edition(made.approval.number, 1, "certificate.json")
    assert entry.sha256 == {"certificate.json": hashlib.sha256(content).hexdigest()}
    assert "DDZY2" in content.decode() and entry.facts["maker"] == "演示仪表有限公司"
    assert statements.file_of_edition(made.approval.number, 1, "sig") == bytes(stated.signature)
    with pytest.raises(UnknownApprovalError, match="收录证明稍后可以下载"):
        statements.file_of_edition(made.approval.number, 1, "tlog-proof")
    with pytest.raises(UnknownApprovalError, match="没有第 2 版证书"):
        statements.file_of_edition(made.approval.number, 2, "json")


def test_only_the_makers_own_people_apply(office, world) -> None:
    for who in (office.province, office.signatory, world.stranger):
        with pytest.raises(NotPermittedError, match="不是该制造单位的经办人"):
            applications.apply(who, office.maker.pk, asked(), papers(), AT)
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"item": "99.9"}, "强制管理目录项目"),
        ({"item": "36.1"}, "不需要型式批准"),
        ({"name": ""}, "器具名称：没有填写"),
        ({"variants": (Variant("", "", ""),)}, "第 1 个型号：型号没有填写"),
    ],
)
def test_an_application_with_faults_is_refused_whole(office, change, says) -> None:
    with pytest.raises(ApprovalError, match=says):
        applications.apply(office.applicant, office.maker.pk, asked(**change), papers(), AT)
    assert not Application.objects.exists()


def test_every_problem_is_said_at_once(office) -> None:
    uploads = [Upload("PHOTO", "照片.gif", b"GIF89a"), Upload("MANUAL", "说明书.pdf", b"")]
    with pytest.raises(ApprovalError) as refused:
        applications.apply(office.applicant, office.maker.pk, asked(samples=0), uploads, AT)
    text = str(refused.value)
    for part in ("样机数量", "产品标准（含检验方法）：没有上传", "'照片.gif' 不是 PDF、PNG 或 JPEG", "'说明书.pdf'"):
        assert part in text
    assert len(refused.value.problems) == 6


def test_a_file_that_was_cut_off_is_refused_and_nothing_kept(office) -> None:
    with pytest.raises(ApprovalError, match="不完整：PDF 没有结束标记"):
        applications.apply(office.applicant, office.maker.pk, asked(), papers(PDF[:30]), AT)
    assert not Document.objects.exists()
    row = evaluating(office)
    with pytest.raises(ApprovalError, match="不完整"):
        evaluations.report_evaluation(office.signatory, row.pk, "R", True, "符合", Upload("REPORT", "a", PDF[:9]), AT)
    assert Application.objects.get().state == "EVALUATING"


def test_an_organisation_that_is_no_maker_does_not_apply(office) -> None:
    Organisation.objects.filter(pk=office.maker.pk).update(kind="holder")
    with pytest.raises(ApprovalError, match="登记的类别不是制造单位"):
        applied(office)


def test_only_the_provinces_authority_decides(office, world) -> None:
    row, ready = applied(office), evaluated(office, "DDZY7")
    for who in (office.city, office.applicant, office.signatory):
        for act in (
            lambda who=who: decisions.accept(who, row.pk, office.institute.pk, AT),
            lambda who=who: decisions.refuse(who, row.pk, "原因", AT),
            lambda who=who: decisions.issue(who, ready.pk, "E", TODAY, AT),
            lambda who=who: decisions.reject(who, ready.pk, "原因", AT),
            lambda who=who: decisions.withdraw_approval(who, "2026E101-44", TODAY, "原因", AT),
        ):
            with pytest.raises(NotPermittedError, match="型式批准由省级部门办理"):
                act()


def test_an_institute_beyond_its_scope_is_refused(office, world) -> None:
    row = applied(office)
    away, lapsed = (Organisation.objects.create(name=name, kind="institute", region="440100") for name in "甲乙")
    authorise(away, office.province.person_id, region="440100")
    authorise(lapsed, office.province.person_id, region="440000", until=TODAY - timedelta(1))
    for key in (away.pk, lapsed.pk, office.maker.pk, 0):
        with pytest.raises(ApprovalError, match="没有目录项目 19 在全省的有效授权"):
            decisions.accept(office.province, row.pk, key, AT)
    assert Application.objects.get().state == "APPLIED"
    assert decisions.accept(office.province, row.pk, world.other_institute.pk, AT).state == "ACCEPTED"


def test_samples_and_report_are_of_the_institutes_people(office, world) -> None:
    row = accepted(office)
    with pytest.raises(UnknownApprovalError, match="或您无权查看"):
        evaluations.receive_samples(world.stranger, row.pk, 3, "", AT)
    for who in (office.applicant, office.province, office.signatory):
        with pytest.raises(NotPermittedError, match="不是型式评价机构的收发人员或检定员"):
            evaluations.receive_samples(who, row.pk, 3, "", AT)
    with pytest.raises(ApprovalError, match="申请为 3 台，收到 2 台"):
        evaluations.receive_samples(office.receptionist, row.pk, 2, "", AT)
    evaluations.receive_samples(office.receptionist, row.pk, 3, "", AT)
    upload = Upload("REPORT", "报告.pdf", PDF)
    for who in (office.applicant, office.province, office.receptionist):
        with pytest.raises(NotPermittedError, match="不是型式评价机构的授权签字人"):
            evaluations.report_evaluation(who, row.pk, "R", True, "符合", upload, AT)
    assert not Evaluation.objects.exists()


@pytest.mark.parametrize(
    ("number", "findings", "says"),
    [
        ("", "符合", "报告编号：没有填写"),
        ("R" * 61, "符合", "报告编号"),
        ("R", " ", "结论不合格的应写明不合格项目"),
        ("R", "长" * 4001, "评价意见：至多 4000 个字，为 4001 个"),
    ],
)
def test_a_report_with_faults_is_refused(office, number, findings, says) -> None:
    row = evaluating(office)
    with pytest.raises(ApprovalError, match=says):
        evaluations.report_evaluation(office.signatory, row.pk, number, False, findings, Upload("REPORT", "a", PDF), AT)
    assert Application.objects.get().state == "EVALUATING"


def test_a_report_number_is_used_once(office) -> None:
    report(office, evaluating(office), number="R-1")
    second = evaluating(office, "DDZY3")
    with pytest.raises(ApprovalError, match="已有编号为 R-1 的型式评价报告"):
        report(office, second, number="R-1")
    assert Application.objects.get(pk=second.pk).state == "EVALUATING"


def test_nothing_moves_backwards_or_twice(office) -> None:
    row = evaluated(office)
    with pytest.raises(ApprovalError, match="申请现为“待审批”，不能变为“已受理，待送样”"):
        decisions.accept(office.province, row.pk, office.institute.pk, AT)
    with pytest.raises(ApprovalError, match="不能变为“型式评价中”"):
        evaluations.receive_samples(office.receptionist, row.pk, 3, "", AT)
    with pytest.raises(ApprovalError, match="不能变为“待审批”"):
        report(office, row)
    with pytest.raises(ApprovalError, match="不能变为“已撤回”"):
        applications.withdraw_application(office.applicant, row.pk, "原因", AT)
    decisions.issue(office.province, row.pk, "E", TODAY, AT)
    for act in (
        lambda: decisions.issue(office.second, row.pk, "E", TODAY, AT),
        lambda: decisions.reject(office.second, row.pk, "原因", AT),
        lambda: decisions.refuse(office.second, row.pk, "原因", AT),
    ):
        with pytest.raises(ApprovalError, match="申请现为“已批准”"):
            act()
    assert Certificate.objects.count() == 1


def test_an_application_is_taken_back_by_its_maker_until_the_report(office) -> None:
    row = evaluating(office)
    with pytest.raises(ApprovalError, match="原因：没有填写"):
        applications.withdraw_application(office.applicant, row.pk, "  ", AT)
    with pytest.raises(NotPermittedError):
        applications.withdraw_application(office.province, row.pk, "原因", AT)
    assert applications.withdraw_application(office.applicant, row.pk, "改进设计", AT).state == "WITHDRAWN"
    with pytest.raises(ApprovalError, match="申请现为“已撤回”"):
        report(office, row)


def test_who_failed_the_evaluation_is_not_approved(office) -> None:
    row = evaluated(office, passed=False)
    with pytest.raises(ApprovalError, match="结论为不合格，不能批准"):
        decisions.issue(office.province, row.pk, "E", TODAY, AT)
    assert Application.objects.get().state == "EVALUATED" and not TypeApproval.objects.exists()
    assert decisions.reject(office.province, row.pk, "评价不合格", AT).state == "REJECTED"


def test_a_certificate_needs_a_class_and_starts_today_or_later(office) -> None:
    row = evaluated(office)
    with pytest.raises(ApprovalError, match="类别：应为 L、T"):
        decisions.issue(office.province, row.pk, "Z", TODAY, AT)
    with pytest.raises(ApprovalError, match="早于今天"):
        decisions.issue(office.province, row.pk, "E", TODAY - timedelta(1), AT)
    assert not TypeApproval.objects.exists()


def test_an_extension_is_the_next_edition_and_the_earlier_one_ends_with_it(office) -> None:
    number = issued(office).approval.number
    made = changed(office, number, "DDZY2", "DDZY3", valid_from=TOMORROW)
    assert made.edition == 2
    assert sorted(made.variants.values_list("model", flat=True)) == ["DDZY1", "DDZY2", "DDZY3"]
    assert [(row.edition, found) for row, found in queries.editions(number, TODAY)] == [
        (2, Standing.FUTURE),
        (1, Standing.IN_FORCE),
    ]
    assert [found for _, found in queries.editions(number, TOMORROW)] == [Standing.IN_FORCE, Standing.SUPERSEDED]
    maker = office.maker.name
    assert "不含型号 DDZY3" in conformity.type_of_instrument(number, maker, "DDZY3", TODAY).warning
    assert conformity.type_of_instrument(number, maker, "DDZY3", TOMORROW).warning is None
    assert conformity.approval_of(maker, "ｄｄｚｙ 3", TODAY) is None
    assert conformity.approval_of(maker, "ｄｄｚｙ 3", TOMORROW) == made
    with pytest.raises(ApprovalError, match="早于上一版证书"):
        changed(office, number, "DDZY4", valid_from=TODAY)


def test_one_change_at_a_time_and_only_with_a_paper_and_by_its_maker(office, world) -> None:
    number = issued(office).approval.number
    variants = asked("DDZY3").variants
    with pytest.raises(ApprovalError, match="变更至少上传一份"):
        applications.apply_for_change(office.applicant, number, "表", variants, 1, [], AT)
    with pytest.raises(NotPermittedError):
        applications.apply_for_change(world.stranger, number, "表", variants, 1, CHANGE, AT)
    with pytest.raises(UnknownApprovalError):
        applications.apply_for_change(office.applicant, "2026E999-44", "表", variants, 1, CHANGE, AT)
    applications.apply_for_change(office.applicant, number, "表", variants, 1, CHANGE, AT)
    with pytest.raises(ApprovalError, match="已有一份变更申请正在办理"):
        applications.apply_for_change(office.applicant, number, "表", variants, 1, CHANGE, AT)
    assert Application.objects.filter(amends__number=number).count() == 1


def test_a_withdrawn_approval_ends_on_its_day_and_cannot_be_changed(office) -> None:
    number = issued(office).approval.number
    with pytest.raises(ApprovalError, match="早于今天"):
        decisions.withdraw_approval(office.province, number, TODAY - timedelta(1), "原因", AT)
    with pytest.raises(ApprovalError, match="原因：至多 1000 个字，为 1001 个"):
        decisions.withdraw_approval(office.province, number, TODAY, "长" * 1001, AT)
    decisions.withdraw_approval(office.province, number, TOMORROW, "不符合要求", AT)
    assert queries.shown(number, TODAY).standing is Standing.IN_FORCE
    assert queries.shown(number, TOMORROW).standing is Standing.WITHDRAWN
    warning = conformity.type_of_instrument(number, office.maker.name, "DDZY1", TOMORROW).warning
    assert warning == f"型式批准 {number} 自 2026-11-25 起撤销：不符合要求"
    assert conformity.approval_of(office.maker.name, "DDZY1", TOMORROW) is None
    with pytest.raises(ApprovalError, match="已撤销，自 2026-11-25 起失效"):
        decisions.withdraw_approval(office.second, number, TOMORROW, "再次", AT)
    late = AT + timedelta(days=1)
    with pytest.raises(ApprovalError, match="已撤销，不能变更"):
        applications.apply_for_change(office.applicant, number, "表", asked().variants, 1, CHANGE, late)
    entry = decode(statements.file_of_withdrawal(number, "json"))
    assert entry.facts == {"from": "2026-11-25", "reason": "不符合要求"}
    assert Withdrawal.objects.count() == 1


def test_a_type_that_was_withdrawn_while_its_change_was_evaluated_is_not_extended(office) -> None:
    number = issued(office).approval.number
    row = applications.apply_for_change(office.applicant, number, "表", asked("X").variants, 1, CHANGE, AT)
    decisions.accept(office.province, row.pk, office.institute.pk, AT)
    evaluations.receive_samples(office.receptionist, row.pk, 1, "", AT)
    report(office, row)
    decisions.withdraw_approval(office.province, number, TODAY, "不符合要求", AT)
    with pytest.raises(ApprovalError, match="已撤销，不能变更"):
        decisions.issue(office.province, row.pk, "", TODAY, AT)
    assert Certificate.objects.count() == 1


def test_what_an_instruments_number_leads_to(office) -> None:
    number, maker = issued(office).approval.number, office.maker.name
    of = conformity.type_of_instrument
    assert of(f" cpa {number}", " 演示仪表 有限公司", "ddzy1", TODAY) == conformity.OfType(number, None)
    assert of("", maker, "DDZY1", TODAY) == conformity.OfType(None, None)
    assert "格式不对" in of("粤制0001号", maker, "DDZY1", TODAY).warning
    assert of("2020E101-44", maker, "DDZY1", TODAY) == conformity.OfType(None, "没有收录型式批准 2020E101-44")
    assert "外省批准的型式" in of("2020E101-31", maker, "DDZY1", TODAY).warning
    assert "的制造单位是 演示仪表有限公司，不是 别家" in of(number, "别家", "DDZY1", TODAY).warning
    assert "不含型号 DDZY8" in of(number, maker, "DDZY8", TODAY).warning
    assert "尚未生效" in of(number, maker, "DDZY1", TODAY - timedelta(1)).warning


def test_applications_are_seen_by_those_they_concern(office, world) -> None:
    row = accepted(office)
    for who in (office.applicant, office.province, office.city, office.receptionist, office.signatory):
        assert queries.application(who, row.pk) == row
    for key in (row.pk, 2**70):
        with pytest.raises(UnknownApprovalError, match="或您无权查看"):
            queries.application(world.stranger, key)
    document = row.documents.first()
    assert queries.document(office.applicant, row.pk, document.pk) == document
    with pytest.raises(UnknownApprovalError, match="没有编号为 0 的资料"):
        queries.document(office.applicant, row.pk, 0)


def test_lists_of_work(office) -> None:
    new, ready, away = applied(office), evaluated(office, "DDZY5"), accepted(office, "DDZY6")
    assert queries.applications_to_decide(office.province) == [new, ready]
    assert queries.applications_to_decide(office.city) == [new, ready]
    with pytest.raises(NotPermittedError):
        queries.applications_to_decide(office.applicant)
    Organisation.objects.filter(pk=office.maker.pk).update(region="440304")
    assert queries.applications_to_decide(office.city) == []
    assert queries.applications_to_evaluate(office.receptionist, office.institute.pk) == [away]
    with pytest.raises(NotPermittedError):
        queries.applications_to_evaluate(office.applicant, office.institute.pk)
    assert queries.own_applications(office.applicant) == [away, ready, new]
    assert queries.own_applications(office.applicant, before=ready.pk) == [new]
    for read in (queries.own_applications, lambda who: queries.own_types(who, TODAY)):
        with pytest.raises(NotPermittedError):
            read(office.province)


def test_types_are_found_by_number_model_and_maker(office) -> None:
    number = issued(office).approval.number
    for text in ("", number, "CPA 2026E", f"{number}-S001", "ddzy2", "演示仪表"):
        assert [one.approval.number for one in queries.find(text, TODAY)] == [number], text
    for text in ("2025", "别的", "%", "_", "'"):
        assert queries.find(text, TODAY) == [], text


def test_many_instruments_are_checked_in_two_questions(office, django_assert_num_queries) -> None:
    numbers = [issued(office, f"M{n}").approval.number for n in range(4)]
    maker = office.maker.name
    asked_ = [(f"CPA {number}", maker, f"m {n}") for n, number in enumerate(numbers)]
    wrong = [(numbers[0], maker, "M1"), (numbers[1], "别家", "M1"), ("2020E101-44", maker, "M1"), ("?", maker, "M1")]
    with django_assert_num_queries(2):
        found = conformity.misfits([*asked_, *wrong])
    assert found == {
        wrong[0]: f"型式批准 {numbers[0]} 不含型号 M1",
        wrong[1]: f"型式批准 {numbers[1]} 的制造单位是 {maker}，不是 别家",
    }


def test_a_table_of_instruments_is_checked_row_by_row(office, world, tmp_path, settings) -> None:
    settings.DATA = tmp_path / "data"
    number = issued(office, "DDS0").approval.number
    rows = [[*row, number] for row in meters(3)]
    own = office.maker.name
    for row, (maker, model) in zip(rows, ((own, "DDS0"), ("别家", "DDS0"), (own, "DDS9")), strict=True):
        row[4], row[2] = maker, model
    path = csv_file(tmp_path / "meters.csv", rows, [*HEADINGS, "型式批准证书号"])
    task = imported(actor("使用经办", world.holder, Role.HOLDER), path, Keep.GOOD)
    assert (task.result["created"], task.result["refused"]) == (1, 2)
    said = {problem.row: problem.expected for problem in task.problems.all()}
    assert f"型式批准 {number} 的制造单位是 {office.maker.name}，不是 别家" in said[3]
    assert "不含型号 DDS9" in said[4]
