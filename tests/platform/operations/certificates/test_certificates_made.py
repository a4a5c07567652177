"""Whose key signs a certificate, and what happens when something fails between its issue and its files."""

from datetime import datetime, timedelta

import pytest

from issuing import issue
from small_world import AT
from yuejingzhun.evidence.authority import create_authority, issue_signer
from yuejingzhun.evidence.bundle import verify_bundle
from yuejingzhun.evidence.checks import Status
from yuejingzhun.evidence.container import unpack
from yuejingzhun.evidence.keys import SigningIdentity, load_pkcs12, to_pkcs12
from yuejingzhun.evidence.timestamp.token import TimestampError
from yuejingzhun.platform.foundation.ledger.errors import RolledBackError
from yuejingzhun.platform.foundation.ledger.queries import policy
from yuejingzhun.platform.operations.certificates import printing, services, signing
from yuejingzhun.platform.operations.certificates.errors import CertificateError, UnknownCertificateError
from yuejingzhun.platform.operations.certificates.models import Document, Unprinted
from yuejingzhun.platform.operations.certificates.queries import file_of, look_up
from yuejingzhun.platform.operations.certificates.signing import anchors


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
