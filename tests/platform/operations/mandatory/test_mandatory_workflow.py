"""A holder's meters from the application to the hand that fetches them, and every way that must not be gone."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction

from mandatory_counter import AT, authorise
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.operations.mandatory.errors import MandatoryError, UnknownApplicationError
from yuejingzhun.platform.operations.mandatory.models import Application, Line, Tally, Tariff
from yuejingzhun.platform.operations.mandatory.queries import (
    counts_of_desk,
    desk,
    of_holder,
    overdue,
    statistics,
    visible_application,
    waiting_for_test,
)
from yuejingzhun.platform.operations.mandatory.rules import State
from yuejingzhun.platform.operations.mandatory.services.answer import accept, appoint, refer, refuse
from yuejingzhun.platform.operations.mandatory.services.apply import apply, withdraw
from yuejingzhun.platform.operations.mandatory.services.reception import drop, give_back, receive, seal
from yuejingzhun.platform.operations.mandatory.services.result import note_result
from yuejingzhun.platform.registry.instruments.models import Instrument
from yuejingzhun.platform.registry.qualifications.models import Authorisation, Withdrawal

DAY = date(2026, 11, 24)
LATER = AT + timedelta(days=1)


def received(counter, count: int = 3, key: str = "k1") -> Application:
    application = apply(counter.client, counter.request(count, key), AT)
    accept(counter.receptionist, application.pk, AT)
    appoint(counter.receptionist, application.pk, date(2026, 11, 26), AT)
    receive(counter.receptionist, application.pk, range(1, count + 1), "完好", LATER)
    application.refresh_from_db()
    return application


def test_the_whole_way(counter) -> None:
    Tariff.objects.create(
        item=counter.meters[0].item, amount=Decimal("30.00"), valid_from=date(2020, 1, 1), source="演示"
    )
    application = received(counter)
    assert application.number == "Q4401-2026-000001" and application.state == "TESTING"
    assert application.answer_by == date(2026, 12, 1)
    assert application.due_on == date(2026, 12, 23)  # the 20th working day after 2026-11-25
    lines = list(application.lines.order_by("position"))
    assert [line.sample for line in lines] == ["Y2026-000001", "Y2026-000002", "Y2026-000003"]
    assert [line.instrument_id for line in waiting_for_test(counter.verifier)] == [m.pk for m in counter.meters[:3]]

    for n, meter in enumerate(counter.meters[:3]):
        note_result(meter.pk, counter.institute.pk, f"C-{n}", n != 2, LATER)
    assert waiting_for_test(counter.verifier) == []
    seal(counter.verifier, lines[0].pk, "F-1", LATER)
    with pytest.raises(MandatoryError, match="合格"):
        seal(counter.verifier, lines[2].pk, "F-3", LATER)
    give_back(counter.receptionist, [line.pk for line in lines], "取件人", LATER)
    application.refresh_from_db()
    assert application.state == "CLOSED" and application.closed_at == LATER
    (total,) = statistics("item", "440000", DAY, DAY)
    assert (total.tested, total.failed, total.waived, total.unpriced) == (3, 1, Decimal("90.00"), 0)
    assert statistics("region", "440300", DAY, DAY) == []


def test_the_same_request_twice_is_one_application(counter) -> None:
    first = apply(counter.client, counter.request(), AT)
    assert apply(counter.client, counter.request(), LATER) == first
    with pytest.raises(MandatoryError, match=first.number):
        apply(counter.client, counter.request(2), LATER)
    assert Application.objects.count() == 1 and Line.objects.count() == 3


def test_an_instrument_is_in_one_open_application(counter) -> None:
    first = apply(counter.client, counter.request(2), AT)
    with pytest.raises(MandatoryError, match=first.number):
        apply(counter.client, counter.request(3, key="k2"), AT)
    withdraw(counter.client, first.pk, "", AT)
    assert apply(counter.client, counter.request(3, key="k2"), AT).lines.count() == 3


def test_what_cannot_be_applied_for(counter, world) -> None:
    with pytest.raises(NotPermittedError):
        apply(counter.receptionist, counter.request(), AT)
    with pytest.raises(MandatoryError, match="至少选择"):
        apply(counter.client, counter.request(0), AT)
    with pytest.raises(MandatoryError, match="不在本单位名下"):
        apply(counter.client, counter.request(instrument_ids=(counter.meters[0].pk, 999_999)), AT)
    Instrument.objects.filter(pk=counter.meters[1].pk).update(region="440103")
    with pytest.raises(MandatoryError, match="同一地点的同一种器具"):
        apply(counter.client, counter.request(), AT)
    Instrument.objects.update(item="", region="440106")
    with pytest.raises(MandatoryError, match="不在强制管理目录"):
        apply(counter.client, counter.request(), AT)
    assert not Application.objects.exists()


def test_an_institute_beyond_its_scope_is_refused_when_asked_and_when_it_accepts(counter, world) -> None:
    granted = Authorisation.objects.get(institute=counter.institute)
    application = apply(counter.client, counter.request(), AT)
    Withdrawal.objects.create(
        authorisation=granted,
        effective_from=date(2026, 11, 20),
        reason="停业",
        withdrawn_by_id=counter.regulator.person_id,
        withdrawn_at=AT,
    )
    with pytest.raises(MandatoryError, match="没有有效的授权"):
        accept(counter.receptionist, application.pk, AT)
    with pytest.raises(MandatoryError, match="没有有效的授权"):
        apply(counter.client, counter.request(instrument_ids=(counter.meters[5].pk,), key="k2"), AT)
    application.refresh_from_db()
    assert application.state == "SUBMITTED"


def test_a_referral_goes_to_an_authorised_institute_with_its_reason(counter) -> None:
    application = apply(counter.client, counter.request(), AT)
    for to, reason, problem in (
        (counter.institute.pk, "忙", "本机构自己"),
        (counter.holder.pk, "忙", "没有有效的授权"),
        (counter.other.pk, " ", "原因"),
    ):
        with pytest.raises(MandatoryError, match=problem):
            refer(counter.receptionist, application.pk, to, reason, AT)
    refer(counter.receptionist, application.pk, counter.other.pk, "设备检修", LATER)
    with pytest.raises(NotPermittedError):
        accept(counter.receptionist, application.pk, LATER)
    accept(counter.elsewhere, application.pk, LATER)
    assert visible_application(counter.receptionist, application.pk).institute == counter.other
    with pytest.raises(DatabaseError, match="mandatory_referral"), transaction.atomic():
        application.referrals.update(reason="别的")


def test_refusals_and_withdrawals_end_it(counter) -> None:
    first = apply(counter.client, counter.request(1), AT)
    with pytest.raises(MandatoryError, match="原因"):
        refuse(counter.receptionist, first.pk, "", AT)
    refuse(counter.receptionist, first.pk, "不属本机构区域", AT)
    with pytest.raises(MandatoryError, match=r"不予受理.*收发庚"):
        accept(counter.colleague, first.pk, AT)
    second = apply(counter.client, counter.request(1, key="k2"), AT)
    with pytest.raises(NotPermittedError):
        withdraw(counter.receptionist, second.pk, "", AT)
    withdraw(counter.client, second.pk, "写错了", AT)
    with pytest.raises(MandatoryError, match="已撤回"):
        receive(counter.receptionist, second.pk, [1], "", AT)


def test_appointments_are_on_working_days_to_come(counter) -> None:
    application = apply(counter.client, counter.request(), AT)
    with pytest.raises(MandatoryError, match="待受理"):
        appoint(counter.receptionist, application.pk, date(2026, 11, 26), AT)
    accept(counter.receptionist, application.pk, AT)
    for day, problem in ((date(2026, 11, 23), "已经过去"), (date(2026, 11, 28), "不是工作日")):
        with pytest.raises(MandatoryError, match=problem):
            appoint(counter.receptionist, application.pk, day, AT)
    appoint(counter.receptionist, application.pk, date(2026, 11, 26), AT)
    appoint(counter.receptionist, application.pk, date(2026, 11, 27), AT)


def test_receiving_in_parts_keeps_the_first_term_and_refuses_twice(counter) -> None:
    application = apply(counter.client, counter.request(), AT)
    accept(counter.receptionist, application.pk, AT)
    appoint(counter.receptionist, application.pk, date(2026, 11, 26), AT)
    receive(counter.receptionist, application.pk, [2], "", AT)
    with pytest.raises(MandatoryError, match="第 2 台已经收样"):
        receive(counter.receptionist, application.pk, [1, 2], "", LATER)
    with pytest.raises(MandatoryError, match="没有第 9 台"):
        receive(counter.receptionist, application.pk, [1, 9], "", LATER)
    receive(counter.receptionist, application.pk, [1], "", AT + timedelta(days=7))
    application.refresh_from_db()
    assert application.due_on == date(2026, 12, 22)


def test_what_is_not_tested_is_dropped_with_a_reason_before_it_goes_back(counter) -> None:
    application = received(counter, 2)
    first, second = application.lines.order_by("position")
    with pytest.raises(MandatoryError, match="还没有检定结果"):
        give_back(counter.receptionist, [first.pk], "取件人", LATER)
    with pytest.raises(MandatoryError, match="原因"):
        drop(counter.receptionist, first.pk, "", LATER)
    drop(counter.receptionist, first.pk, "表壳破损，不能检定", LATER)
    note_result(second.instrument_id, counter.institute.pk, "C-1", True, LATER)
    with pytest.raises(MandatoryError, match="取件人"):
        give_back(counter.receptionist, [second.pk], " ", LATER)
    give_back(counter.receptionist, [second.pk], "取件人", LATER)
    application.refresh_from_db()
    assert application.state == "CLOSED"


def test_a_result_elsewhere_or_before_reception_is_none_of_the_application(counter) -> None:
    application = apply(counter.client, counter.request(1), AT)
    note_result(counter.meters[0].pk, counter.institute.pk, "C-0", True, AT)
    note_result(counter.meters[0].pk, counter.other.pk, "C-1", True, AT)
    assert application.lines.get().result_at is None and not Tally.objects.exists()


def test_a_superseding_result_corrects_the_count_of_the_failed(counter) -> None:
    received(counter, 1)
    for certificate, passed in (("C-1", True), ("C-2", False), ("C-3", False), ("C-4", True)):
        note_result(counter.meters[0].pk, counter.institute.pk, certificate, passed, LATER)
        tally = Tally.objects.get()
        assert (tally.tested, tally.failed, tally.unpriced) == (1, int(not passed), 1)
    assert Line.objects.get().certificate == "C-4"


def test_lists_for_each_and_nobody_else(counter, world, django_assert_max_num_queries) -> None:
    application = received(counter)
    with django_assert_max_num_queries(1):
        assert [(a.pk, a.instruments, a.results) for a in desk(counter.receptionist, State.TESTING)] == [
            (application.pk, 3, 0)
        ]
    assert counts_of_desk(counter.receptionist)[State.TESTING] == 1
    assert desk(counter.elsewhere, State.TESTING) == []
    assert [a.pk for a in of_holder(counter.client)] == [application.pk]
    late = application.due_on + timedelta(days=1)
    for actor in (counter.receptionist, counter.regulator):
        assert [a.pk for a in overdue(actor, late)] == [application.pk]
        assert overdue(actor, application.due_on) == []
    assert overdue(counter.elsewhere, late) == []
    for actor in (counter.client, counter.receptionist, counter.regulator):
        assert visible_application(actor, application.pk) == application
    for actor in (counter.elsewhere, world.stranger):
        with pytest.raises(UnknownApplicationError):
            visible_application(actor, application.pk)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE mandatory_application SET state = 'SUBMITTED', answered_at = NULL",
        "UPDATE mandatory_application SET number = 'Q-1'",
        "UPDATE mandatory_application SET due_on = due_on + 30",
        "UPDATE mandatory_application SET institute_id = holder_id",
        "DELETE FROM mandatory_application",
        "DELETE FROM mandatory_line",
        "UPDATE mandatory_line SET sample = 'Y-9'",
        "UPDATE mandatory_line SET received_at = received_at - interval '1 day'",
        "UPDATE mandatory_line SET result_at = NULL, certificate = ''",
        "UPDATE mandatory_line SET instrument_id = instrument_id + 1",
    ],
)
def test_the_database_keeps_what_happened(counter, change: str) -> None:
    received(counter, 1)
    note_result(counter.meters[0].pk, counter.institute.pk, "C-1", True, LATER)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(change)


def test_two_results_of_one_county_are_both_counted(counter) -> None:
    received(counter, 5)
    for n, meter in enumerate(counter.meters[:5]):
        note_result(meter.pk, counter.institute.pk, f"C-{n}", True, LATER)
    assert Tally.objects.get().tested == 5


def at_once(*acts) -> list[object]:
    """What each of the acts came to, done at the same moment by connections of their own."""
    told: list[object] = []
    start = threading.Barrier(len(acts))

    def attempt(act) -> None:
        start.wait()
        try:
            told.append(act())
        except MandatoryError as error:
            told.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_two_clerks_accept_once(committed_counter) -> None:
    counter = committed_counter
    application = apply(counter.client, counter.request(), AT)
    both = (counter.receptionist, counter.colleague)
    told = at_once(*(lambda actor=actor: accept(actor, application.pk, AT) for actor in both))
    (late,) = [text for text in told if isinstance(text, MandatoryError)]
    assert application in told
    assert "待预约" in str(late) and ("收发庚" in str(late) or "收发辛" in str(late))


def test_one_request_sent_twice_at_once_is_one_application(committed_counter) -> None:
    counter = committed_counter
    told = at_once(*(lambda: apply(counter.client, counter.request(), AT) for _ in range(2)))
    assert told == [Application.objects.get()] * 2 and Line.objects.count() == 3


def test_two_applications_at_once_get_one_instrument_once(committed_counter) -> None:
    counter = committed_counter
    told = at_once(*(lambda n=n: apply(counter.client, counter.request(3, key=f"k{n}"), AT) for n in range(2)))
    assert sum(isinstance(one, MandatoryError) for one in told) == 1
    assert Application.objects.count() == 1 and Line.objects.count() == 3


def test_authorisation_is_of_the_day(counter, world) -> None:
    authorise(counter.holder, counter.regulator.person_id, until=date(2026, 11, 23))
    with pytest.raises(MandatoryError):
        apply(counter.client, counter.request(institute_id=counter.holder.pk), AT)
