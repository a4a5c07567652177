"""Real processes at one folder of parts: two that extend it at once, and one that is killed while it writes."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import pytest
from django.db import connection

from yuejingzhun.metrology.traceability.graph import calibrations
from yuejingzhun.metrology.traceability.part import Part, merged
from yuejingzhun.platform.registry.traceability import parts_on_file
from yuejingzhun.platform.registry.traceability.parts_on_file import grown, kept_parts, locked

LAST = 6_000
# What every process knows of the links: a link a number, the same for all.
LINKS = """
import os, sys, time
from pathlib import Path
import numpy as np
from yuejingzhun.metrology.traceability.graph import calibrations
from yuejingzhun.platform.registry.traceability import parts_on_file
from yuejingzhun.platform.registry.traceability.parts_on_file import grown, kept_parts, locked
parts_on_file.FEW = 0
folder = Path(sys.argv[1])
def read(after, last):
    number = np.arange(after + 1, last + 1)
    return calibrations(1000 + number % 700, number % 50, number % 400, number=number).parts[0]
"""
EXTEND = """
while True:
    with locked(folder):
        known = kept_parts(folder)
        last = known[-1].last if known else 0
        if last >= 6_000:
            break
        grown(folder, known, min(last + 1 + os.getpid() % 97, 6_000), read)
"""
STOP_AT = """
def stop(*arguments):
    print("here", flush=True)
    time.sleep(60)
with locked(folder):
    known = kept_parts(folder)
    {where} = stop
    grown(folder, known, 6_000, read)
"""
SNAPSHOTS = """
import sys
import django
django.setup()
import numpy as np
from yuejingzhun.platform.registry.traceability import parts_on_file
from yuejingzhun.platform.registry.traceability.models import Link
from yuejingzhun.platform.registry.traceability.snapshot import current_snapshot
parts_on_file.FEW = 50
last = 0
while last < int(sys.argv[1]):
    found = current_snapshot()
    assert found.last >= last
    last = found.last
    ids = np.sort(found.graph.at(np.arange(found.graph.links), "number"))
    assert ids.tolist() == list(Link.objects.filter(pk__lte=last).order_by("pk").values_list("pk", flat=True))
"""


def read(after: int, last: int) -> Part:
    number = np.arange(after + 1, last + 1)
    return calibrations(1000 + number % 700, number % 50, number % 400, number=number).parts[0]


def process(program: str, *arguments: object, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", program, *map(str, arguments)], text=True, stdout=subprocess.PIPE,
        env=os.environ | environment,
    )  # fmt: skip


def is_whole(folder: Path) -> bool:
    """Whether the parts on file are together what is made at once."""
    found, at_once = merged(tuple(one.part for one in kept_parts(folder))), read(0, LAST)
    names = set(Part.__slots__) - {"by_lower"}  # of links of one calibration any order will do
    return all(np.array_equal(getattr(found, name), getattr(at_once, name), equal_nan=True) for name in names)


def test_two_processes_that_extend_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    both = [process(LINKS + EXTEND, tmp_path) for _ in range(2)]
    for one in both:
        assert one.wait(timeout=60) == 0
        one.stdout.close()
    assert is_whole(tmp_path)
    names = {one.name for one in kept_parts(tmp_path)}
    assert {path.name for path in tmp_path.glob("*.part")} == names, "what was merged is removed"


@pytest.mark.parametrize(
    "where", ["parts_on_file.os.fsync", "parts_on_file.np.ascontiguousarray", "Path.rename", "Path.unlink"]
)
def test_a_process_killed_while_it_writes_leaves_what_was_or_what_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setattr(parts_on_file, "FEW", 0)
    with locked(tmp_path):
        grown(tmp_path, [], 4_000, read)
    writer = process(LINKS + STOP_AT.format(where=where), tmp_path)
    assert writer.stdout.readline() == "here\n"
    writer.send_signal(signal.SIGKILL)
    assert writer.wait() == -signal.SIGKILL
    writer.stdout.close()
    with locked(tmp_path):  # the lock went with the process
        known = kept_parts(tmp_path)
        assert [(one.after, one.last) for one in known] == [(0, 6_000 if where == "Path.unlink" else 4_000)]
        grown(tmp_path, known, LAST, read)
    assert is_whole(tmp_path)


def test_a_file_whose_name_says_more_than_it_holds_is_not_joined_to_others(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(parts_on_file, "FEW", 0)
    monkeypatch.setattr(parts_on_file, "RATIO", 0)
    with locked(tmp_path):
        known = grown(tmp_path, grown(tmp_path, [], 100, read), 200, read)
        assert [(one.after, one.last) for one in kept_parts(tmp_path)] == [(0, 100), (100, 200)]
        (tmp_path / known[0].name).unlink()
        assert kept_parts(tmp_path) == [], "a later part without those before it is of no use"
        (tmp_path / f"links-{0:020}-{100:020}.part").write_bytes(b"yjzpart1 and nothing else")
        (tmp_path / "links-of-another-program.part").write_bytes(b"")
        assert kept_parts(tmp_path) == []
        grown(tmp_path, [], LAST, read)
    assert is_whole(tmp_path)
    assert len(list(tmp_path.glob("*.part"))) == 1, "what nobody can reach is removed"


def add(first: int, last: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into traceability_link (id, lower_id, upper_id, strand, part, made_on, certificate, unit)"
            " select n, 11 + n %% 90, 1 + n %% 10, 0, '', date '2020-01-01' + n %% 900, '证-' || n, ''"
            " from generate_series(%s::int, %s::int) n", [first, last],
        )  # fmt: skip


def test_two_processes_at_one_database_that_grows(committed: None, django_db_blocker: Any, tmp_path: Path) -> None:
    parts = connection.settings_dict
    address = f"postgresql://{parts['USER']}@/{parts['NAME']}?host={quote(parts['HOST'], safe='')}&port={parts['PORT']}"
    settings = {"DATABASE_URL": address, "YJZ_DATA": str(tmp_path),
                "DJANGO_SETTINGS_MODULE": "yuejingzhun.project.settings"}  # fmt: skip
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(
                "insert into traceability_node (id, kind, key, label, region, uncertainty, unit)"
                " select n, 'STANDARD', n, n, '440100', '', '' from generate_series(1, 100) n"
            )
        add(1, 500)
        both = [process(SNAPSHOTS, 3_000, **settings) for _ in range(2)]
        for first in range(501, 3_000, 25):
            add(first, first + 24)
        for one in both:
            assert one.wait(timeout=60) == 0
            one.stdout.close()
    assert kept_parts(tmp_path / "traceability")[-1].last > 2_900
