"""Facts, contests, repair and rule sets, with the database's own refusals."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from credit_cases import BEFORE, Case, changed, make_case, noted, recorded, told
from small_world import AT, TODAY, World, actor
from yuejingzhun.platform.foundation.audit.models import AuditEvent
from yuejingzhun.platform.foundation.ledger.queries import statement
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.rules import Role
from yuejingzhun.platform.supervision.credit.errors import CreditError, UnknownCreditError
from yuejingzhun.platform.supervision.credit.models import Contest, Fact, Repair, RuleVersion
from yuejingzhun.platform.supervision.credit.queries import explanation, known_facts, version_of
from yuejingzhun.platform.supervision.credit.rules import Decision
from yuejingzhun.platform.supervision.credit.services.contests import contest, decide
from yuejingzhun.platform.supervision.credit.services.facts import record, withdraw_source
from yuejingzhun.platform.supervision.credit.services.repairs import apply, decide_repair
from yuejingzhun.platform.supervision.credit.services.rule_sets import adopt, propose


@pytest.fixture
def case(world: World) -> Case:
    return make_case(world)


def kinds(case: Case, at: Any = AT) -> list[tuple[str, int]]:
    return [(fact.kind, fact.quantity) for fact in known_facts([case.party.pk], at)[case.party.pk]]


def test_a_fact_of_the_future_is_refused_by_service_and_database(case: Case) -> None:
    with pytest.raises(CreditError, match=r"发生日期：2026-11-25 在未来，今天是 2026-11-24"):
        record(case.regulator, told(case.party, days_ago=-1), AT)
    with pytest.raises(IntegrityError, match="fact_not_of_the_future"), transaction.atomic():
        Fact.objects.create(
            party=case.party, kind="penalty", source="x", occurred_on=TODAY + timedelta(1), recorded_at=AT,
            region="440106", summary="x",
        )  # fmt: skip


@pytest.mark.parametrize(
    ("more", "why"),
    [({"quantity": 0}, "数量：应为 1"), ({"source": " "}, "来源（文书号）：没有填写"),
     ({"summary": ""}, "摘要：没有填写"),
     ({"summary": "长" * 501}, "至多 500 个字"), ({"kind": "verification-failed"}, "检定不合格 不由人工记录"),
     ({"kind": "theft"}, "不由人工记录"), ({"days_ago": 20_000}, "早于 2000-01-01")],
)  # fmt: skip
def test_a_wrong_fact_is_told_what_is_wrong(case: Case, more: dict[str, Any], why: str) -> None:
    with pytest.raises(CreditError) as error:
        record(case.regulator, told(case.party, **more), AT)
    assert why in str(error.value)
    assert not Fact.objects.exists()


def test_told_twice_it_is_one_fact(case: Case) -> None:
    first = recorded(case)
    with pytest.raises(CreditError, match=f"已经记录，见第 {first.pk} 号事实"):
        recorded(case)
    assert noted(case.party, "verification-failed", "certificates:1", 5) == noted(
        case.party, "verification-failed", "certificates:1", 5
    )
    assert Fact.objects.count() == 2


@pytest.mark.parametrize(
    "change",
    ["UPDATE credit_fact SET quantity = 9", "DELETE FROM credit_fact", "TRUNCATE credit_fact CASCADE"],
)
def test_the_database_refuses_to_change_a_fact(case: Case, change: str) -> None:
    recorded(case)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(change)


def test_a_contest_upheld_leaves_the_fact(case: Case) -> None:
    row = recorded(case)
    contest(case.clerk, row.pk, "不是我们", AT)
    assert known_facts([case.party.pk], AT)[case.party.pk][0].contested
    made = decide(case.colleague, row.pk, Decision.UPHELD, "证据确凿", AT)
    assert (made.decision, made.decided_by_id) == ("UPHELD", case.colleague.person_id)
    assert kinds(case) == [("complaint-upheld", 1)]
    assert Fact.objects.count() == 1
    assert not known_facts([case.party.pk], AT)[case.party.pk][0].contested


def test_a_contest_corrects_by_a_fact_that_supersedes(case: Case) -> None:
    row = recorded(case, "fleet-error", quantity=7)
    contest(case.clerk, row.pk, "只有两台", AT)
    with pytest.raises(CreditError, match="没有改变"):
        decide(case.colleague, row.pk, Decision.CORRECTED, "核实", AT)
    decide(case.colleague, row.pk, Decision.CORRECTED, "核实", AT, quantity=2)
    assert kinds(case) == [("fleet-error", 2)]
    assert kinds(case, AT - timedelta(days=1)) == [("fleet-error", 7)]  # as was known then
    later = Fact.objects.get(supersedes=row)
    assert (later.quantity, later.source, later.recorded_by_id) == (2, row.source, case.colleague.person_id)
    with pytest.raises(CreditError, match="已被更正或撤销"):
        contest(case.clerk, row.pk, "再来", AT)
    contest(case.clerk, later.pk, "仍然不对", AT)  # the correction is a fact of its own


def test_a_contest_withdraws(case: Case) -> None:
    row = recorded(case, "penalty")
    contest(case.clerk, row.pk, "已被复议撤销", AT)
    assert explanation(case.clerk, case.party.pk, TODAY, AT).rating.grade == "C"
    decide(case.colleague, row.pk, Decision.WITHDRAWN, "复议决定", AT)
    assert kinds(case) == []
    assert explanation(case.clerk, case.party.pk, TODAY, AT + timedelta(seconds=1)).rating.grade == "B"
    assert explanation(case.clerk, case.party.pk, TODAY, AT - timedelta(hours=1)).rating.grade == "C"


def test_an_appeal_after_the_term_is_refused_with_the_day(case: Case) -> None:
    row = recorded(case, days_ago=31)
    until = TODAY - timedelta(1)
    with pytest.raises(CreditError, match=f"已于 {until} 届满"):
        contest(case.clerk, row.pk, "太晚", AT)
    contest(case.clerk, recorded(case, source="文 2", days_ago=30).pk, "最后一天", AT)


def test_who_recorded_or_contested_does_not_decide(case: Case) -> None:
    row = recorded(case)
    contest(case.clerk, row.pk, "不是我们", AT)
    with pytest.raises(NotPermittedError, match="须由其他监管人员决定"):
        decide(case.regulator, row.pk, Decision.UPHELD, "我记的", AT)
    with pytest.raises(IntegrityError), transaction.atomic():  # the database says so as well
        Contest.objects.update(
            decision="UPHELD", decided_by=case.regulator.person_id, decided_at=AT, decision_reason="x"
        )
    both = actor("两边", case.party, Role.HOLDER)
    assert both.grants


def test_once_decided_it_stays(case: Case) -> None:
    row = recorded(case)
    with pytest.raises(CreditError, match="没有待决定的异议"):
        decide(case.colleague, row.pk, Decision.UPHELD, "没有人提", AT)
    contest(case.clerk, row.pk, "不是我们", AT)
    with pytest.raises(CreditError, match="提出过异议"):
        contest(case.clerk, row.pk, "又一次", AT)
    decide(case.colleague, row.pk, Decision.UPHELD, "维持", AT)
    with pytest.raises(CreditError, match="没有待决定的异议"):
        decide(case.colleague, row.pk, Decision.WITHDRAWN, "改主意", AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Contest.objects.update(decision="WITHDRAWN")
    with pytest.raises(CreditError, match="提出过异议"):
        contest(case.clerk, row.pk, "再一次", AT)


def test_others_neither_see_nor_contest(case: Case, world: World) -> None:
    row = recorded(case)
    for who in (world.stranger, world.verifier):
        with pytest.raises(UnknownCreditError, match="或您无权查看"):
            contest(who, row.pk, "我", AT)
    with pytest.raises(NotPermittedError):
        contest(case.regulator, row.pk, "监管人员不能替它", AT)
    with pytest.raises(UnknownCreditError):
        contest(case.clerk, 2**70, "没有", AT)


def test_what_a_source_no_longer_says_is_withdrawn(case: Case) -> None:
    noted(case.party, "verification-failed", "certificates:1", 5)
    assert withdraw_source("verification-failed", "certificates:1", "证书已撤销", AT)
    assert withdraw_source("verification-failed", "certificates:1", "证书已撤销", AT) is None
    assert withdraw_source("verification-failed", "certificates:2", "证书已撤销", AT) is None
    assert kinds(case) == []


def test_credit_is_repaired_by_the_rules_and_from_that_day_on(case: Case) -> None:
    row = recorded(case, "penalty", days_ago=400)
    asked = apply(case.clerk, row.pk, "已整改", AT)
    with pytest.raises(CreditError, match="已在办理"):
        apply(case.clerk, row.pk, "再申请", AT)
    with pytest.raises(NotPermittedError, match="须由其他"):
        decide_repair(case.regulator, asked.pk, True, "我记的", AT)
    done = decide_repair(case.colleague, asked.pk, True, "符合条件", AT)
    assert (done.state, done.effective_on) == ("GRANTED", TODAY)
    after = AT + timedelta(minutes=1)
    assert explanation(case.clerk, case.party.pk, TODAY, after).rating.grade == "B"
    assert explanation(case.clerk, case.party.pk, TODAY - timedelta(1), after).rating.grade == "C"
    assert explanation(case.clerk, case.party.pk, TODAY, AT - timedelta(hours=1)).rating.grade == "C"
    with pytest.raises(CreditError, match="已办理"):
        decide_repair(case.colleague, asked.pk, False, "反悔", AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        Repair.objects.update(reason="x")
    with pytest.raises(CreditError, match="不能信用修复"):
        apply(case.clerk, row.pk, "又来", AT)


def test_repair_has_its_conditions_also_when_it_is_decided(case: Case) -> None:
    early = recorded(case, "penalty", days_ago=300)
    with pytest.raises(CreditError, match="修复条件未满足：自该事实发生之日起满 365 天（已 300 天）"):
        apply(case.clerk, early.pk, "已整改", AT)
    row = recorded(case, "complaint-upheld", "文 2", days_ago=200)
    asked = apply(case.clerk, row.pk, "已整改", AT)
    recorded(case, "complaint-upheld", "文 3", days_ago=1)
    with pytest.raises(CreditError, match="没有其他不利事实"):
        decide_repair(case.colleague, asked.pk, True, "符合", AT)
    refused = decide_repair(case.colleague, asked.pk, False, "又有投诉", AT)
    assert refused.state == "REFUSED"
    with pytest.raises(CreditError, match="不能信用修复"):
        apply(case.clerk, noted(case.party, "verification-overdue", "i:1", 500).pk, "已检", AT)


def test_rules_are_the_provinces_and_never_reach_back(case: Case) -> None:
    for who in (case.regulator, case.colleague, case.clerk):
        with pytest.raises(NotPermittedError):
            propose(who, changed(start=70_000), "", AT)
    row = propose(case.province, changed(start=70_000), "下调起始分", AT)
    assert row.version == 2
    with pytest.raises(CreditError, match="与第 2 版完全相同"):
        propose(case.province, changed(start=70_000), "", AT)
    with pytest.raises(CreditError, match="早于今天"):
        adopt(case.province, 2, TODAY - timedelta(1), AT)
    adopt(case.province, 2, TODAY + timedelta(7), AT)
    assert version_of(TODAY + timedelta(6)).version == 1
    assert version_of(TODAY + timedelta(7)).version == 2
    with pytest.raises(CreditError, match="已发布"):
        adopt(case.province, 2, TODAY + timedelta(9), AT)
    propose(case.province, changed(start=60_000), "", AT)
    with pytest.raises(CreditError, match="另一版规则也自"):
        adopt(case.province, 3, TODAY + timedelta(7), AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleVersion.objects.filter(version=2).update(content="{}")
    logged = statement("CREDIT-RULES-2", "credit-rules-adopted")
    assert logged is not None
    assert row.sha256 in bytes(logged.content).decode()


def test_a_wrong_rule_set_is_not_kept(case: Case) -> None:
    with pytest.raises(CreditError) as error:
        propose(case.province, changed(result="没有", contested="?"), "", AT)
    assert len(error.value.problems) == 2
    assert RuleVersion.objects.count() == 1


def test_without_rules_there_is_no_grade(world: World) -> None:
    clerk = actor("经办", world.holder, Role.HOLDER)
    with pytest.raises(CreditError, match="没有生效的信用规则"):
        explanation(clerk, world.holder.pk, TODAY, AT)
    province = actor("省", Organisation.objects.create(name="省局", kind="authority", region="440000"), Role.REGULATOR)
    adopt(province, propose(province, changed(), "", BEFORE).version, date(2026, 1, 1), BEFORE)
    with pytest.raises(CreditError, match="2025-12-31 没有生效"):
        explanation(clerk, world.holder.pk, date(2025, 12, 31), AT)


def test_every_act_is_in_the_trail(case: Case) -> None:
    row = recorded(case)
    contest(case.clerk, row.pk, "不是我们", AT)
    decide(case.colleague, row.pk, Decision.UPHELD, "维持", AT)
    events = AuditEvent.objects.filter(subject="credit_fact", subject_id=row.pk).order_by("pk")
    told_of = list(events.values_list("action", flat=True))
    assert told_of == ["记录信用事实", "提出信用异议", "决定信用异议"]
