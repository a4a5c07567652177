"""Software filings: filed, decided, blocked, compared; every refusal, and the signed statements."""

from datetime import timedelta

import pytest
from cryptography import x509

from type_approvals import AT, HASH, OTHER_HASH, TODAY, filed, issued, on_record
from yuejingzhun.evidence.entry import check_entry_signature, decode
from yuejingzhun.platform.foundation.ledger.queries import statement
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.registry.approvals import filed as reads
from yuejingzhun.platform.registry.approvals import statements
from yuejingzhun.platform.registry.approvals.errors import ApprovalError, UnknownApprovalError
from yuejingzhun.platform.registry.approvals.models import Comparison, SoftwareBlock, SoftwareFiling
from yuejingzhun.platform.registry.approvals.services import decisions
from yuejingzhun.platform.registry.approvals.services.software_filings import (
    accept_software,
    block_software,
    file_software,
    note_comparison,
    record_comparison,
    refuse_software,
)
from yuejingzhun.platform.registry.approvals.software import Algorithm, Standing, Verdict

TOMORROW = TODAY + timedelta(1)


@pytest.fixture
def number(office) -> str:
    return issued(office).approval.number


@pytest.fixture
def standings(office, number):
    """What each version that was filed is worth on a day."""
    return lambda on=TODAY: {one.row.version: one.standing for one in reads.own_software(office.applicant, number, on)}


def test_a_version_is_filed_accepted_replaced_and_blocked(office, number, standings) -> None:
    first = filed(office, number)
    assert first.number == f"{number}-S001" and first.identification == HASH.upper()
    assert standings() == {"1.0": Standing.PENDING}
    assert reads.filed_software(number, TODAY) == []
    assert reads.software_to_decide(office.province) == [first]
    accept_software(office.province, first.number, AT)
    on_record(office, number, "2.0", OTHER_HASH, replaces="1.0")
    assert standings() == {"1.0": Standing.SUPERSEDED, "2.0": Standing.IN_FORCE}
    block_software(office.province, first.number, TOMORROW, "可改计数", AT)
    assert standings()["1.0"] is Standing.SUPERSEDED
    assert standings(TOMORROW)["1.0"] is Standing.BLOCKED
    assert reads.compare_software(number, "1.0", HASH, TODAY).verdict is Verdict.SAME
    assert reads.compare_software(number, "1.0", HASH, TOMORROW).verdict is Verdict.BLOCKED


def test_the_statements_are_signed_by_who_makes_them(office, number) -> None:
    row = on_record(office, number)
    block_software(office.province, row.number, TODAY, "可改计数", AT)
    signers = {"software-filed": "演示仪表有限公司", "software-accepted": "省局", "software-blocked": "省局"}
    for event, name in signers.items():
        stated = statement(row.number, event)
        signer = x509.load_der_x509_certificate(bytes(stated.signer))
        check_entry_signature(bytes(stated.content), bytes(stated.signature), signer)
        assert name in signer.subject.rfc4514_string()
    facts = decode(statements.file_of_software(row.number, "filed", "json")).facts
    assert facts == {"type": number, "version": "1.0", "algorithm": "SHA-256", "identification": HASH.upper()}
    assert decode(statements.file_of_software(row.number, "blocked", "json")).facts["reason"] == "可改计数"
    with pytest.raises(UnknownApprovalError, match="收录证明稍后可以下载"):
        statements.file_of_software(row.number, "filed", "tlog-proof")
    for event, suffix in (("other", "json"), ("filed", "exe")):
        with pytest.raises(UnknownApprovalError, match="没有这份声明"):
            statements.file_of_software(row.number, event, suffix)


@pytest.mark.parametrize(
    ("version", "value", "changes", "says"),
    [
        ("1.0", "xyz", "", "应为 64 位十六进制数，为 'xyz'"),
        ("1.0", HASH[:63], "", "应为 64 位十六进制数，为 63 位"),
        ("版本一", HASH, "", "软件版本：应为 1 至 40 个字母"),
        ("1.0", HASH, "长" * 1001, "变更说明：至多 1000 个字，为 1001 个"),
    ],
)
def test_a_filing_with_faults_is_refused(office, number, version, value, changes, says) -> None:
    with pytest.raises(ApprovalError, match=says):
        file_software(office.applicant, number, version, Algorithm.SHA256, value, TODAY, "", changes, AT)
    assert not SoftwareFiling.objects.exists()


def test_every_problem_of_a_filing_is_said(office, number) -> None:
    with pytest.raises(ApprovalError) as refused:
        file_software(office.applicant, number, "", Algorithm.CRC32, "g", TODAY, "", "", AT)
    assert len(refused.value.problems) == 2


def test_a_version_is_filed_once_but_again_after_a_refusal(office, number, standings) -> None:
    row = filed(office, number)
    with pytest.raises(ApprovalError, match=r"的版本 1\.0 已备案或正在审核"):
        filed(office, number, identification=OTHER_HASH)
    with pytest.raises(ApprovalError, match="原因：没有填写"):
        refuse_software(office.province, row.number, " ", AT)
    refuse_software(office.province, row.number, "标识有误", AT)
    assert standings() == {"1.0": Standing.REFUSED}
    assert filed(office, number, identification=OTHER_HASH).number == f"{number}-S002"


def test_what_is_replaced_must_be_on_record(office, number) -> None:
    filed(office, number)
    for version in ("1.0", "9.9"):
        with pytest.raises(ApprovalError, match=f"没有已备案的版本 '{version}'"):
            filed(office, number, "2.0", OTHER_HASH, replaces=version)


def test_software_is_filed_by_its_maker_and_decided_by_the_province(office, number, world) -> None:
    for who in (office.province, world.stranger):
        with pytest.raises(NotPermittedError):
            file_software(who, number, "1.0", Algorithm.SHA256, HASH, TODAY, "", "", AT)
    row = filed(office, number)
    for who in (office.city, office.applicant, world.verifier):
        for act in (
            lambda who=who: accept_software(who, row.number, AT),
            lambda who=who: refuse_software(who, row.number, "原因", AT),
            lambda who=who: block_software(who, row.number, TODAY, "原因", AT),
        ):
            with pytest.raises(NotPermittedError):
                act()
        for read in (reads.software_to_decide, lambda who: reads.comparisons_astray(who, number)):
            with pytest.raises(NotPermittedError):
                read(who)
    with pytest.raises(NotPermittedError):
        reads.own_software(office.province, number, TODAY)
    assert reads.filing(row.number).state == "FILED"


def test_a_filing_is_decided_once_and_blocked_once(office, number) -> None:
    row = filed(office, number)
    with pytest.raises(ApprovalError, match="待审核，不能禁用"):
        block_software(office.province, row.number, TODAY, "原因", AT)
    accept_software(office.province, row.number, AT)
    for act in (
        lambda: accept_software(office.second, row.number, AT),
        lambda: refuse_software(office.second, row.number, "原因", AT),
    ):
        with pytest.raises(ApprovalError, match="已办理：已备案"):
            act()
    with pytest.raises(ApprovalError, match="早于今天"):
        block_software(office.province, row.number, TODAY - timedelta(1), "原因", AT)
    block_software(office.province, row.number, TODAY, "原因", AT)
    with pytest.raises(ApprovalError, match="已自 2026-11-24 起禁用"):
        block_software(office.second, row.number, TODAY, "原因", AT)
    assert SoftwareBlock.objects.count() == 1


def test_no_software_for_a_withdrawn_type_or_an_unknown_one(office, number) -> None:
    decisions.withdraw_approval(office.province, number, TODAY, "不符合要求", AT)
    with pytest.raises(ApprovalError, match="已撤销，不能备案软件"):
        filed(office, number)
    for act in (
        lambda: filed(office, "2026E999-44"),
        lambda: reads.filing("2026E999-44-S001"),
        lambda: reads.compare_software("x", "1.0", HASH, TODAY),
    ):
        with pytest.raises(UnknownApprovalError):
            act()


def test_a_device_is_compared_and_its_history_kept(office, number, world) -> None:
    on_record(office, number)
    found, row = record_comparison(world.verifier, number, " 1.0", f"0x{HASH}", "tag00001", AT)
    assert found.verdict is Verdict.SAME and row.by_id == world.verifier.person_id
    note_comparison(number, "1.0", OTHER_HASH, "TAG00001", AT)
    history = reads.comparisons_of_device(world.verifier, "tag00001")
    assert [one.verdict for one in history] == ["DIFFERS", "SAME"]
    assert [one.verdict for one in reads.comparisons_astray(office.province, number)] == ["DIFFERS"]
    assert reads.comparisons_of_device(world.verifier, "") == []
    for who in (office.applicant, office.receptionist, world.signatory):
        with pytest.raises(NotPermittedError):
            record_comparison(who, number, "1.0", HASH, "TAG00001", AT)
        with pytest.raises(NotPermittedError):
            reads.comparisons_of_device(who, "TAG00001")
    assert Comparison.objects.count() == 2


def test_what_a_device_was_last_seen_to_run_is_judged_as_of_today(office, number) -> None:
    row = on_record(office, number)
    assert reads.last_seen("TAG00001", TODAY) is None and reads.last_seen("", TODAY) is None
    note_comparison(number, "1.0", HASH, "TAG00001", AT)
    assert reads.last_seen("TAG00001", TODAY).as_filed
    block_software(office.province, row.number, TOMORROW, "可改计数", AT)
    assert reads.last_seen("TAG00001", TODAY).as_filed
    seen = reads.last_seen("TAG00001", TOMORROW)
    assert seen.compared.verdict is Verdict.BLOCKED and not seen.as_filed


def test_overlong_texts_of_a_device_are_cut_and_never_fail(office, number) -> None:
    _, row = note_comparison(number, "v" * 500, "f" * 500, "t" * 50, AT)
    assert (len(row.version), len(row.identification), len(row.tag)) == (40, 64, 12)
