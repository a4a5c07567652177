"""Rounds of ratings: one pass over the database, what changed is published, proven and recomputed by an outsider."""

import dataclasses
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.utils import IntegrityError

from credit_cases import Case, changed, make_case, noted, recorded, with_code
from small_world import AT, TODAY, World
from yuejingzhun.evidence.checks import Status
from yuejingzhun.evidence.entry import check_entry_signature
from yuejingzhun.evidence.keys import read_certificate
from yuejingzhun.platform.foundation.ledger.queries import policy
from yuejingzhun.platform.foundation.ledger.services import sequence, sign_head
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.supervision.credit import feed
from yuejingzhun.platform.supervision.credit.columns import read_columns
from yuejingzhun.platform.supervision.credit.errors import CreditError, UnknownCreditError
from yuejingzhun.platform.supervision.credit.mass_rating import rate_columns
from yuejingzhun.platform.supervision.credit.models import Fact, Rating, Snapshot, Standing
from yuejingzhun.platform.supervision.credit.published import PublishedError, decode, decode_statement, verify
from yuejingzhun.platform.supervision.credit.publishing import find_public, public_grade, rating_file
from yuejingzhun.platform.supervision.credit.queries import known_facts, standings, version_of
from yuejingzhun.platform.supervision.credit.rule_set import GRADES, read_rule_set
from yuejingzhun.platform.supervision.credit.rules import Decision, rate
from yuejingzhun.platform.supervision.credit.services import rounds
from yuejingzhun.platform.supervision.credit.services.contests import contest, decide
from yuejingzhun.platform.supervision.credit.services.facts import withdraw_source
from yuejingzhun.platform.supervision.credit.services.repairs import apply, decide_repair
from yuejingzhun.platform.supervision.credit.services.rounds import rate_all, rate_daily
from yuejingzhun.platform.supervision.credit.services.rule_sets import adopt, propose
from yuejingzhun.platform.supervision.credit.simulating import simulate


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world)


def others(count: int) -> list[Organisation]:
    """Parties with codes and facts of their own."""
    found = []
    for number in range(count):
        party = Organisation.objects.create(name=f"商户{number}", kind="holder", region="440300")
        found.append(with_code(party, 100 + number))
        noted(party, "verification-failed", f"certificates:{number}", number + 1)
        noted(party, "verification-overdue", f"instruments:{number}", 3 * number + 1, quantity=number + 1)
    return found


def all_logged() -> None:
    sequence()
    sign_head(AT)


def test_columns_read_what_single_reads_know(case: Case) -> None:
    """Corrections, withdrawals, contests and repairs at several moments: columns and single reads agree."""
    others(3)
    corrected = recorded(case, "fleet-error", "文 1", 20, quantity=9)
    contest(case.clerk, corrected.pk, "少", AT - timedelta(days=5))
    decide(case.colleague, corrected.pk, Decision.CORRECTED, "是", AT - timedelta(days=3), quantity=4)
    contest(case.clerk, recorded(case, "inspection-failed", "文 2", 15).pk, "不服", AT - timedelta(days=2))
    old = recorded(case, "complaint-upheld", "文 3", 300)
    noted(case.party, "verification-failed", "certificates:x", 8)
    withdraw_source("verification-failed", "certificates:x", "已撤销", AT - timedelta(days=1))
    repaired = recorded(case, "commitment-broken", "文 4", 700)
    decide_repair(case.colleague, apply(case.clerk, repaired.pk, "好", AT - timedelta(days=400)).pk, True, "好",
                  AT - timedelta(days=399))  # fmt: skip
    assert old.pk
    rules = read_rule_set(changed(contested="left_out"))
    for days in (0, 1, 2, 3, 4, 6, 16, 100, 398, 400, 701):
        at, on = AT - timedelta(days=days), TODAY - timedelta(days)
        graded = rate_columns(rules, read_columns(at), on)
        single = {key: rate(rules, facts, on) for key, facts in known_facts(list(graded.party), at).items()}
        assert [single[key].score for key in graded.party.tolist()] == graded.score.tolist()
        assert [single[key].grade for key in graded.party.tolist()] == [GRADES[place] for place in graded.grade]


def test_a_round_publishes_everybody_once_and_then_what_changed(case: Case) -> None:
    parties = others(3)
    recorded(case, "penalty")
    assert rate_all(AT) == 4
    assert {row.party_id: row.grade for row in Standing.objects.all()} == dict.fromkeys(
        (party.pk for party in parties), "B"
    ) | {case.party.pk: "C"}
    assert rate_all(AT + timedelta(minutes=1)) == 0  # nothing new on that day
    noted(parties[0], "verification-failed", "certificates:new", 0)  # says it was recorded when the round was made
    assert rate_all(AT + timedelta(minutes=2)) == 1
    assert [made.size for made in Snapshot.objects.order_by("pk")] == [4, 1]


def test_a_fact_recorded_after_a_round_counts_as_known_after_it(case: Case) -> None:
    others(1)
    rate_all(AT)
    late = recorded(case, days_ago=10)
    assert late.recorded_at < AT
    late.refresh_from_db()
    assert late.recorded_at > AT
    assert len(read_columns(AT).party) == 2


def test_large_rounds_make_several_snapshots_and_go_on_where_they_stopped(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    others(5)
    monkeypatch.setattr(rounds, "LARGEST", 2)
    kept = rounds._keep
    calls = []

    def dies(*arguments: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise ZeroDivisionError
        kept(*arguments)

    monkeypatch.setattr(rounds, "_keep", dies)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        rate_all(AT)
    monkeypatch.setattr(rounds, "_keep", kept)
    assert rate_all(AT) == 5
    assert [made.size for made in Snapshot.objects.order_by("pk")] == [2, 2, 1]
    assert Rating.objects.count() == Standing.objects.count() == 5


def test_everybody_is_published_anew_under_new_rules(case: Case) -> None:
    others(2)
    rate_all(AT)
    adopt(case.province, propose(case.province, changed(start=60_000), "", AT).version, TODAY + timedelta(1), AT)
    with pytest.raises(CreditError, match="应晚于该日"):
        adopt(case.province, propose(case.province, changed(start=50_000), "", AT).version, TODAY, AT)
    assert rate_all(AT + timedelta(days=1)) == 2
    assert set(Standing.objects.values_list("grade", flat=True)) == {"C"}
    assert set(Standing.objects.values_list("since", flat=True)) == {TODAY + timedelta(1)}


def test_who_has_nothing_left_stands_as_without_facts(case: Case) -> None:
    noted(case.party, "verification-failed", "certificates:1", 5)
    recorded(case, "penalty", "文 9", 1)
    rate_all(AT)
    withdraw_source("verification-failed", "certificates:1", "撤销", AT)
    row = Fact.objects.get(kind="penalty")
    contest(case.clerk, row.pk, "错", AT)
    decide(case.colleague, row.pk, Decision.WITHDRAWN, "错", AT)
    assert rate_all(AT + timedelta(days=1)) == 1
    standing = Standing.objects.get(party=case.party)
    assert (standing.grade, standing.facts, standing.since) == ("B", 0, TODAY + timedelta(1))
    assert rate_all(AT + timedelta(days=2)) == 0


def test_the_daily_round_is_made_once_a_day_and_only_with_rules(world: World) -> None:
    assert rate_daily(AT) == 0
    assert not Snapshot.objects.exists()
    make_case(world)
    noted(world.holder, "verification-failed", "certificates:1", 5)
    assert rate_daily(AT) == 1
    noted(world.holder, "verification-failed", "certificates:2", 0)
    assert rate_daily(AT + timedelta(hours=1)) == 0
    assert rate_daily(AT + timedelta(days=1)) == 1
    assert rate_daily(AT + timedelta(days=2)) == 0  # an empty round says that nothing changed
    assert Snapshot.objects.filter(size=0).count() == 1


def test_without_an_authority_nobody_signs(case: Case, caplog: pytest.LogCaptureFixture) -> None:
    Organisation.objects.filter(pk=case.authority.pk).update(region="440100")
    noted(case.party, "verification-failed", "certificates:1", 5)
    assert rate_daily(AT) == 0
    assert "没有登记省级市场监管部门" in caplog.text


def test_what_is_published_never_changes(case: Case) -> None:
    others(1)
    rate_all(AT)
    for rows, change in ((Rating.objects, {"grade": "A"}), (Snapshot.objects, {"root": "0" * 64})):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)


def test_an_outsider_recomputes_a_grade_with_files_alone(case: Case) -> None:
    others(6)
    recorded(case, "penalty")
    rate_all(AT)
    code = case.party.credit_code or ""
    with pytest.raises(UnknownCreditError, match="正在登记"):
        rating_file(code)
    all_logged()
    data = rating_file(code)
    report = verify(decode(data), policy(), AT)
    assert [check.status for check in report.checks] == [Status.PASSED] * 5
    assert [check.name for check in report.checks] == ["statement", "rules", "grade", "round", "inclusion"]
    assert report.checks[2].detail.startswith("C 级")
    untrusted = verify(decode(data), None, AT)
    assert untrusted.checks[-1].status is Status.ABSENT
    found = public_grade(code.lower())
    assert (found.statement.grade, found.party) == ("C", case.party)
    assert rating_file(code, found.history[0].snapshot.number) == data
    with pytest.raises(UnknownCreditError):
        rating_file(code, "CREDIT-20200101-001")
    for party in Standing.objects.exclude(party=case.party).select_related("party"):  # every place of the tree
        again = verify(decode(rating_file(party.party.credit_code or "")), policy(), AT)
        assert all(check.status is Status.PASSED for check in again.checks)


def test_every_forgery_is_seen(case: Case) -> None:
    others(3)
    recorded(case, "penalty")
    rate_all(AT)
    all_logged()
    published = decode(rating_file(case.party.credit_code or ""))
    other = decode(rating_file(Standing.objects.exclude(party=case.party)[0:1].get().party.credit_code or ""))

    def failing(**parts: Any) -> set[str]:
        report = verify(dataclasses.replace(published, **parts), policy(), AT)
        return {check.name for check in report.checks if check.status is not Status.PASSED}

    said = json.loads(published.statement)

    def statement(**parts: Any) -> bytes:
        text = json.dumps(said | parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return text.encode()

    assert failing() == set()
    assert failing(statement=statement(grade="A")) == {"grade", "round"}
    assert failing(statement=statement(score=99)) == {"grade", "round"}
    assert failing(statement=statement(facts=[])) == {"grade", "round"}
    assert failing(statement=statement(on="2027-11-24")) >= {"round"}
    assert failing(statement=statement(rules="9")) == {"round"}
    assert failing(statement=other.statement) == {"round"}
    assert failing(index=published.index + 1) == {"round"}
    assert failing(size=published.size + 1) == {"round"}
    assert failing(path=published.path[:-1]) == {"round"}
    assert "rules" in failing(rules=changed(start=99_000))
    assert failing(entry=published.entry.replace(b"credit-rated", b"credit-rules")) == {"round", "inclusion"}
    assert "inclusion" in failing(inclusion=b"")
    assert failing(statement=b"{}") == {"statement"}
    assert failing(statement=statement(facts=[{**said["facts"][0], "quantity": 1.5}])) == {"statement"}


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b'{"format":2}', b"\xff\xfe", b'{"format":1,"statement":3}'])
def test_what_is_no_published_rating_is_refused(data: bytes) -> None:
    with pytest.raises(PublishedError):
        decode(data)
    with pytest.raises(PublishedError):
        decode_statement(data)


def test_the_feed_is_incremental_signed_and_never_changes(case: Case) -> None:
    parties = others(2)
    rate_all(AT)
    (first,) = feed.rounds_after(case.province)
    data = feed.feed_file(case.province, first.number, "json")
    assert hashlib.sha256(data).hexdigest() == first.json_sha256
    signer = read_certificate(feed.feed_file(case.province, first.number, "der"))
    check_entry_signature(data, feed.feed_file(case.province, first.number, "json.sig"), signer)
    table = feed.feed_file(case.province, first.number, "csv")
    assert hashlib.sha256(table).hexdigest() == first.csv_sha256
    check_entry_signature(table, feed.feed_file(case.province, first.number, "csv.sig"), signer)
    assert table.decode("utf-8-sig").splitlines()[1].startswith(f"{parties[0].credit_code},商户0,440300,B,")
    Organisation.objects.filter(pk=parties[0].pk).update(name="改名")
    noted(parties[1], "verification-failed", "certificates:n", 0)
    rate_all(AT + timedelta(days=1))
    assert feed.feed_file(case.province, first.number, "json") == data
    (second,) = feed.rounds_after(case.province, first.pk)
    assert [one["name"] for one in json.loads(feed.feed_file(case.province, second.number, "json"))["ratings"]] == [
        "商户1"
    ]
    assert feed.rounds_after(case.province, second.pk) == []
    with pytest.raises(UnknownCreditError):
        feed.feed_file(case.province, "CREDIT-0", "json")


def test_a_trial_tells_who_moves_and_why(case: Case) -> None:
    others(3)
    recorded(case, "complaint-upheld")
    row = propose(
        case.province,
        changed(limits=[{"kind": "complaint-upheld", "days": 365, "count": 1, "best": "D"}], start=90_000), "", AT,
    )  # fmt: skip
    made = simulate(row, version_of(TODAY), TODAY, case.province.person_id, AT)
    result = made.result
    assert (result["parties"], result["moved"], result["worse"]) == (4, 4, 1)
    assert [one["becomes"] for one in result["moves"]] == [[0, 0, 0, 0], [3, 0, 0, 1], [0, 0, 0, 0], [0, 0, 0, 0]]
    assert [(one["name"], one["better"], one["worse"]) for one in result["by_region"]] == [
        ("440100", 0, 1),
        ("440300", 3, 0),
    ]
    worst = result["movers"][0]
    assert (worst["name"], worst["was"], worst["becomes"]) == (case.party.name, "B", "D")
    assert worst["why"].startswith("投诉举报属实 365 天内最高 D 级")
    assert Standing.objects.count() == 0  # nothing changed by trying


def test_the_list_narrows_and_goes_on(case: Case) -> None:
    others(4)
    recorded(case, "penalty")
    rate_all(AT)
    assert [row.grade for row in standings(case.province, "440000")] == ["C", "B", "B", "B", "B"]
    assert [row.party for row in standings(case.regulator, "440100")] == [case.party]
    assert len(standings(case.province, "440300", text="商户")) == 4
    assert [row.party_id for row in standings(case.province, "440000", grade="C")] == [case.party.pk]
    assert standings(case.province, "440000", text="没有") == []
    assert len(find_public("商户")) == 4
    assert [row.party for row in find_public(case.party.credit_code or "")] == [case.party]
    assert find_public("商") == []
