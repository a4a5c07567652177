"""A utility with a metering engineer, a lake of small districts, and an evaluation of it, done once a module."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from mandatory_counter import person
from simulated_utility import asked, fill_lake, simulated
from small_world import World, make_world
from yuejingzhun.platform.foundation.jobs.running import run_long_task
from yuejingzhun.platform.foundation.parties.rules import Actor, Role
from yuejingzhun.platform.operations.metering.models import Evaluation


@dataclass(frozen=True)
class Fleet:
    world: World
    engineer: Actor
    evaluation: int
    data: Path


@pytest.fixture(scope="module")
def fleet(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    """Whatever a test does to it is undone after the test."""
    folder = tmp_path_factory.mktemp("fleet")
    with (
        django_db_blocker.unblock(),
        override_settings(DATA=folder, KEYS=folder / "keys", ENGINE_WORKERS=1),
        transaction.atomic(),
    ):
        world = make_world()
        engineer = person("计量工程师", world.holder, Role.METERING_ENGINEER)
        names = [f"T{number:02}" for number in range(3)]
        fill_lake(world.holder.pk, folder, list(zip(names, simulated(3), strict=True)))
        made = asked(engineer, world.holder.pk)
        run_long_task(made.task_id)
        yield Fleet(world, engineer, made.pk, folder)
        transaction.set_rollback(True)


@pytest.fixture
def world(fleet: Fleet, db: None) -> World:
    return fleet.world


@pytest.fixture
def engineer(fleet: Fleet, db: None) -> Actor:
    return fleet.engineer


@pytest.fixture
def evaluated(fleet: Fleet, db: None) -> Evaluation:
    return Evaluation.objects.select_related("task").get(pk=fleet.evaluation)
