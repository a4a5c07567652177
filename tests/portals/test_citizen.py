from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pypdfium2
import pytest
import zxingcpp
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client, override_settings

from issuing import issue
from set_clock import clock_from
from small_world import make_world, signed_in
from yuejingzhun.demo import province
from yuejingzhun.evidence.checks import Status
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.operations.certificates import issuing as issuing_of_certificates
from yuejingzhun.platform.operations.certificates import stamping
from yuejingzhun.platform.operations.certificates.models import Certificate
from yuejingzhun.platform.operations.certificates.queries import FOR_WHOM, check, file_of

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def keys(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Those of the demonstration, which is loaded once for all that look at it."""
    folder = tmp_path_factory.mktemp("citizen") / "keys"
    with django_db_blocker.unblock(), override_settings(KEYS=folder), transaction.atomic():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(stamping, "wall", clock_from(AT))
            province.load(AT, lambda _: None)
        yield folder
        transaction.set_rollback(True)


@pytest.fixture
def issued(keys: Path, db: None, settings: Any) -> Certificate:
    settings.KEYS = keys
    return Certificate.objects.filter(passed=True).first()


def upload(data: bytes) -> str:
    file = SimpleUploadedFile("certificate.yjz", data)
    return Client().post("/check", {"file": file}).content.decode()


def test_anyone_finds_a_certificate_by_its_number_and_learns_nothing_of_the_holder(issued: Certificate) -> None:
    answer = Client().get("/", {"number": f" {issued.number.lower()} "})
    assert answer.status_code == 302
    page = Client().get(answer.url).content.decode()
    assert "有效" in page
    assert issued.serial in page
    assert issued.job.holder.name not in page
    assert "撤销这份证书" not in page


@pytest.mark.parametrize("number", ["YJZ-440100-2026-999999", "<script>", "'", "证书", "x" * 300])
def test_what_does_not_exist_is_said_so(number: str, db: None) -> None:
    for answer in (Client().get("/", {"number": number}), Client().get(f"/c/{number.replace('/', '')}")):
        assert answer.status_code == 404
        text = answer.content.decode()
        assert "请核对编号" in text
        assert "<script>" not in text.replace('<script src="', "")


def test_files_are_given_as_they_were_issued_and_verify(issued: Certificate) -> None:
    key = {"k": issued.paper_key}
    bundle = Client().get(f"/c/{issued.number}/certificate.yjz", key).content
    assert bundle == file_of(issued.number, "yjz")
    assert "核验通过" in upload(bundle)
    assert "核验通过" in upload(Client().get(f"/c/{issued.number}/certificate.xml", key).content)
    changed = bytearray(bundle)
    changed[len(changed) // 2] ^= 1
    assert "核验未通过" in upload(bytes(changed))


def test_files_are_for_whom_they_concern_and_who_holds_the_paper(issued: Certificate) -> None:
    page, file = f"/c/{issued.number}", f"/c/{issued.number}/certificate.pdf"
    assert FOR_WHOM in Client().get(page).content.decode()
    for wrong in ("", "?k=", f"?k={'A' * 22}", "?k=证", f"?k={issued.paper_key}A"):
        answer = Client().get(file + wrong)
        assert (answer.status_code, answer.url.startswith("/sign-in")) == (302, True)
    for role, organisation in (("HOLDER", issued.job.holder), ("VERIFIER", issued.job.institute)):
        client = signed_in(role, organisation)
        assert client.get(file).content == file_of(issued.number, "pdf")
        assert file in client.get(page).content.decode()
    stranger = signed_in("HOLDER", Organisation.objects.create(name="邻厂", kind="holder", region="440106"))
    assert stranger.get(file).status_code == 403
    shown = stranger.get(page).content.decode()
    assert file not in shown
    assert f"/jobs/{issued.job_id}" not in shown
    assert stranger.get(f"{file}?k={issued.paper_key}").content == file_of(issued.number, "pdf")
    other = Certificate.objects.exclude(pk=issued.pk).exclude(paper_key="").first()
    assert Client().get(f"{file}?k={other.paper_key}").status_code == 302


def test_the_code_on_the_printed_certificate_opens_its_files(issued: Certificate) -> None:
    image = pypdfium2.PdfDocument(file_of(issued.number, "pdf"))[0].render(scale=3).to_pil()
    (code,) = zxingcpp.read_barcodes(image)
    scanned = urlsplit(code.text)
    page = Client().get(f"{scanned.path}?{scanned.query}").content.decode()
    assert "与透明日志第" in page
    link = f"/c/{issued.number}/certificate.yjz?k={issued.paper_key}"
    assert link in page
    assert Client().get(link).content == file_of(issued.number, "yjz")
    without = scanned.query.partition("&k=")[0]
    forged = Client().get(f"{scanned.path}?{without}").content.decode()
    assert "二维码与透明日志不一致" in forged
    assert "certificate.yjz" not in forged


def test_a_paper_from_before_there_were_keys_is_recognised_and_opens_nothing(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing_of_certificates, "new_key", str)
    number = issue(make_world()).number
    (code,) = zxingcpp.read_barcodes(pypdfium2.PdfDocument(file_of(number, "pdf"))[0].render(scale=3).to_pil())
    scanned = urlsplit(code.text)
    assert "k=" not in scanned.query
    page = Client().get(f"{scanned.path}?{scanned.query}").content.decode()
    assert "与透明日志第" in page
    assert "二维码还不能打开文件" in page
    for query in ("", "?k="):
        assert Client().get(f"/c/{number}/certificate.yjz{query}").status_code == 302
    with_key = Client().get(f"{scanned.path}?{scanned.query}&k={'A' * 22}").content.decode()
    assert "二维码与透明日志不一致" in with_key


@pytest.mark.parametrize("data", [b"x", b"<a/>", b"<!DOCTYPE a>", b"PK\x03\x04", "说明".encode() * 1000])
def test_any_other_file_is_refused_in_chinese(data: bytes, db: None) -> None:
    assert "核验未通过" in upload(data)


def test_every_demonstration_certificate_verifies(issued: Certificate) -> None:
    for certificate in Certificate.objects.all():
        report = check(bytes(file_of(certificate.number, "yjz")), AT)
        assert report.valid, (certificate.number, [one for one in report.checks if one.status is Status.FAILED])


def test_no_file_is_said_so(db: None) -> None:
    answer = Client().post("/check", {})
    assert answer.status_code == 422
    assert "没有选择文件" in answer.content.decode()


def test_pages_carry_their_security_headers(db: None) -> None:
    answer = Client().get("/")
    assert "default-src 'self'" in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"


def test_unknown_addresses_are_in_chinese(db: None) -> None:
    answer = Client().get("/nowhere")
    assert answer.status_code == 404
    assert "没有这个页面" in answer.content.decode()


def test_the_page_that_checks_offline_allows_nothing_but_itself(db: None) -> None:
    answer = Client().get("/check/offline")
    page, header = answer.content.decode(), answer["Content-Security-Policy"]
    assert "-----BEGIN CERTIFICATE-----" in page
    assert "log 127.0.0.1" in page
    assert "default-src 'none'" in header
    assert "connect-src" not in header
    assert "unsafe" not in header
    for source in header.replace(";", " ").split():
        if source.startswith("'sha256-"):
            assert source.strip("'") in page
