from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from yuejingzhun.demo import province
from yuejingzhun.evidence.checks import Status
from yuejingzhun.platform.operations.certificates.models import Certificate
from yuejingzhun.platform.operations.certificates.queries import check, file_of

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


@pytest.fixture
def issued(db: None) -> Certificate:
    province.load(AT, lambda _: None)
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
    bundle = Client().get(f"/c/{issued.number}/certificate.yjz").content
    assert bundle == file_of(issued.number, "yjz")
    assert "核验通过" in upload(bundle)
    assert "核验通过" in upload(Client().get(f"/c/{issued.number}/certificate.xml").content)
    changed = bytearray(bundle)
    changed[len(changed) // 2] ^= 1
    assert "核验未通过" in upload(bytes(changed))


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
