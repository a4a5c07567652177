"""A real PostgreSQL for the tests: the one DATABASE_URL names, else an embedded one that they start themselves."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import ProgrammingError, connections
from django.test.utils import setup_databases, teardown_databases
from hypothesis import HealthCheck, settings
from psycopg.conninfo import conninfo_to_dict

from chain_node import ChainNode
from set_clock import clock_from
from yuejingzhun.platform.operations.certificates import stamping
from yuejingzhun.project.embedded_database import embedded_postgres

pytest_plugins = ["validation_table"]

# Both time the machine, which may be busy with something else.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture(scope="session", autouse=True)
def _data_folder() -> Iterator[None]:
    yield
    shutil.rmtree(django_settings.DATA, ignore_errors=True)


@pytest.fixture(autouse=True)
def _keys_of_its_own(settings: Any, tmp_path: Path) -> None:
    settings.KEYS = tmp_path / "keys"


@pytest.fixture(autouse=True)
def _stamped_on_the_day_of_the_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamping, "wall", clock_from(datetime(2026, 11, 24, 8, 30, tzinfo=UTC)))


@pytest.fixture
def node(tmp_path: Path) -> Iterator[ChainNode]:
    found = ChainNode(tmp_path)
    found.start()
    yield found
    found.stop()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[None]:
    """An embedded server for each process; where DATABASE_URL names one, a database for each on it (the suffix)."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    folder: Path = tmp_path_factory.mktemp("database")
    with embedded_postgres(folder / "postgres", durable=False) as url:
        parts = conninfo_to_dict(url)
        connections["default"].settings_dict |= {
            "HOST": parts["host"],
            "USER": parts["user"],
            "NAME": parts["dbname"],
            "PORT": parts["port"],
        }
        yield
        connections.close_all()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: Any
) -> Iterator[None]:
    """The test database whenever it is asked for; pytest-django's own makes it only beside a test that is marked."""
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A copy of the empty test database in which changes are really committed, so that two connections can meet.

    A flush between tests, as pytest-django does it, is what our triggers forbid.
    """
    connection = connections["default"]
    template = connection.settings_dict["NAME"]
    copy = f"{template}_copy"
    with django_db_blocker.unblock():
        connection.close()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{copy}"')
            cursor.execute(f'CREATE DATABASE "{copy}" TEMPLATE "{template}"')
        connection.settings_dict["NAME"] = copy
        try:
            yield
        finally:
            connections.close_all()
            connection.settings_dict["NAME"] = template
            with connection._nodb_cursor() as cursor:
                _drop(cursor, copy)


def _drop(cursor: Any, name: str) -> None:
    """With whoever is left in it; a worker of autovacuum may not be ended by us, but gives way by itself."""
    try:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    except ProgrammingError:
        cursor.execute(f'DROP DATABASE "{name}"')
