"""What the database itself refuses, and two officers at once."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection, transaction

from small_world import make_world
from type_approvals import AT, HASH, TODAY, applied, evaluated, filed, issued, office_of, on_record
from yuejingzhun.platform.registry.approvals.errors import ApprovalError
from yuejingzhun.platform.registry.approvals.models import (
    Application,
    Certificate,
    NumberSeries,
    SoftwareFiling,
    Step,
    TypeApproval,
)
from yuejingzhun.platform.registry.approvals.services import decisions
from yuejingzhun.platform.registry.approvals.services.software_filings import (
    accept_software,
    block_software,
    file_software,
    note_comparison,
    refuse_software,
)
from yuejingzhun.platform.registry.approvals.software import Algorithm

KEPT = (
    "typeapproval", "step", "document", "evaluation", "certificate", "certifiedvariant", "withdrawal",
    "softwareblock", "comparison",
)  # fmt: skip


def refused(act: str, table: str, change: str = "") -> str:
    """What the database says to that act on every row; it changes nothing."""
    parts = (act, f"approvals_{table}", f"SET {change}" if change else "")
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(" ".join(parts))
    return str(error.value)


@pytest.fixture
def everything(office) -> None:
    number = issued(office).approval.number
    row = on_record(office, number)
    block_software(office.province, row.number, TODAY, "原因", AT)
    note_comparison(number, "1.0", HASH, "TAG00001", AT)
    decisions.withdraw_approval(office.province, number, TODAY, "原因", AT)


@pytest.mark.parametrize("table", KEPT)
def test_what_was_issued_is_only_added_to(everything, table) -> None:
    assert "append-only" in refused("UPDATE", table, "id = id")
    assert "append-only" in refused("DELETE FROM", table)


@pytest.mark.parametrize("table", ["application", "softwarefiling", "numberseries"])
def test_what_goes_forward_stays(everything, table) -> None:
    assert "append-only" in refused("DELETE FROM", table)


def test_an_application_goes_forward_only_and_says_what_it_said(everything) -> None:
    for change in ("state = 'APPLIED'", "state = 'EVALUATED'"):
        assert "does not go from APPROVED" in refused("UPDATE", "application", change)
    for change in ("name = 'x'", "samples = 9", "variants = '[]'", "institute_id = NULL", "maker_id = maker_id + 1"):
        assert "final" in refused("UPDATE", "application", change)


def test_a_filing_is_decided_once_and_says_what_it_said(everything) -> None:
    for change in ("state = 'FILED'", "state = 'REFUSED'", "identification = 'x'", "valid_from = '2020-01-01'"):
        assert "decided once" in refused("UPDATE", "softwarefiling", change)


def test_numbers_go_forward_by_one(everything) -> None:
    for change in ("last = last - 1", "last = last + 2", "last = last + 1, year = 2020"):
        assert "forward by one" in refused("UPDATE", "numberseries", change)


def test_no_application_in_evaluation_without_an_institute(office) -> None:
    applied(office)
    assert "evaluated_by_an_institute" in refused("UPDATE", "application", "state = 'ACCEPTED'")


def at_once(*acts: Callable[[], object]) -> list[str]:
    """What came of acts that begin together on connections of their own: "" or the refusal."""
    barrier, said = Barrier(len(acts)), [""] * len(acts)

    def run(place: int) -> None:
        barrier.wait()
        try:
            acts[place]()
        except ApprovalError as error:
            said[place] = str(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(said)


def test_two_officers_at_once_issue_one_certificate(committed) -> None:
    office = office_of(make_world())
    row = evaluated(office)
    said = at_once(
        lambda: decisions.issue(office.province, row.pk, "E", TODAY, AT),
        lambda: decisions.issue(office.second, row.pk, "E", TODAY, AT),
    )
    assert said == ["", "申请现为“已批准”，不能变为“已批准”"]
    assert Certificate.objects.count() == TypeApproval.objects.count() == 1
    assert NumberSeries.objects.get().last == 101


def test_one_accepts_while_another_refuses(committed) -> None:
    office = office_of(make_world())
    row = applied(office)
    said = at_once(
        lambda: decisions.accept(office.province, row.pk, office.institute.pk, AT),
        lambda: decisions.refuse(office.second, row.pk, "资料不全", AT),
    )
    assert said[0] == "" and "申请现为" in said[1]
    assert Step.objects.count() == 2
    assert Application.objects.get().state in ("ACCEPTED", "REFUSED")


def test_two_applications_at_once_get_numbers_of_their_own(committed) -> None:
    office = office_of(make_world())
    rows = evaluated(office, "A1"), evaluated(office, "B1")
    acts = [lambda row=row: decisions.issue(office.province, row.pk, "E", TODAY, AT) for row in rows]
    assert at_once(*acts) == ["", ""]
    assert sorted(TypeApproval.objects.values_list("number", flat=True)) == ["2026E101-44", "2026E102-44"]


def test_two_officers_at_once_decide_a_filing_once(committed) -> None:
    office = office_of(make_world())
    row = filed(office, issued(office).approval.number)
    said = at_once(
        lambda: accept_software(office.province, row.number, AT),
        lambda: refuse_software(office.second, row.number, "标识有误", AT),
    )
    assert said[0] == "" and "已办理" in said[1]


def test_one_version_filed_twice_at_once_is_filed_once(committed) -> None:
    office = office_of(make_world())
    number = issued(office).approval.number

    def file() -> SoftwareFiling:
        return file_software(office.applicant, number, "1.0", Algorithm.SHA256, HASH, TODAY, "", "", AT)

    said = at_once(file, file)
    assert said[0] == "" and "已备案或正在审核" in said[1]
    assert SoftwareFiling.objects.count() == 1
