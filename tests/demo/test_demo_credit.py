"""The demonstration's year of credit: every grade is there, a contest waits, and each grade can be recomputed."""

from collections import Counter

import pytest

from small_world import AT, TODAY
from yuejingzhun.demo import province
from yuejingzhun.platform.foundation.events.services import deliver
from yuejingzhun.platform.foundation.parties.credit_code import check_credit_code
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.supervision.credit.models import Contest, Fact, Rating, Snapshot, Standing
from yuejingzhun.platform.supervision.credit.queries import explanation_of, known_facts, version_of
from yuejingzhun.platform.supervision.credit.rule_set import GRADES, read_rule_set
from yuejingzhun.platform.supervision.credit.rules import rate


@pytest.mark.django_db
def test_a_year_of_facts_is_rated(settings: object) -> None:
    province.load(AT, lambda _: None)
    grades = Counter(Standing.objects.values_list("grade", flat=True))
    assert set(grades) == set(GRADES)
    assert grades["A"] + grades["B"] > grades["D"]
    assert [made.on.isoformat() for made in Snapshot.objects.order_by("pk")] == [
        "2026-11-10", "2026-11-17", "2026-11-24",
    ]  # fmt: skip
    assert Fact.objects.filter(occurred_on__gt=TODAY).count() == 0
    assert Contest.objects.filter(decision="").count() == 1
    holder = Organisation.objects.get(name="演示供电局")
    assert explanation_of(holder.pk, TODAY, AT).rating.grade == Standing.objects.get(party=holder).grade == "C"
    rules = read_rule_set(version_of(TODAY).content.encode())
    facts = known_facts(list(Standing.objects.values_list("pk", flat=True)), AT)
    for row in Standing.objects.select_related("rating__snapshot", "party"):
        found = rate(rules, facts[row.pk], row.rating.snapshot.on)
        assert found.grade == row.grade
        assert check_credit_code(row.party.credit_code or "")
    assert Rating.objects.count() > Standing.objects.count()
    assert deliver() > 0  # the failed verifications of the demonstration's institute become facts as well
    assert Fact.objects.filter(kind="verification-failed", source__startswith="certificates:").exists()
