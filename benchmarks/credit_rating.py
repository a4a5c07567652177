"""Rating 500,000 parties with 5 million facts: one pass over the database's columns, against a loop of party by party.

Both on the same database with the product's own tables and indexes, both to the grade and the points of each party.
The loop is what the page of a party does (`queries.known_facts`, `rules.rate`), timed over parties spread evenly, since
all of them take minutes; its time is multiplied up, and that is said in the output. The results are compared bit for
bit: those of the loop with the pass, and of every party the pass with `rules.rate` over the same facts.

And one party: its grade with the explanation of the page, in CPU time of this process.

Run: python benchmarks/credit_rating.py [--parties 500000] [--facts 5000000] [--sample 2000] [--skip-all]
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import django
import numpy as np
from django.core.management import call_command

from yuejingzhun.project.embedded_database import embedded_postgres

NOW, ON = datetime(2026, 11, 24, 8, 30, tzinfo=UTC), date(2026, 11, 24)
# About a third as much as a whole province records in ten years; deterministic, so that each run has the same facts.
PARTIES = """
INSERT INTO parties_organisation (id, name, name_en, credit_code, kind, region, address, phone, authorisation)
SELECT n, '单位' || n, '', NULL, 'holder', '440106', '', '', '' FROM generate_series(1, %(parties)s) AS n
"""
FACTS = """
INSERT INTO credit_fact (id, party_id, kind, source, occurred_on, recorded_at, region, quantity, summary, withdrawn)
SELECT n, 1 + mod(abs(hashint8(n)::bigint), %(parties)s),
    (%(kinds)s::text[])[1 + mod(abs(hashint8(n + 7)::bigint), %(many)s)], 'b:' || n, date '2026-11-24' - day,
    timestamptz '2026-11-24 08:00+00' - day * interval '1 day', '440106',
    1 + mod(abs(hashint8(n + 13)::bigint), 12), '摘要', false
FROM generate_series(1, %(facts)s) AS n, LATERAL (SELECT mod(abs(hashint8(n + 3)::bigint), 1500)::int AS day) AS d
"""
CORRECTED = """
INSERT INTO credit_fact
    (party_id, kind, source, occurred_on, recorded_at, region, quantity, summary, withdrawn, supersedes_id)
SELECT party_id, kind, source, occurred_on, recorded_at + interval '1 hour', region, quantity + 1, summary,
    mod(id, 2) = 0, id
FROM credit_fact WHERE mod(id, 97) = 0
"""
REPAIRED = """
INSERT INTO credit_fact
    (party_id, kind, source, occurred_on, recorded_at, region, quantity, summary, withdrawn, repairs_id)
SELECT party_id, 'credit-repaired', 'r:' || id, occurred_on, recorded_at + interval '2 hours', region, 1, '', false, id
FROM credit_fact WHERE mod(id, 89) = 0 AND supersedes_id IS NULL AND kind = 'penalty'
"""
CONTESTED = """
INSERT INTO credit_contest (fact_id, reason, contested_by_id, contested_at, decision, decision_reason)
SELECT f.id, '', p.id, f.recorded_at, '', '' FROM credit_fact f, parties_person p WHERE mod(f.id, 83) = 0
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parties", type=int, default=500_000)
    parser.add_argument("--facts", type=int, default=5_000_000)
    parser.add_argument("--sample", type=int, default=2_000)
    parser.add_argument("--skip-all", action="store_true", help="don't compare every party, only the sample")
    options = parser.parse_args()
    print(f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}, NumPy {np.__version__}")
    with tempfile.TemporaryDirectory(prefix="yjz-credit-") as folder:
        os.environ["YJZ_DATA"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "yuejingzhun.project.settings"
        with embedded_postgres(Path(folder) / "postgres", durable=False) as url:
            os.environ["DATABASE_URL"] = url
            django.setup()
            call_command("migrate", verbosity=0)
            load(options.parties, options.facts)
            compare(options)


def load(parties: int, facts: int) -> None:
    from django.db import connection, transaction

    from yuejingzhun.demo.copying import built_once
    from yuejingzhun.platform.foundation.parties.models import Person
    from yuejingzhun.platform.supervision.credit.kinds import rated_kinds
    from yuejingzhun.platform.supervision.credit.models import RuleVersion
    from yuejingzhun.platform.supervision.credit.rule_set import canonical, default_rules

    begun = time.perf_counter()
    values = {"parties": parties, "facts": facts, "kinds": list(rated_kinds()), "many": len(rated_kinds())}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PARTIES, values)
        person = Person.objects.create(name="经办", organisation_id=1)
        cursor.execute("ALTER TABLE credit_fact DISABLE TRIGGER USER")
        cursor.execute("ALTER TABLE credit_contest DISABLE TRIGGER USER")
        with built_once("credit_fact", lambda _: None):
            cursor.execute(FACTS, values)
            cursor.execute("SELECT setval(pg_get_serial_sequence('credit_fact', 'id'), %s)", [facts])
            cursor.execute(CORRECTED)
            cursor.execute(REPAIRED)
        cursor.execute(CONTESTED)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE credit_fact ENABLE TRIGGER USER")
        cursor.execute("ALTER TABLE credit_contest ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE credit_fact, credit_contest")
    content = canonical(json.loads(default_rules()))
    RuleVersion.objects.create(
        version=1, name="示范", content=content.decode(), sha256="0" * 64, proposed_by=person, proposed_at=NOW,
        effective_from=date(2020, 1, 1), adopted_by=person, adopted_at=datetime(2020, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    print(f"loaded {parties:,} parties, {facts:,} facts and their corrections in {time.perf_counter() - begun:.0f} s")


def compare(options: argparse.Namespace) -> None:
    from yuejingzhun.platform.supervision.credit.columns import read_columns
    from yuejingzhun.platform.supervision.credit.mass_rating import rate_columns
    from yuejingzhun.platform.supervision.credit.queries import explanation_of, known_facts
    from yuejingzhun.platform.supervision.credit.rule_set import GRADES, default_rules, read_rule_set
    from yuejingzhun.platform.supervision.credit.rules import rate

    rules = read_rule_set(default_rules())
    passes = []
    for _ in range(3):
        begun = time.perf_counter()
        columns = read_columns(NOW)
        read = time.perf_counter()
        graded = rate_columns(rules, columns, ON)
        passes.append((time.perf_counter() - begun, read - begun))
    whole, reading = sorted(passes)[1]
    number = len(graded.party)
    print(
        f"one pass: {number:,} parties, {len(columns.party):,} facts: {whole:.2f} s, of which reading {reading:.2f} s"
    )

    sample = graded.party[:: max(number // options.sample, 1)].tolist()
    place = {key: index for index, key in enumerate(graded.party.tolist())}
    begun = time.perf_counter()
    singly = [(key, rate(rules, known_facts([key], NOW)[key], ON)) for key in sample]
    each = (time.perf_counter() - begun) / len(sample)
    for key, found in singly:
        mine = place[key]
        assert (found.score, found.grade) == (graded.score[mine], GRADES[graded.grade[mine]]), key
    loop = each * number
    print(f"party by party: {each * 1e3:.3f} ms each over {len(sample):,} parties, {loop:.0f} s for all of them")
    print(f"ratio: {loop / whole:.0f} (claimed: at least 50); the sample's results are the same bit for bit")
    if not options.skip_all:
        every(rules, columns, graded)

    times = []
    for key in sample[:: max(len(sample) // 200, 1)]:
        begun = time.process_time()
        explanation_of(key, ON, NOW)
        times.append((time.process_time() - begun) * 1e3)
    times.sort()
    middle, high = statistics.median(times), times[int(len(times) * 0.99)]
    print(f"one party with explanation: median {middle:.1f} ms, 99 % {high:.1f} ms of CPU (claimed: below 20)")


def every(rules: object, columns: object, graded: object) -> None:
    """Every party's facts out of the columns, rated by the plain function."""
    from yuejingzhun.platform.supervision.credit.kinds import rated_kinds
    from yuejingzhun.platform.supervision.credit.mass_rating import NEVER
    from yuejingzhun.platform.supervision.credit.rule_set import GRADES
    from yuejingzhun.platform.supervision.credit.rules import Known, rate

    begun, kinds, first = time.perf_counter(), rated_kinds(), date(2000, 1, 1)
    names = ("kind", "day", "quantity", "contested", "repaired")
    bounds = np.append(0, np.cumsum(graded.facts)).tolist()
    for number, (start, end) in enumerate(pairwise(bounds)):
        rows = zip(*(getattr(columns, name)[start:end].tolist() for name in names), strict=True)
        facts = [
            Known(0, kinds[k], first + timedelta(d), q, bool(c), None if r == NEVER else first + timedelta(r))
            for k, d, q, c, r in rows
        ]
        found = rate(rules, facts, ON)
        assert (found.score, found.grade) == (graded.score[number], GRADES[graded.grade[number]])
    took = time.perf_counter() - begun
    print(f"all {len(bounds) - 1:,} parties are the same bit for bit as by the plain function ({took:.0f} s)")


if __name__ == "__main__":
    main()
