"""Scenes of credit: the party is whom facts are about; nobody of the town has recorded them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from credit_cases import changed, in_force, told
from permissions.seats import Seat
from permissions.town import AT, TODAY, Call, Town, scene
from small_world import actor
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.supervision.credit import feed, queries
from yuejingzhun.platform.supervision.credit.models import Contest, Fact, Repair, RuleVersion, Simulation, Snapshot
from yuejingzhun.platform.supervision.credit.rules import Decision
from yuejingzhun.platform.supervision.credit.services import contests, facts, repairs, rounds, rule_sets
from yuejingzhun.platform.supervision.credit.simulating import simulate

APP = "supervision.credit"


def rules(town: Town) -> RuleVersion:
    """A rule set in force."""
    return RuleVersion.objects.first() or in_force(town.one(Role.REGULATOR, Seat.PROVINCE))


def fact(town: Town, kind: str = "complaint-upheld", days_ago: int = 5) -> Fact:
    """A fact about the party that another app told."""
    number = Fact.objects.count()
    return facts.note(told(town.world.holder, kind, f"来源 {number}", days_ago), AT - timedelta(days_ago))


def clerk(town: Town) -> Actor:
    """Somebody who speaks for the party and is nobody of the seats."""
    return actor("另一经办", town.world.holder, Role.HOLDER)


def contested(town: Town) -> Contest:
    """An open contest."""
    return contests.contest(clerk(town), fact(town).pk, "不是我们", AT)


def repairable(town: Town) -> Fact:
    """An old fact whose conditions of repair are met."""
    rules(town)
    return fact(town, days_ago=200)


def applied(town: Town) -> Repair:
    """An open application for repair."""
    return repairs.apply(clerk(town), repairable(town).pk, "已整改", AT)


def rated(town: Town) -> Snapshot:
    """A round with the party in it."""
    rules(town)
    fact(town)
    rounds.rate_all(AT)
    return Snapshot.objects.latest("pk")


def tried(town: Town) -> Simulation:
    """What trying a rule set told."""
    row = rules(town)
    fact(town)
    return simulate(row, None, TODAY, town.themselves.pk, AT)


def proposed(town: Town) -> RuleVersion:
    """A rule set that isn't adopted."""
    rules(town)
    return rule_sets.propose(town.one(Role.REGULATOR, Seat.PROVINCE), changed(start=70_000), "", AT)


def _step(key: str, before: Callable[[Town], Any], act: Callable[[Actor, Any], Any]) -> None:
    @scene(f"{APP}.{key}")
    def _(town: Town) -> Call:
        found = before(town)
        return lambda who: act(who, found)


def _party(town: Town) -> int:
    rules(town)
    fact(town)
    return town.party


_step("queries.party", _party, queries.party)
_step("queries.explanation", _party, lambda who, key: queries.explanation(who, key, TODAY, AT))
_step("queries.facts_page", _party, queries.facts_page)
_step("queries.fact", lambda town: fact(town).pk, queries.fact)
_step("queries.own_party", lambda town: str(town.party), queries.own_party)
_step("queries.standings", rated, lambda who, made: bool(queries.standings(who, "440106")))
_step("queries.facts_in", fact, lambda who, row: row in queries.facts_in(who, "440106"))
_step("queries.facts_by_place", fact, lambda who, row: bool(queries.facts_by_place(who, "440106", row.recorded_at)))
_step("queries.grades_by_place", rated, lambda who, made: bool(queries.grades_by_place(who, "440106")))
_step("queries.news_in", fact, lambda who, row: bool(queries.news_in(who, "440106", 1)))
_step("queries.contests_to_decide", contested, lambda who, row: row in queries.contests_to_decide(who))
_step("queries.repairs_to_decide", applied, lambda who, row: row in queries.repairs_to_decide(who))
_step("queries.simulation", tried, lambda who, row: queries.simulation(who, row.pk))
_step("services.facts.record", lambda town: told(town.world.holder),
      lambda who, found: facts.record(who, found, AT))  # fmt: skip
_step("services.contests.contest", fact, lambda who, row: contests.contest(who, row.pk, "不是我们", AT))
_step("services.contests.decide", contested,
      lambda who, row: contests.decide(who, row.fact_id, Decision.UPHELD, "维持", AT))  # fmt: skip
_step("services.repairs.apply", repairable, lambda who, row: repairs.apply(who, row.pk, "已整改", AT))
_step("services.repairs.decide_repair", applied,
      lambda who, row: repairs.decide_repair(who, row.pk, True, "符合", AT))  # fmt: skip
_step("services.rule_sets.propose", rules, lambda who, row: rule_sets.propose(who, changed(start=1), "", AT))
_step("services.rule_sets.adopt", proposed,
      lambda who, row: rule_sets.adopt(who, row.version, TODAY + timedelta(1), AT))  # fmt: skip
_step("services.rule_sets.ask_simulation", rules,
      lambda who, row: rule_sets.ask_simulation(who, row.version, TODAY, AT))  # fmt: skip
_step("feed.rounds_after", rated, lambda who, made: made in feed.rounds_after(who))
_step("feed.feed_file", rated, lambda who, made: feed.feed_file(who, made.number, "json"))
