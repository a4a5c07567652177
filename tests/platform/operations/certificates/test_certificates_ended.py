"""Certificates that no longer hold: superseded and revoked, kept and told, also to who has an old bundle."""

from datetime import date, timedelta

import pytest

from issuing import issue, submit
from small_world import AT
from yuejingzhun.evidence.bundle import verify_bundle
from yuejingzhun.evidence.checks import Check, Status
from yuejingzhun.evidence.container import unpack
from yuejingzhun.platform.foundation.ledger.publishing import publish_standing
from yuejingzhun.platform.foundation.ledger.queries import policy
from yuejingzhun.platform.foundation.ledger.services import sign_head
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.operations.certificates.errors import CertificateError, UnknownCertificateError
from yuejingzhun.platform.operations.certificates.models import NumberSeries
from yuejingzhun.platform.operations.certificates.queries import file_of, look_up
from yuejingzhun.platform.operations.certificates.rules import Standing
from yuejingzhun.platform.operations.certificates.services import approve, revoke
from yuejingzhun.platform.operations.certificates.signing import anchors
from yuejingzhun.platform.operations.verification.services import review


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
