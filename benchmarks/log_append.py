"""Durable appends to the log in batches, against one-row INSERT + COMMIT in the same PostgreSQL.

Run: python benchmarks/log_append.py
"""

import os
import platform
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django
import psycopg
from django.core.management import call_command

from yuejingzhun.project.embedded_database import embedded_postgres

# The best of so many rounds, for both alike.
ROUNDS = 4
SINGLE, BATCH, BATCHES = 600, 256, 20


def main() -> None:
    """Print both rates and their ratio (claim: at least 20)."""
    with tempfile.TemporaryDirectory(prefix="yjz-bench-") as name, embedded_postgres(Path(name) / "postgres") as url:
        os.environ |= {"DATABASE_URL": url, "YJZ_DATA": name, "DJANGO_SETTINGS_MODULE": "yuejingzhun.project.settings"}
        django.setup()
        call_command("migrate", verbosity=0)
        with psycopg.connect(url) as connection:
            server = connection.info.parameter_status("server_version")
        print(f"{platform.machine()}, Python {platform.python_version()}, PostgreSQL {server}, fsync on")
        single = max(_single(url) for _ in range(ROUNDS))
        print(f"one row, INSERT + COMMIT: {single:,.0f} a second")
        rounds = [_batched(number) for number in range(ROUNDS)]
        submitted, sequenced, both = (max(rates) for rates in zip(*rounds, strict=True))
        print(f"statements submitted in batches of {BATCH}: {submitted:,.0f} a second")
        print(f"places given in batches of {BATCH}: {sequenced:,.0f} a second")
        print(f"both, until the promise: {both:,.0f} a second")
        print(
            f"ratio {sequenced / single:.1f} appended, {both / single:.1f} submitted and appended (claim: at least 20)"
        )


def _single(url: str) -> float:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table if not exists one (n bigint primary key, hash bytea)")
        connection.execute("truncate one")
        began = time.perf_counter()
        for n in range(SINGLE):
            connection.execute("insert into one values (%s, %s)", (n, bytes(32)))
        return SINGLE / (time.perf_counter() - began)


def _batched(number: int) -> tuple[float, float, float]:
    from yuejingzhun.evidence.authority import create_authority, issue_signer
    from yuejingzhun.evidence.entry import Entry
    from yuejingzhun.platform.foundation.ledger.log_tables import append_batch
    from yuejingzhun.platform.foundation.ledger.services import submit_many

    at = datetime.now(UTC)
    certificate = issue_signer(create_authority("演示根证书", at - timedelta(days=1)), "演示所", at).certificate
    submitting = sequencing = 0.0
    for batch in range(BATCHES):
        entries = [(Entry(f"N-{number}-{batch}-{n}", "issued", at), b"signature") for n in range(BATCH)]
        began = time.perf_counter()
        submit_many(entries, certificate, at)
        between = time.perf_counter()
        append_batch(wait=True)
        submitting += between - began
        sequencing += time.perf_counter() - between
    count = BATCH * BATCHES
    return count / submitting, count / sequencing, count / (submitting + sequencing)


if __name__ == "__main__":
    main()
