"""The snapshot as it grows, of another state of the database, and against writers that have not committed."""

import threading
import time

import numpy as np
import psycopg
import pytest
from django.db import connection, transaction

from yuejingzhun.metrology.traceability.graph import compacted
from yuejingzhun.metrology.traceability.part import Part
from yuejingzhun.platform.registry.traceability import parts_on_file, snapshot
from yuejingzhun.platform.registry.traceability.models import Link
from yuejingzhun.platform.registry.traceability.snapshot import Snapshot, current_snapshot

COLUMNS = set(Part.__slots__) - {"by_lower"}  # of links of one calibration any order will do


def ids_of(found: Snapshot) -> list[int]:
    return sorted(found.graph.at(np.arange(found.graph.links), "number").tolist())


def every_id() -> list[int]:
    return list(Link.objects.order_by("pk").values_list("pk", flat=True))


def files(settings) -> list[str]:
    return sorted(path.name for path in (settings.DATA / "traceability").glob("*.part"))


def same(first: Snapshot, second: Snapshot) -> bool:
    a, b = (compacted(found.graph).parts[0] for found in (first, second))
    return all(np.array_equal(getattr(a, name), getattr(b, name), equal_nan=True) for name in COLUMNS)


@pytest.fixture
def written(grid, monkeypatch):
    """Whatever is new is written, and read in several chunks."""
    monkeypatch.setattr(parts_on_file, "FEW", 0)
    monkeypatch.setattr(snapshot, "CHUNK", 4)
    for n in range(6):
        grid.verify(n % 3, f"2026-0{n + 2}-01", f"证-{n}")
    return grid


def test_few_new_links_are_not_written(grid, settings) -> None:
    grid.verify(0, "2026-02-01", "证-1")
    assert ids_of(current_snapshot()) == every_id()
    assert files(settings) == []


def test_with_no_link_there_is_nothing(world, settings, tmp_path) -> None:
    settings.DATA = tmp_path
    assert (current_snapshot().graph.links, current_snapshot().last) == (0, 0)


def test_parts_beside_one_another_are_the_same_as_one_made_at_once(written, settings, monkeypatch) -> None:
    monkeypatch.setattr(parts_on_file, "RATIO", 0)
    for n in range(3):
        current_snapshot()
        written.verify(n, "2026-09-01", f"新-{n}")
    found = current_snapshot()
    assert len(files(settings)) == len(found.graph.parts) == 4
    assert ids_of(found) == every_id()
    monkeypatch.setattr(parts_on_file, "RATIO", 16)
    written.verify(0, "2026-10-01", "新-4")
    merged = current_snapshot()
    assert files(settings) == [f"links-{0:020}-{merged.last:020}.part"]
    assert merged.graph.parts[0].number.base is not None, "mapped, not in memory"
    (settings.DATA / "traceability" / files(settings)[0]).unlink()
    assert same(current_snapshot(), merged)
    assert same(Snapshot(found.graph, 0), found), "what is mapped stays readable after its file is gone"


def test_where_nothing_is_new_the_database_is_asked_twice(written, django_assert_max_num_queries) -> None:
    current_snapshot()
    with django_assert_max_num_queries(2):
        current_snapshot()
    written.verify(0, "2026-09-01", "新")
    with django_assert_max_num_queries(7):
        current_snapshot()


def test_a_snapshot_of_another_state_of_the_database_is_not_believed(written) -> None:
    current_snapshot()
    with pytest.raises(RuntimeError), transaction.atomic():
        written.verify(0, "2026-08-01", "证-9")
        assert current_snapshot().last == every_id()[-1]
        raise RuntimeError
    found = current_snapshot()
    assert found.last == every_id()[-1]
    assert ids_of(found) == every_id()


@pytest.mark.parametrize("kept", [0, 10, 24, 1000, -1])
def test_a_file_cut_short_is_made_anew(written, settings, kept: int) -> None:
    first = current_snapshot()
    path = settings.DATA / "traceability" / files(settings)[0]
    content = path.read_bytes()
    path.unlink()  # the one that is mapped stays as it is
    path.write_bytes(content[:kept])
    assert same(current_snapshot(), first)


def test_a_folder_that_cannot_be_written_is_used_without(written, monkeypatch, caplog) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(parts_on_file.os, "fsync", full)
    assert ids_of(current_snapshot()) == every_id()
    assert "只在内存里用" in caplog.text


def test_a_snapshot_waits_for_writers_so_that_a_lower_id_committed_later_is_not_missed(grid) -> None:
    settings = connection.settings_dict
    with psycopg.connect(
        host=settings["HOST"], user=settings["USER"], dbname=settings["NAME"], port=settings["PORT"]
    ) as other:
        writer = (
            "insert into traceability_node (kind, key, label, region, uncertainty, unit)"
            " values (%s, %s, '', '440100', '', '')"
        )
        for key in ("x", "y"):
            other.execute(writer, ("STANDARD", key))
        other.execute(
            "insert into traceability_link (lower_id, upper_id, strand, part, made_on, certificate, unit)"
            " select x.id, y.id, 0, '', '2026-01-01', '慢', '' from traceability_node x, traceability_node y"
            " where x.key = 'x' and y.key = 'y'"
        )
        grid.verify(1, "2026-04-01", "证-快")
        began = time.monotonic()
        threading.Timer(0.4, other.rollback).start()
        found = current_snapshot()
        assert time.monotonic() - began >= 0.4
    assert ids_of(found) == every_id()


def test_what_a_process_remembers_is_not_used_without_its_files_or_for_another_state(written, settings) -> None:
    first = current_snapshot()
    again = current_snapshot()
    assert all(a is b for a, b in zip(first.graph.parts, again.graph.parts, strict=True)), "nothing is opened again"
    (settings.DATA / "traceability" / files(settings)[0]).unlink()
    made_anew = current_snapshot()
    assert files(settings) and made_anew.graph.parts[0] is not first.graph.parts[0] and same(made_anew, first)
    with transaction.atomic():
        written.verify(1, "2026-09-01", "新")
        assert ids_of(current_snapshot()) == every_id()
        transaction.set_rollback(True)
    assert ids_of(current_snapshot()) == every_id()
