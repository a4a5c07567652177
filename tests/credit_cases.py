"""What the tests of credit share: a rule set in force, parties, facts, and people on both sides."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from small_world import AT, TODAY, World, actor
from yuejingzhun.platform.foundation.parties.credit_code import check_character
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.supervision.credit.models import Fact, RuleVersion
from yuejingzhun.platform.supervision.credit.rule_set import default_rules
from yuejingzhun.platform.supervision.credit.services.facts import Told, note, record
from yuejingzhun.platform.supervision.credit.services.rule_sets import adopt, propose

FIRST = date(2024, 1, 1)
BEFORE = datetime(2023, 12, 1, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Case:
    """A party with somebody who speaks for it, and the regulators of its city, its county and the province."""

    party: Organisation
    clerk: Actor
    regulator: Actor
    colleague: Actor
    province: Actor
    authority: Organisation


def changed(**parts: Any) -> bytes:
    """The default rule set with other parts, as JSON."""
    return json.dumps(json.loads(default_rules()) | parts, ensure_ascii=False).encode()


def in_force(province: Actor, content: bytes | None = None) -> RuleVersion:
    """A rule set adopted long ago."""
    row = propose(province, content or default_rules(), "", BEFORE)
    return adopt(province, row.version, FIRST, BEFORE)


def make_case(world: World, content: bytes | None = None) -> Case:
    province = Organisation.objects.get_or_create(name="省局", kind="authority", region="440000")[0]
    with_code(world.holder)
    county = Organisation.objects.create(name="县局", kind="authority", region="440106")
    case = Case(
        world.holder,
        actor("经办", world.holder, Role.HOLDER),
        world.regulator,
        actor("县监管", county, Role.REGULATOR),
        actor("省监管", province, Role.REGULATOR),
        province,
    )
    in_force(case.province, content)
    return case


def with_code(party: Organisation, number: int = 1) -> Organisation:
    """The party with a valid credit code."""
    first17 = f"91440106MA5{number:06}"
    party.credit_code = first17 + check_character(first17)
    party.save(update_fields=["credit_code"])
    return party


def told(
    party: Organisation, kind: str = "complaint-upheld", source: str = "文 1", days_ago: int = 10, **more: Any
) -> Told:
    return Told(party.pk, kind, source, TODAY - timedelta(days_ago), more.pop("summary", "摘要"), **more)


def recorded(case: Case, kind: str = "complaint-upheld", source: str = "文 1", days_ago: int = 10, **more: Any) -> Fact:
    """A fact that the city's regulator recorded on the day on which it occurred."""
    found = told(case.party, kind, source, days_ago, **more)
    return record(case.regulator, found, AT - timedelta(days_ago))


def noted(party: Organisation, kind: str, source: str, days_ago: int, quantity: int = 1) -> Fact:
    """A fact that another app told on the day on which it occurred."""
    return note(told(party, kind, source, days_ago, quantity=quantity), AT - timedelta(days_ago))
