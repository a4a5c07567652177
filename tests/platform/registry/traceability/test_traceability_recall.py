"""What a recall lists, and who may declare and see it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from yuejingzhun.metrology.traceability.effect import Weight
from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.registry.traceability import listing
from yuejingzhun.platform.registry.traceability.errors import TraceabilityError, UnknownItemError
from yuejingzhun.platform.registry.traceability.listing import finish
from yuejingzhun.platform.registry.traceability.models import Affected, Link, Recall, Tally
from yuejingzhun.platform.registry.traceability.queries import (
    affected_of,
    recalls_for,
    recalls_of_holder,
    tallies_of,
    visible_recall,
)
from yuejingzhun.platform.registry.traceability.rules import Calibration, Finding
from yuejingzhun.platform.registry.traceability.services import (
    declare_recall,
    note_revoked,
    note_superseded,
    record_calibration,
)

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)


@pytest.fixture
def six(grid):
    """Six certificates: 1 too early, 2 to 4 while the standard was wrong, 5 with another, 6 of another city."""
    grid.verify(0, "2026-02-01", "证-1")
    grid.verify(0, "2026-04-01", "证-2")
    grid.verify(1, "2026-04-02", "证-3", mpe=Decimal("0.4"))
    grid.verify(1, "2026-09-02", "证-4", margin=None)
    grid.verify(1, "2026-10-02", "证-5", grid.city)
    grid.verify(2, "2026-05-01", "证-6", expanded_uncertainty=Decimal("0.6"))
    return grid


def listed(recall: Recall) -> dict[str, tuple[int, date | None, float | None]]:
    rows = Affected.objects.filter(recall=recall).select_related("link").order_by("rank")
    return {row.link.certificate: (row.weight, row.ended, row.to_mpe) for row in rows}


def test_the_list_says_which_certificates_until_when_and_how_much_it_matters(six) -> None:
    recall = six.recall()
    assert finish(recall.pk)
    recall.refresh_from_db()
    assert (recall.state, recall.found, recall.listed, recall.levels) == ("done", 4, 4, 1)
    assert listed(recall) == {
        "证-3": (Weight.BEYOND_MPE, date(2026, 9, 2), 1.25),
        "证-2": (Weight.CONCLUSION_OPEN, None, 0.5),
        "证-4": (Weight.CONCLUSION_OPEN, date(2026, 10, 2), 0.5),
        "证-6": (Weight.U_ALLOWS, None, 0.5),
    }
    counts = {(tally.holder_id, tally.region, tally.institute_id): (tally.certificates, tally.instruments, tally.grave)
              for tally in Tally.objects.filter(recall=recall)}  # fmt: skip
    institute = six.world.institute.pk
    assert counts == {
        (six.world.holder.pk, "440106", None): (3, 2, 3),
        (six.meters[2].holder_id, "440305", None): (1, 1, 0),
        (six.world.holder.pk, "440106", institute): (3, 2, 3),
        (six.meters[2].holder_id, "440305", institute): (1, 1, 0),
    }
    event = AuditEvent.objects.get(action="宣布追溯")
    assert (event.subject_id, event.reason, event.after["from"]) == (recall.pk, "超差", "2026-03-01")


def test_an_error_further_up_comes_down_through_what_it_calibrated(six) -> None:
    recall = six.recall(six.city, from_day=date(2026, 1, 1), error=Decimal("-0.3"))
    finish(recall.pk)
    assert set(listed(recall)) == {"校准-w", "证-1", "证-2", "证-3", "证-4", "证-5", "证-6"}
    assert Affected.objects.get(recall=recall, link__certificate="证-2").error == pytest.approx(-0.3)
    assert listed(recall)["校准-w"][0] == Weight.UNKNOWN
    ended = six.recall(from_day=date(2026, 3, 1), to_day=date(2026, 4, 2))
    finish(ended.pk)
    assert set(listed(ended)) == {"证-2"}


def test_an_unknown_error_leaves_the_effect_unknown_and_a_standard_never_used_reaches_nothing(six) -> None:
    unknown = six.recall(error=None, unit="")
    finish(unknown.pk)
    assert {found[::2] for found in listed(unknown).values()} == {(Weight.UNKNOWN, None)}
    early = six.recall(from_day=date(2026, 11, 1))
    assert finish(early.pk)
    assert listed(early) == {}


@pytest.mark.parametrize(
    ("finding", "reason"),
    [
        ({"reason": " "}, "写明发现"),
        ({"from_day": date(2026, 11, 25)}, "晚于今天"),
        ({"from_day": date(1, 1, 1)}, "过早"),
        ({"to_day": date(2026, 3, 1)}, "应晚于起始日期"),
        ({"unit": " "}, "单位"),
        ({"unit": "g"}, "单位是 g，应为该标准 U 的单位 %"),
    ],
)
def test_what_is_no_finding(grid, finding, reason: str) -> None:
    with pytest.raises(TraceabilityError, match=reason):
        grid.recall(**finding)
    assert not Recall.objects.exists()


def test_only_the_owners_quality_manager_or_a_regulator_of_its_region_declares(six) -> None:
    finding = Finding(date(2026, 3, 1), None, None, "", "超差")
    for actor in (six.world.signatory, six.holder, six.shenzhen, six.world.stranger):
        with pytest.raises(NotPermittedError, match="质量负责人"):
            declare_recall(actor, "standard", "w", finding, AT)
    assert declare_recall(six.world.regulator, "standard", "w", finding, AT).pk
    with pytest.raises(NotPermittedError):
        declare_recall(six.manager, "standard", "p", finding, AT)
    with pytest.raises(TraceabilityError, match="计量器具"):
        declare_recall(six.world.regulator, "instrument", "0", finding, AT)
    for kind, key in (("standard", "无"), ("星", "w"), ("", "")):
        with pytest.raises(UnknownItemError):
            declare_recall(six.manager, kind, key, finding, AT)


def test_each_sees_what_concerns_him(six) -> None:
    recall = six.recall()
    finish(recall.pk)

    def seen(actor) -> set[str]:
        return {row.link.certificate for row in affected_of(actor, visible_recall(actor, recall.pk))}

    everything = {"证-2", "证-3", "证-4", "证-6"}
    assert seen(six.manager) == seen(six.world.regulator) == everything
    assert seen(six.world.signatory) == everything, "his institute issued them, he decides"
    assert seen(six.holder) == {"证-2", "证-3", "证-4"}
    assert seen(six.shenzhen) == {"证-6"}
    assert [tally.certificates for tally in tallies_of(six.shenzhen, recall)[0]] == [1]
    assert tallies_of(six.holder, recall)[1] == [
        {"region": "440106", "certificates": 3, "instruments": 2, "grave": 3},
    ]
    staff = tallies_of(six.world.signatory, recall)
    assert [tally.certificates for tally in staff[0]] == [3, 1]
    assert sum(row["certificates"] for row in staff[1]) == 4, "as many as he is shown"
    assert sum(row["certificates"] for row in tallies_of(six.manager, recall)[1]) == 4, "and none twice"
    with pytest.raises(UnknownItemError):
        visible_recall(six.world.stranger, recall.pk)
    assert [found.pk for found in recalls_for(six.holder)] == [recall.pk]
    assert [found.pk for found in recalls_for(six.shenzhen)] == [recall.pk]
    assert [found.pk for found in recalls_for(six.world.signatory)] == [recall.pk]
    assert recalls_for(six.world.stranger) == []
    assert [tally.recall.source.label for tally in recalls_of_holder(six.world.holder.pk)] == ["工作电能表标准"]
    assert recalls_for(six.holder, before=recall.pk) == []


def test_a_finished_list_is_final(six) -> None:
    recall = six.recall()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Recall.objects.filter(pk=recall.pk).update(reason="别的")
    finish(recall.pk)
    assert finish(recall.pk), "asked again it is done"
    for change in (
        lambda: Recall.objects.filter(pk=recall.pk).update(state="waiting"),
        lambda: Affected.objects.filter(recall=recall).update(weight=0),
        lambda: Affected.objects.filter(recall=recall)._raw_delete("default"),
        lambda: Tally.objects.filter(recall=recall)._raw_delete("default"),
        lambda: Affected.objects.create(recall=recall, rank=99, link=Link.objects.first(), region="440100", weight=0),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert len(listed(recall)) == 4


def test_a_long_list_waits_for_what_runs_beside_requests_and_an_interrupted_one_is_made_anew(six, monkeypatch) -> None:
    recall = six.recall()
    assert not finish(recall.pk, at_most=3)
    recall.refresh_from_db()
    assert (recall.state, recall.found, recall.listed) == ("waiting", 4, 0)

    monkeypatch.setattr(listing, "BATCH", 2)
    whole, batches = listing._add, []

    def breaks(of: Recall, rows) -> None:
        if batches:
            raise KeyboardInterrupt
        batches.append(len(rows))
        whole(of, rows)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(listing, "_add", breaks)
        finish(recall.pk)
    recall.refresh_from_db()
    assert (recall.state, recall.listed, len(listed(recall))) == ("listing", 2, 2)
    six.verify(2, "2026-06-01", "证-7")
    told: list[tuple[int, int]] = []
    assert finish(recall.pk, told=lambda *how_far: told.append(how_far))
    assert told == [(0, 5), (2, 5), (4, 5)]
    recall.refresh_from_db()
    assert (recall.state, recall.listed) == ("done", 5)
    assert list(Affected.objects.filter(recall=recall).order_by("rank").values_list("rank", flat=True)) == [
        1,
        2,
        3,
        4,
        5,
    ]


def test_an_institute_counts_its_own_certificates_with_others_and_others_with_its_own_once(six) -> None:
    """The institute of the case holds the working standard, which the province's calibrated: its own, by another."""
    recall = six.recall(six.city, from_day=date(2026, 1, 1))
    finish(recall.pk)
    signatory = six.world.signatory
    shown = list(affected_of(signatory, recall))
    assert len(shown) == 7
    assert sum(row["certificates"] for row in tallies_of(signatory, recall)[1]) == 7


def test_revoked_and_superseded_certificates_are_marked_and_can_be_left_out(six) -> None:
    recall = six.recall()
    finish(recall.pk)
    note_superseded("证-2", AT)
    note_revoked("证-3", AT)
    note_superseded("证-3", AT)
    rows = {row.link.certificate: row.certificate_state for row in affected_of(six.manager, recall)}
    assert rows == {"证-2": "已被替换", "证-3": "已撤销", "证-4": "", "证-6": ""}
    standing = affected_of(six.manager, recall, standing=True)
    assert {row.link.certificate for row in standing} == {"证-4", "证-6"}
    assert {row.link.certificate for row in affected_of(six.shenzhen, recall, standing=True)} == {"证-6"}


def test_a_record_of_a_part_reaches_what_was_made_with_the_whole(grid) -> None:
    record_calibration(grid.working, grid.province, Calibration(date(2026, 2, 1), "校准-t", part="温度计"), None, AT)
    grid.verify(0, "2026-08-01", "证-1")
    recall = declare_recall(
        grid.manager, "standard", "c", Finding(date(2026, 1, 1), date(2026, 2, 1), Decimal("0.5"), "%", "超差"), AT
    )
    finish(recall.pk)
    assert set(listed(recall)) == {"校准-w", "证-1"}
