"""What other apps do becomes facts: from the act itself, through the outbox, to the party's facts."""

from datetime import timedelta
from typing import Any

import pytest

from credit_cases import make_case
from small_world import AT, TODAY, World, actor
from type_approvals import HASH, issued, office_of, on_record
from yuejingzhun.platform.foundation.events.models import Event
from yuejingzhun.platform.foundation.events.queries import failures
from yuejingzhun.platform.foundation.events.services import deliver, publish
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.operations.certificates.services import approve, revoke
from yuejingzhun.platform.operations.verification.services import review, submit_record
from yuejingzhun.platform.registry.approvals.services.software_filings import note_comparison
from yuejingzhun.platform.registry.instruments.models import Instrument, InUse
from yuejingzhun.platform.registry.instruments.services import set_in_use
from yuejingzhun.platform.registry.reminders.rounds import make_notices
from yuejingzhun.platform.supervision.credit.models import Fact
from yuejingzhun.platform.supervision.credit.queries import known_facts

LATER = AT + timedelta(days=30)


def meter(world: World, serial: str, **more: Any) -> Instrument:
    values: dict[str, Any] = {
        "holder": world.holder, "name": "电能表", "model": "DDS", "serial": serial, "maker": "厂",
        "regulation": "JJG 596-2012", "regulation_series": "JJG 596", "item": "19.1", "region": "440106",
        "city": "4401", "valid_until": TODAY - timedelta(9), "last_passed": True,
    }  # fmt: skip
    return Instrument.objects.create(**values | more)


def test_a_failed_verification_becomes_a_fact_and_goes_with_its_certificate(world: World) -> None:
    case = make_case(world)
    numbers = []
    for passing in (True, False):
        record = world.record(passing=passing, seed=int(passing) + 5)
        job = submit_record(world.verifier, world.institute.pk, world.holder.pk, record, world.standard(), TODAY, AT)
        review(world.reviewer, job.pk, AT)
        numbers.append(approve(world.signatory, job.pk, AT).number)
    deliver()
    fact = Fact.objects.get(kind="verification-failed")
    assert (fact.party, fact.source, fact.occurred_on, fact.recorded_by) == (
        world.holder, f"certificates:{numbers[1]}", TODAY, None,
    )  # fmt: skip
    assert numbers[1] in fact.summary
    revoke(world.signatory, numbers[1], "标准失准", AT)
    deliver()
    assert known_facts([case.party.pk], LATER)[case.party.pk] == []
    assert Fact.objects.get(supersedes=fact).withdrawn
    assert not failures()


def test_what_lapsed_becomes_one_fact_a_round_of_what_must_be_verified(world: World) -> None:
    for serial, more in (
        ("1", {}),
        ("2", {}),
        ("3", {"use": "other"}),
        ("4", {"item": ""}),
        ("5", {"in_use": "stopped"}),
        ("6", {"valid_until": TODAY}),
    ):
        meter(world, serial, **more)
    make_notices(AT)
    make_notices(AT + timedelta(minutes=5))
    deliver()
    fact = Fact.objects.get()
    assert (fact.kind, fact.quantity, fact.occurred_on) == ("verification-overdue", 2, TODAY)
    make_notices(AT + timedelta(days=1))
    deliver()
    assert sorted(Fact.objects.values_list("occurred_on", "quantity")) == [(TODAY, 2), (TODAY + timedelta(1), 1)]


def test_software_that_differs_becomes_a_fact_of_the_holder_once_a_month(world: World) -> None:
    office = office_of(world)
    number = issued(office).approval.number
    filing = on_record(office, number)
    device = meter(world, "1")
    for at in (AT, AT + timedelta(days=1), AT + timedelta(days=14)):
        note_comparison(number, filing.version, "F" * len(HASH), device.tag, at)
    note_comparison(number, filing.version, filing.identification, device.tag, AT)
    note_comparison(number, filing.version, "E" * len(HASH), "NOBODYS00001", AT)
    assert Event.objects.filter(kind="software-differs", payload__tag=device.tag).count() == 2
    deliver()  # of which the second is of a day to come: it is kept until then
    facts = Fact.objects.filter(kind="software-differs")
    assert [(fact.party, fact.occurred_on) for fact in facts] == [(world.holder, TODAY)]
    assert all("在未来" in failed.reason for failed in failures())


def test_filing_and_scrapping_is_published(world: World) -> None:
    device = meter(world, "1")
    set_in_use(actor("经办", world.holder, Role.HOLDER), device.pk, InUse.SCRAPPED, "坏了", AT)
    told = Event.objects.get(kind="instrument-use-changed")
    assert told.payload == {"instrument_id": device.pk, "in_use": "scrapped"}
    assert told.subject_organisation == world.holder


@pytest.mark.parametrize(
    ("party", "payload"),
    [(True, {}), (True, {"instrument": "表", "conclusion": "不合格", "tested_on": "昨天"}),
     (False, {"instrument": "表", "conclusion": "不合格", "tested_on": "2026-11-24"}),
     (True, {"instrument": "表", "conclusion": "不合格", "tested_on": "2999-11-24"})],
)  # fmt: skip
def test_an_event_that_says_too_little_is_kept_with_the_reason(world: World, party: bool, payload: Any) -> None:
    publish("verification-failed", world.holder.pk if party else None, "1", AT, payload)
    assert deliver() == 0
    (failed,) = failures()
    assert failed.reason
    assert not Fact.objects.exists()
