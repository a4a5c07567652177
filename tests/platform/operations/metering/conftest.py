"""A utility with a metering engineer, a lake of small districts, and an evaluation of it that has been done."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mandatory_counter import person
from simulated_utility import asked, fill_lake, simulated
from small_world import World
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.operations.metering.models import Evaluation


@pytest.fixture
def data(settings: Any, tmp_path: Path) -> Path:
    settings.DATA, settings.ENGINE_WORKERS = tmp_path, 1
    return tmp_path


@pytest.fixture
def engineer(world: World) -> Actor:
    return person("计量工程师", world.holder, Role.METERING_ENGINEER)


@pytest.fixture
def filled(world: World, data: Path) -> Path:
    names = [f"T{number:02}" for number in range(3)]
    fill_lake(world.holder.pk, data, list(zip(names, simulated(3), strict=True)))
    return data


@pytest.fixture
def evaluated(world: World, engineer: Actor, filled: Path) -> Iterator[Evaluation]:
    made = asked(engineer, world.holder.pk)
    run_long_task(made.task_id)
    made.refresh_from_db()
    yield made
