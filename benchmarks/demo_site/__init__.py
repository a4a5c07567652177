"""The synthetic province on an embedded PostgreSQL, for benchmarks: loaded here, or kept in a given folder."""

import os
import platform
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import django
from django.core.management import call_command

from yuejingzhun.project.embedded_database import embedded_postgres


@contextmanager
def demo_site(count: int, folder: str | None) -> Iterator[int]:
    """Django on a database with that many instruments (give or take the demonstration's); the number that there is."""
    with tempfile.TemporaryDirectory(prefix="yjz-bench-") as name:
        data = Path(folder or name)
        with embedded_postgres(data / "postgres") as url:
            os.environ |= {"DATABASE_URL": url, "YJZ_DATA": str(data)}
            os.environ["DJANGO_SETTINGS_MODULE"] = "yuejingzhun.project.settings"
            django.setup()
            call_command("migrate", verbosity=0)
            yield _load(count)
            _close()


def heading(count: int) -> None:
    """The machine, and how much there is."""
    print(f"{platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {count:,} instruments")


def _load(count: int) -> int:
    from yuejingzhun.demo import province
    from yuejingzhun.demo.figures import SCALES
    from yuejingzhun.demo.loading import load_scale, loaded_scale
    from yuejingzhun.platform.registry.instruments.models import Instrument

    if loaded_scale() is None:
        at, began = datetime.now(UTC), time.perf_counter()
        if not province.is_loaded():
            province.load(at, lambda _: None)
        load_scale(replace(SCALES["province"], instruments=count), at, lambda _: None)
        print(f"loaded in {time.perf_counter() - began:.0f} s", flush=True)
    return Instrument.objects.count()


def _close() -> None:
    from django.db import connection

    connection.close()
