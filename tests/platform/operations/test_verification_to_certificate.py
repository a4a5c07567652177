"""From a raw record to a registered certificate, and every way in which that must not happen."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from yuejingzhun.evidence.authority import create_authority, issue_signer
from yuejingzhun.evidence.bundle import verify_bundle
from yuejingzhun.evidence.checks import Check, Status
from yuejingzhun.evidence.container import unpack
from yuejingzhun.evidence.keys import SigningIdentity, load_pkcs12, to_pkcs12
from yuejingzhun.evidence.timestamp.token import TimestampError
from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.audit.queries import history
from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.ledger.errors import RolledBackError
from yuejingzhun.platform.foundation.ledger.publishing import publish_standing
from yuejingzhun.platform.foundation.ledger.queries import policy
from yuejingzhun.platform.foundation.ledger.services import sign_head
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.operations.certificates import printing, services, signing
from yuejingzhun.platform.operations.certificates.errors import CertificateError, UnknownCertificateError
from yuejingzhun.platform.operations.certificates.models import Certificate, Document, NumberSeries, Unprinted
from yuejingzhun.platform.operations.certificates.queries import file_of, look_up
from yuejingzhun.platform.operations.certificates.rules import Standing
from yuejingzhun.platform.operations.certificates.services import approve, revoke
from yuejingzhun.platform.operations.certificates.signing import anchors
from yuejingzhun.platform.operations.verification.errors import UnknownJobError, VerificationError
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.platform.operations.verification.queries import (
    evaluation_of,
    history_of,
    recent_of,
    visible_job,
    waiting_for,
)
from yuejingzhun.platform.operations.verification.services import return_to_tester, review, submit_record
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.standards.errors import StandardNotUsableError
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.procedures.catalogue import procedures
from yuejingzhun.procedures.record import RecordError

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
RECEIVED = date(2026, 11, 20)


def submit(world, actor=None, record=None, code="JJG 596-2012", **changes):
    record = record or world.record(code)
    given = {"institute_id": world.institute.pk, "standard_number": world.standard(code), "received_on": RECEIVED}
    return submit_record(actor or world.verifier, holder_id=world.holder.pk, record=record, at=AT, **given | changes)


def issue(world, **changes):
    job = submit(world, **changes)
    review(world.reviewer, job.pk, AT)
    return approve(world.signatory, job.pk, AT)


@pytest.mark.parametrize("passing", [True, False])
@pytest.mark.parametrize("code", procedures())
def test_every_regulation_goes_the_whole_way(world, code: str, passing: bool) -> None:
    certificate = issue(world, code=code, record=world.record(code, passing))
    assert certificate.number == "YJZ-440100-2026-000001"
    report = verify_bundle(file_of(certificate.number, "yjz"), anchors(AT), AT, policy())
    assert report.valid, report
    shown = look_up(certificate.number)
    assert shown.standing(date(2026, 11, 25)) is (Standing.IN_FORCE if passing else Standing.REJECTION)
    if shown.valid_until:
        assert shown.standing(shown.valid_until) is Standing.IN_FORCE
        assert shown.standing(shown.valid_until + timedelta(days=1)) is Standing.LAPSED


def test_each_act_is_audited_with_who_and_when(world) -> None:
    certificate = issue(world)
    events = [(event.action, event.actor_name) for event in history("job", certificate.job_id)]
    assert events == [("提交记录", "检定员甲"), ("核验", "核验员乙"), ("批准", "批准人丙")]
    assert [event.action for event in history("certificate", certificate.pk)] == ["签发证书"]
    assert [event.action for event in history("instrument", certificate.instrument_id)] == ["器具备案"]


def test_numbers_follow_one_another_and_an_instrument_is_filed_once(world) -> None:
    first, second = issue(world), issue(world)
    assert (first.number[-6:], second.number[-6:]) == ("000001", "000002")
    assert Instrument.objects.count() == 1
    assert [job.pk for job in history_of(first.instrument_id)] == [second.job_id, first.job_id]


def test_nobody_acts_without_the_role_or_in_another_institute(world) -> None:
    for actor in (world.reviewer, world.signatory, world.stranger, world.regulator):
        with pytest.raises(NotPermittedError):
            submit(world, actor)
    job = submit(world)
    for actor in (world.verifier, world.signatory, world.stranger):
        with pytest.raises(NotPermittedError):
            review(actor, job.pk, AT)
    review(world.reviewer, job.pk, AT)
    for actor in (world.verifier, world.reviewer, world.stranger, world.regulator):
        with pytest.raises(NotPermittedError):
            approve(actor, job.pk, AT)
    assert Certificate.objects.count() == 0


def test_the_tester_neither_reviews_nor_approves_his_own_record(world) -> None:
    job = submit(world, world.everything)
    with pytest.raises(VerificationError, match="不能核验自己的记录"):
        review(world.everything, job.pk, AT)
    review(world.reviewer, job.pk, AT)
    with pytest.raises(VerificationError, match="不能批准自己的记录"):
        approve(world.everything, job.pk, AT)


def test_a_technician_without_the_item_is_refused(world) -> None:
    grants = tuple(replace(grant, regulations=frozenset({"JJG 52-2013"})) for grant in world.verifier.grants)
    with pytest.raises(NotPermittedError, match="JJG 596-2012"):
        submit(world, replace(world.verifier, grants=grants))


def test_steps_out_of_order_are_refused(world) -> None:
    job = submit(world)
    with pytest.raises(VerificationError, match="待核验"):
        approve(world.signatory, job.pk, AT)
    review(world.reviewer, job.pk, AT)
    with pytest.raises(VerificationError, match="待批准"):
        review(world.reviewer, job.pk, AT)
    approve(world.signatory, job.pk, AT)
    for act in (review, approve):
        with pytest.raises((VerificationError, NotPermittedError)):
            act(world.signatory, job.pk, AT)
    with pytest.raises(UnknownJobError):
        review(world.reviewer, 10**9, AT)


def test_bad_records_store_nothing(world) -> None:
    record = world.record()
    with pytest.raises(RecordError):
        submit(world, record=replace(record, environment={"temperature_c": Decimal(99)}))
    with pytest.raises(StandardNotUsableError, match="没有考核证书号"):
        submit(world, standard_number="不存在")
    with pytest.raises(StandardNotUsableError, match="不能开展"):
        submit(world, standard_number=world.standard("JJG 52-2013"))
    MeasurementStandard.objects.update(valid_until=date(2026, 11, 23))
    with pytest.raises(StandardNotUsableError, match="已过期"):
        submit(world)
    with pytest.raises(VerificationError, match="日期顺序"):
        submit(world, received_on=date(2026, 11, 25))
    assert (Job.objects.count(), Instrument.objects.count(), AuditEvent.objects.count()) == (0, 0, 0)


def test_today_is_the_day_in_china_also_before_eight_in_the_morning(world) -> None:
    night = datetime(2026, 11, 24, 17, 0, tzinfo=UTC)  # one o'clock on the 25th
    of_day = lambda day: replace(world.record(), tested_on=date(2026, 11, day))  # noqa: E731
    given = (world.institute.pk, world.holder.pk)
    with pytest.raises(VerificationError, match="今天 2026-11-25"):
        submit_record(world.verifier, *given, of_day(26), world.standard("JJG 596-2012"), RECEIVED, night)
    job = submit_record(world.verifier, *given, of_day(25), world.standard("JJG 596-2012"), RECEIVED, night)
    review(world.reviewer, job.pk, night)
    certificate = approve(world.signatory, job.pk, night)
    assert b"<dcc:issueDate>2026-11-25</dcc:issueDate>" in certificate.signed_xml


def test_a_returned_record_keeps_its_reason_and_its_tester_sees_it(world) -> None:
    job = submit(world)
    assert [j.pk for j in waiting_for(world.reviewer)] == [job.pk]
    with pytest.raises(VerificationError, match="原因"):
        return_to_tester(world.reviewer, job.pk, " ", AT)
    return_to_tester(world.reviewer, job.pk, "环境温度与记录仪不符", AT)
    assert waiting_for(world.reviewer) == []
    (mine,) = waiting_for(world.verifier)
    assert mine.return_reason == "环境温度与记录仪不符"
    with pytest.raises(VerificationError, match="已退回"):
        review(world.reviewer, job.pk, AT)


def test_work_lists_show_only_what_one_can_do(world) -> None:
    job = submit(world, world.everything)
    assert waiting_for(world.everything) == []
    assert waiting_for(world.stranger) == []
    review(world.reviewer, job.pk, AT)
    assert [j.pk for j in waiting_for(world.signatory)] == [job.pk]
    assert [j.pk for j in recent_of(world.everything)] == [job.pk]


def test_a_job_is_seen_by_its_institute_its_holder_and_the_regulator_of_its_region(world) -> None:
    job = submit(world)
    for actor in (world.verifier, world.reviewer, world.regulator):
        assert visible_job(actor, job.pk).pk == job.pk
    with pytest.raises(UnknownJobError):
        visible_job(world.stranger, job.pk)
    far = replace(world.regulator, grants=tuple(replace(g, region="440300") for g in world.regulator.grants))
    with pytest.raises(UnknownJobError):
        visible_job(far, job.pk)


def test_supersede_and_revoke_keep_the_old_certificate(world) -> None:
    first = issue(world)
    job = submit(world)
    review(world.reviewer, job.pk, AT)
    second = approve(world.signatory, job.pk, AT, supersedes=first.number)
    today = date(2026, 11, 24)
    assert look_up(first.number).standing(today) is Standing.SUPERSEDED
    assert look_up(first.number).superseded_by == second.number
    assert look_up(second.number).supersedes == first.number

    with pytest.raises(NotPermittedError):
        revoke(world.verifier, second.number, "试", AT)
    with pytest.raises(CertificateError, match="原因"):
        revoke(world.signatory, second.number, "", AT)
    revoke(world.regulator, second.number, "计量标准失效", AT)
    assert look_up(second.number).standing(today) is Standing.REVOKED
    assert look_up(second.number).revocation_reason == "计量标准失效"
    with pytest.raises(CertificateError, match="已经撤销"):
        revoke(world.signatory, second.number, "再撤", AT)


def test_a_certificate_of_another_instrument_or_an_unknown_one_cannot_be_superseded(world) -> None:
    other = issue(world, record=world.record(seed=2))
    job = submit(world)
    review(world.reviewer, job.pk, AT)
    with pytest.raises(CertificateError, match="不是这台器具"):
        approve(world.signatory, job.pk, AT, supersedes=other.number)
    with pytest.raises(UnknownCertificateError):
        approve(world.signatory, job.pk, AT, supersedes="YJZ-440100-2026-999999")
    job.refresh_from_db()
    assert job.state == "REVIEWED"
    assert NumberSeries.objects.get().last == 1


@pytest.mark.parametrize("text", ["", "YJZ", "YJZ-440100-2026-999999", "'; DROP TABLE", "YJZ-440100-2026-" + "9" * 500])
def test_look_up_of_what_does_not_exist(world, text: str) -> None:
    with pytest.raises(UnknownCertificateError):
        look_up(text)


FORBIDDEN = [
    lambda c: Certificate.objects.filter(pk=c.pk).update(passed=False),
    lambda c: Certificate.objects.filter(pk=c.pk).delete(),
    lambda c: Certificate.objects.filter(pk=c.pk)._raw_delete("default"),
    lambda _: AuditEvent.objects.update(actor_name="别人"),
    lambda _: AuditEvent.objects.all().delete(),
    lambda c: Job.objects.filter(pk=c.job_id).update(record={}),
    lambda c: Job.objects.filter(pk=c.job_id).update(passed=False),
    lambda c: Job.objects.filter(pk=c.job_id).update(state="TESTED", approved_by=None, approved_at=None),
    lambda c: Job.objects.filter(pk=c.job_id)._raw_delete("default"),
    lambda _: NumberSeries.objects.update(last=0),
    lambda _: NumberSeries.objects.all().delete(),
]


@pytest.mark.parametrize("position", range(len(FORBIDDEN)))
def test_the_database_itself_refuses_to_change_what_was_issued(world, position: int) -> None:
    certificate = issue(world)
    with pytest.raises(DatabaseError), transaction.atomic():
        FORBIDDEN[position](certificate)
    assert look_up(certificate.number).passed


def test_the_database_refuses_a_tester_who_reviews_himself(world) -> None:
    job = submit(world)
    with pytest.raises(DatabaseError), transaction.atomic():
        Job.objects.filter(pk=job.pk).update(state="REVIEWED", reviewed_by=world.verifier.person_id, reviewed_at=AT)


def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        record_event(None, "试", "job", 1, AT)


def test_the_stored_record_gives_the_same_evaluation(world) -> None:
    job = submit(world)
    job.refresh_from_db()
    assert evaluation_of(job).passed == job.passed


def test_an_institute_signs_with_its_own_imported_key_and_the_old_one_is_kept(world, settings) -> None:
    root = create_authority("某机构根证书", AT - timedelta(days=30))
    own = issue_signer(root, "演示市计量检定所", AT - timedelta(days=20))
    below_the_root = SigningIdentity(own.key, own.certificate, ())
    signing.signer_for(world.institute.pk, world.institute.name, AT - timedelta(days=30))
    signing.import_identity(world.institute.pk, load_pkcs12(to_pkcs12(below_the_root, "secret"), "secret"))
    assert len(list(settings.KEYS.glob(f"institute-{world.institute.pk}*.p12"))) == 2

    bundle = file_of(issue(world).number, "yjz")
    ours = signing.anchors(AT)
    assert not verify_bundle(bundle, ours, AT).valid
    report = verify_bundle(bundle, [root.certificate, *ours], AT)
    assert report.valid, report
    assert report.status("chain") is Status.PASSED
    assert report.status("revocation") is Status.ABSENT


def test_the_same_serial_on_another_kind_of_instrument_is_another_instrument(world) -> None:
    meter = world.record("JJG 596-2012")
    charger = world.record("JJG 1148-2022")
    same = replace(charger.item, maker=meter.item.maker, model=meter.item.model, serial=meter.item.serial)
    first = submit(world, record=meter).instrument
    second = submit(world, record=replace(charger, item=same), code="JJG 1148-2022").instrument
    assert first.pk != second.pk
    assert (first.name, second.name) == (meter.item.name, charger.item.name)
    assert submit(world, record=meter).instrument.pk == first.pk


def test_a_revocation_is_logged_stamped_and_shown_in_a_bundle_downloaded_afterwards(world) -> None:
    certificate = issue(world)
    before = file_of(certificate.number, "yjz")
    revoke(world.regulator, certificate.number, "标准器超差", AT)
    after = file_of(certificate.number, "yjz")
    files = set(unpack(after)) - set(unpack(before))
    assert files == {
        f"revoked/{part}" for part in ("entry.json", "entry.sig", "signer.der", "entry.tsr", "entry.tlog-proof")
    }
    report = verify_bundle(after, anchors(AT), AT, policy())
    assert {check.name for check in report.checks if check.status is Status.FAILED} == {"standing"}
    (told,) = [check.detail for check in report.checks if check.name == "standing"]
    assert "标准器超差" in told
    assert "第 1 条" in told
    assert verify_bundle(before, anchors(AT), AT, policy()).valid


def test_an_old_bundle_is_checked_offline_against_a_fresh_list_of_what_ended(world, tmp_path) -> None:
    kept, other = issue(world), issue(world)
    old = {c.number: file_of(c.number, "yjz") for c in (kept, other)}

    def standing(number: str) -> Check:
        listed = (tmp_path / "standing").read_bytes()
        report = verify_bundle(old[number], anchors(AT), AT, policy(), standing=listed)
        return next(check for check in report.checks if check.name == "standing")

    publish_standing(sign_head(AT), tmp_path, AT)
    assert standing(other.number).status is Status.PASSED
    revoke(world.regulator, other.number, "标准器超差", AT)
    newest, soon = sign_head(AT), AT + timedelta(minutes=1)
    assert not publish_standing(newest, tmp_path, AT), "at most one a minute"
    assert publish_standing(newest, tmp_path, soon)
    assert not publish_standing(newest, tmp_path, soon + timedelta(minutes=59)), "nothing is new"
    assert publish_standing(newest, tmp_path, soon + timedelta(hours=1)), "it is still so"
    (tmp_path / "standing").write_text("damaged")
    assert publish_standing(newest, tmp_path, AT)
    assert standing(other.number).status is Status.FAILED
    assert "已撤销：日志第 2 条" in standing(other.number).detail
    assert standing(kept.number).status is Status.PASSED
    assert "日志前 3 条" in standing(kept.number).detail
    without_trust = verify_bundle(old[kept.number], anchors(AT), AT, standing=(tmp_path / "standing").read_bytes())
    assert without_trust.status("standing") is Status.ABSENT


def test_a_superseded_certificate_says_by_which(world) -> None:
    first = issue(world)
    job = submit(world)
    review(world.reviewer, job.pk, AT)
    second = approve(world.signatory, job.pk, AT, supersedes=first.number)
    report = verify_bundle(file_of(first.number, "yjz"), anchors(AT), AT, policy())
    assert any(second.number in check.detail for check in report.checks if check.name == "standing")
    assert verify_bundle(file_of(second.number, "yjz"), anchors(AT), AT, policy()).valid


def test_what_was_interrupted_between_issue_and_printing_is_finished_once(world, monkeypatch) -> None:
    def broken(_data: bytes) -> bytes:
        raise TimestampError("unreachable", "时间戳服务不通")

    with monkeypatch.context() as patch:
        patch.setattr(printing, "stamp", broken)
        certificate = issue(world)
        assert Document.objects.count() == 0
        assert Unprinted.objects.get().certificate == certificate
        with pytest.raises(UnknownCertificateError, match="正在登记"):
            file_of(certificate.number, "yjz")
        assert file_of(certificate.number, "xml")
        assert services.complete_pending() == 1
    assert services.complete_pending() == 1
    assert services.complete_pending() == 0
    assert services.complete(certificate) == Document.objects.get()
    assert verify_bundle(file_of(certificate.number, "yjz"), anchors(AT), AT, policy()).valid


def test_the_key_that_signed_also_signs_the_print_though_it_was_exchanged_meanwhile(world, settings) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(services, "complete", lambda _certificate: None)
        certificate = issue(world)
    name = f"institute-{world.institute.pk}"
    root = create_authority("某机构根证书", AT - timedelta(days=30))
    signing.import_identity(world.institute.pk, issue_signer(root, "演示市计量检定所", AT - timedelta(days=20)))
    (old,) = settings.KEYS.glob(f"{name}-*.p12")
    hidden = old.rename(settings.KEYS / "elsewhere")
    with pytest.raises(CertificateError, match="签发时的密钥已不在"):
        services.complete(certificate)
    hidden.rename(old)
    services.complete(certificate)
    report = verify_bundle(file_of(certificate.number, "yjz"), anchors(AT), AT, policy())
    assert report.valid, report


def test_a_log_that_refuses_to_sign_stops_no_issue(world, monkeypatch) -> None:
    def refuse(_at: datetime) -> None:
        raise RolledBackError("旧备份")

    monkeypatch.setattr(services, "sign_head", refuse)
    certificate = issue(world)
    assert Unprinted.objects.count() == 0
    assert look_up(certificate.number).number == certificate.number
    assert "certificate.tlog-proof" not in unpack(file_of(certificate.number, "yjz"))
