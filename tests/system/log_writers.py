"""Writers of the log that are killed at random points; run by test_log_faults.py in a process of its own.

Usage: log_writers.py SEED ROUNDS LONGEST_ROUND_MS PROMISES FOLDER. Each writer submits, sequences, signs and publishes
as fast as it can, and notes every place that it was promised and every checkpoint that was signed.
"""

import gc
import os
import random
import signal
import sys
import time
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path

import django

WRITERS = 4


def main(seed: int, rounds: int, longest: float, promises: Path, folder: Path) -> None:
    """Fork the writers, let them run for a moment, kill them; as often as asked."""
    django.setup()
    from django.apps import apps

    from yuejingzhun.evidence.authority import create_authority, issue_signer
    from yuejingzhun.platform.foundation.ledger import settings_of_log

    # Before the fork: else a writer spends the moment that it has to live with this.
    for module in ("publishing", "queries", "services"):
        import_module(f"yuejingzhun.platform.foundation.ledger.{module}")
    assert all(model._meta.related_objects is not None for model in apps.get_models())
    gc.freeze()

    at = datetime.now(UTC)
    signer = issue_signer(create_authority("演示根证书", at - timedelta(days=1)), "演示市计量检定所", at)
    settings_of_log.log_signer()
    generator = random.Random(seed)  # noqa: S311 - when to kill, not a secret
    for number in range(rounds):
        before = size_of(promises)
        children = [
            _fork(lambda n=n, r=number: write(f"{seed}-{r}-{n}", signer, promises, folder)) for n in range(WRITERS)
        ]
        if number % 2 or rounds == 1:  # however slow the machine: these have begun to write
            wait_until_grown(promises, before)
        time.sleep(generator.uniform(0.005, longest / 1000))
        generator.shuffle(children)
        for child in children:
            time.sleep(generator.uniform(0, 0.004))
            os.kill(child, signal.SIGKILL)
        for child in children:
            os.waitpid(child, 0)


def size_of(path: Path) -> int:
    """In bytes; none is 0."""
    return path.stat().st_size if path.exists() else 0


def wait_until_grown(path: Path, before: int, seconds: float = 30.0) -> None:
    """Return once the file is larger than before, or nobody wrote for so long: the database may be stopped."""
    last = time.monotonic() + seconds
    while size_of(path) <= before and time.monotonic() < last:
        time.sleep(0.002)


def _fork(work) -> int:
    child = os.fork()
    if child:
        return child
    try:
        work()
    finally:
        os._exit(0)


def write(name: str, signer, promises: Path, folder: Path) -> None:
    """Submit without end; a line is noted only after the call that promised it has returned."""
    from django.db import DatabaseError, connection, transaction

    from yuejingzhun.evidence.entry import Entry, encode, sign_entry
    from yuejingzhun.platform.foundation.ledger.publishing import publish
    from yuejingzhun.platform.foundation.ledger.queries import place_of
    from yuejingzhun.platform.foundation.ledger.services import sequence, sign_head, submit

    notes = os.open(promises, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    count = 0
    while True:
        now = datetime.now(UTC)
        entries = [Entry(f"{name}-{count + n}", "issued", now) for n in range(1 + count % 7)]
        count += len(entries)
        try:
            with transaction.atomic():
                for entry in entries:
                    submit(entry, sign_entry(encode(entry), signer), signer.certificate, now)
            os.write(notes, "".join(f"submitted {entry.number}\n" for entry in entries).encode())
            sequence()
            for entry in entries:
                place = place_of(entry.number, "issued")
                os.write(notes, f"place {entry.number} {place.index} {place.leaf.hex()}\n".encode())
            checkpoint = sign_head(now)
            os.write(notes, f"signed {checkpoint.size} {bytes(checkpoint.root).hex()}\n".encode())
            if name.endswith("-0"):
                publish(checkpoint, folder)
        except DatabaseError:
            # The database was stopped under us; what was promised before must still be there.
            connection.close()
            time.sleep(0.05)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), Path(sys.argv[4]), Path(sys.argv[5]))
