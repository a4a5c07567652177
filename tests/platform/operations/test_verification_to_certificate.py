"""From a raw record to a registered certificate that nobody can change."""

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from issuing import issue
from small_world import AT
from yuejingzhun.evidence.bundle import verify_bundle
from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.audit.queries import history
from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.ledger.queries import policy
from yuejingzhun.platform.operations.certificates.models import Certificate, NumberSeries
from yuejingzhun.platform.operations.certificates.queries import file_of, look_up
from yuejingzhun.platform.operations.certificates.rules import Standing
from yuejingzhun.platform.operations.certificates.signing import anchors
from yuejingzhun.platform.operations.verification.models import Job
from yuejingzhun.platform.operations.verification.queries import (
    history_of,
)
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.procedures.catalogue import procedures


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


def test_an_event_outside_a_transaction_is_refused() -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        record_event(None, "试", "job", 1, AT)
