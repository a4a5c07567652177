"""Rounds of ratings: everybody is graded in one pass, and whose grade or facts changed is published.

A round of more than a snapshot holds makes several, each in one transaction with its entry for the log: killed at any
point, the round goes on behind the last whole one.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection, transaction

from yuejingzhun.evidence.credit_statement import Round, ratings_made
from yuejingzhun.evidence.log.merkle import root_of
from yuejingzhun.platform.foundation.parties.divisions import PROVINCE
from yuejingzhun.platform.foundation.parties.queries import Organisation, authorities
from yuejingzhun.platform.registry.approvals.signing import state
from yuejingzhun.platform.supervision.credit.columns import read_columns
from yuejingzhun.platform.supervision.credit.errors import CreditError
from yuejingzhun.platform.supervision.credit.feed_files import Head, Row, csv_file, json_file
from yuejingzhun.platform.supervision.credit.mass_rating import rate_columns
from yuejingzhun.platform.supervision.credit.models import Rating, RuleVersion, Snapshot, Standing
from yuejingzhun.platform.supervision.credit.published import Party, Statement, encode_statement, instant, leaf_of
from yuejingzhun.platform.supervision.credit.queries import known_facts, version_of
from yuejingzhun.platform.supervision.credit.rule_set import GRADES, read_rule_set
from yuejingzhun.platform.supervision.credit.rules import rate
from yuejingzhun.procedures.local_date import local_date

log = logging.getLogger(__name__)
LARGEST = 50_000  # ratings of one snapshot
ROWS = 2_000
LOCK = 7_302_151  # of the database: one round at a time
STANDING = """
INSERT INTO credit_standing
    (party_id, region, city, category, grade, score, facts, since, rating_id, rules_id, known_at)
SELECT *, %s, %s FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::int[],
    %s::date[], %s::bigint[])
ON CONFLICT (party_id) DO UPDATE SET region = excluded.region, city = excluded.city, category = excluded.category,
    score = excluded.score, facts = excluded.facts, rating_id = excluded.rating_id, rules_id = excluded.rules_id,
    known_at = excluded.known_at,
    since = CASE WHEN credit_standing.grade = excluded.grade THEN credit_standing.since ELSE excluded.since END,
    grade = excluded.grade
"""
# Of whom something was recorded, contested or decided since they were last rated.
TOLD_SINCE = """
SELECT f.party_id FROM credit_fact f JOIN credit_standing s ON s.party_id = f.party_id
WHERE f.recorded_at > s.known_at AND f.recorded_at <= %(known_at)s
UNION
SELECT f.party_id FROM credit_contest c JOIN credit_fact f ON f.id = c.fact_id
JOIN credit_standing s ON s.party_id = f.party_id
WHERE c.contested_at > s.known_at OR c.decided_at > s.known_at
"""


@dataclass(frozen=True, slots=True)
class Found:
    """A party with its grade of the round."""

    party: int
    score: int
    grade: str
    facts: int


def rate_daily(at: datetime, stopped: Callable[[], bool] = lambda: False) -> int:
    """The round of the day, if it isn't made yet and there are rules; how many ratings were published."""
    day = local_date(at)
    if (
        Snapshot.objects.filter(on__gte=day).exists()
        or not RuleVersion.objects.filter(effective_from__lte=day).exists()
    ):
        return 0
    try:
        return rate_all(at, stopped)
    except CreditError as error:
        log.warning("信用评价：%s", error)
        return 0


def rate_all(at: datetime, stopped: Callable[[], bool] = lambda: False) -> int:
    """Rate everybody on the day of `at` by what is known; how many ratings were published.

    Raises CreditError without a rule set, or without a province's authority to sign.
    """
    rules, authority, published = version_of(local_date(at)), _authority(), 0
    while not stopped():
        made = _snapshot(rules, authority, at)
        published += made
        if made < LARGEST:
            break
    return published


@transaction.atomic
def _snapshot(rules: RuleVersion, authority: int, at: datetime) -> int:
    """One snapshot of what isn't published yet; 0 where there is nothing, or another process is at it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        # Whoever records now is waited for, and whoever comes later is known later (migration 0002).
        cursor.execute("LOCK TABLE credit_fact, credit_contest IN SHARE MODE")
    newest = Snapshot.objects.order_by("-known_at").defer("leaves").first()
    on, known_at = local_date(at), at if newest is None else max(at, newest.known_at)
    found = _unpublished(rules, on, known_at)[:LARGEST]
    if not found and newest is not None and newest.on >= on:
        return 0
    number = f"CREDIT-{on:%Y%m%d}-{Snapshot.objects.filter(on=on).count() + 1:03}"
    said = _statements(found, rules, on, known_at)
    leaves = [leaf_of(statement) for _, _, statement in said]
    root = root_of(leaves).hex()
    head = Head(number, on, known_at, root, rules.version, rules.sha256)
    fed = [Row(party.credit_code or "", party.name, party.region, one.grade, one.score) for one, party, _ in said]
    made = Snapshot.objects.create(
        number=number,
        on=on,
        known_at=known_at,
        rules=rules,
        size=len(said),
        leaves=b"".join(leaves),
        root=root,
        json_sha256=hashlib.sha256(json_file(head, fed)).hexdigest(),
        csv_sha256=hashlib.sha256(csv_file(head, fed)).hexdigest(),
        taken_at=at,
    )
    _keep(made, said)
    told = Round(number, on.isoformat(), instant(known_at), str(rules.version), rules.sha256, made.size, made.root)
    state(ratings_made(told, at.replace(microsecond=0)), authority, at)
    return len(said)


def _unpublished(rules: RuleVersion, on: date, known_at: datetime) -> list[Found]:
    """Those never rated, rated otherwise or by other rules, and those of whom something was told since."""
    content = read_rule_set(rules.content.encode())
    graded = rate_columns(content, read_columns(known_at), on)
    columns = (column.tolist() for column in (graded.party, graded.score, graded.grade, graded.facts))
    rows = zip(*columns, strict=True)
    now = {party: Found(party, score, GRADES[grade], facts) for party, score, grade, facts in rows}
    last = {key: (grade, of) for key, grade, of in Standing.objects.values_list("party_id", "grade", "rules_id")}
    with connection.cursor() as cursor:
        cursor.execute(TOLD_SINCE, {"known_at": known_at})
        told = {row[0] for row in cursor.fetchall()}
    nothing = rate(content, (), on)
    for party in last.keys() - now.keys():  # all that was known of them was withdrawn
        now[party] = Found(party, nothing.score, nothing.grade, 0)
    return [one for key, one in sorted(now.items()) if key in told or last.get(key) != (one.grade, rules.pk)]


def _statements(
    found: Sequence[Found], rules: RuleVersion, on: date, known_at: datetime
) -> list[tuple[Found, Organisation, bytes]]:
    said = []
    for start in range(0, len(found), ROWS):
        chunk = found[start : start + ROWS]
        keys = [one.party for one in chunk]
        parties = Organisation.objects.in_bulk(keys)
        facts = known_facts(keys, known_at)
        for one in chunk:
            party = parties[one.party]
            about = Party(party.credit_code or "", party.name, party.region)
            known = tuple(facts[one.party])
            said_of = (str(rules.version), rules.sha256, known, one.grade, one.score)
            statement = Statement(about, on, known_at, *said_of)
            said.append((one, party, encode_statement(statement)))
    return said


def _keep(made: Snapshot, said: Sequence[tuple[Found, Organisation, bytes]]) -> None:
    rows = [
        Rating(
            snapshot=made, place=place, party_id=one.party, grade=one.grade, score=one.score,
            statement=statement.decode(),
        )
        for place, (one, _, statement) in enumerate(said)
    ]  # fmt: skip
    kept = Rating.objects.bulk_create(rows, batch_size=ROWS)
    columns = list(
        zip(
            *(
                (p.pk, p.region, p.region[:4], p.kind, one.grade, one.score, one.facts, made.on, rating.pk)
                for rating, (one, p, _) in zip(kept, said, strict=True)
            ),
            strict=True,
        )
    )
    if columns:
        with connection.cursor() as cursor:
            cursor.execute(STANDING, [made.rules_id, made.known_at, *map(list, columns)])


def _authority() -> int:
    found = next((one.pk for one in authorities() if one.region == PROVINCE), None)
    if found is None:
        raise CreditError("没有登记省级市场监管部门，评价没有人签名")
    return found
