"""Every act of the platform, tried by every role from every seat, and held to the table cell by cell."""

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.http import Http404
from django.test import override_settings

from permissions import (
    scenes_approvals,
    scenes_credit,
    scenes_foundation,
    scenes_indicators,
    scenes_metering,
    scenes_operations,
    scenes_portals,
    scenes_registry,
    scenes_reminders,
    scenes_standards,
    scenes_traceability,
)
from permissions.page import PAGE, page
from permissions.seats import Cell, cells
from permissions.table import ACTS, INSIDE, Act
from permissions.town import SCENES, Call, Town, make_town
from yuejingzhun import platform, portals
from yuejingzhun.platform.foundation.jobs.errors import UnknownTaskError
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.mandatory.errors import UnknownApplicationError
from yuejingzhun.platform.operations.metering.errors import UnknownEvaluationError
from yuejingzhun.platform.operations.verification.errors import UnknownJobError
from yuejingzhun.platform.registry.approvals.errors import UnknownApprovalError
from yuejingzhun.platform.registry.instruments.errors import UnknownInstrumentError
from yuejingzhun.platform.registry.materials.errors import UnknownMaterialError
from yuejingzhun.platform.registry.qualifications.errors import UnknownQualificationError
from yuejingzhun.platform.registry.standards.errors import UnknownStandardError
from yuejingzhun.platform.registry.traceability.errors import UnknownItemError
from yuejingzhun.platform.supervision.credit.errors import UnknownCreditError
from yuejingzhun.platform.supervision.indicators.errors import UnknownIndicatorError

REGISTERED = (
    scenes_approvals,
    scenes_credit,
    scenes_foundation,
    scenes_indicators,
    scenes_metering,
    scenes_operations,
    scenes_portals,
    scenes_registry,
    scenes_reminders,
    scenes_standards,
    scenes_traceability,
)
# What isn't somebody's to see doesn't exist for them.
REFUSALS = (
    NotPermittedError, Http404, UnknownApplicationError, UnknownApprovalError, UnknownInstrumentError,
    UnknownItemError, UnknownJobError, UnknownMaterialError, UnknownQualificationError, UnknownStandardError,
    UnknownEvaluationError, UnknownTaskError, UnknownCreditError, UnknownIndicatorError,
)  # fmt: skip
TOLD = (Actor, "Actor", Actor | None, "Actor | None")
ROOMS = ("api", "pages", "migrations", "admin")  # they call what is tried here


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Built once; whatever happens in it is undone at the end."""
    folder: Path = tmp_path_factory.mktemp("town")
    with django_db_blocker.unblock(), override_settings(DATA=folder), transaction.atomic():
        yield make_town()
        transaction.set_rollback(True)


def test_every_act_has_a_row_and_a_scene() -> None:
    keys = [act.key for act in ACTS]
    assert len(keys) == len(set(keys))
    assert set(keys) == set(SCENES)
    told = {key.partition("#")[0] for key in keys}
    assert not told & set(INSIDE)
    assert told | set(INSIDE) == set(functions_with_an_actor())


@pytest.mark.django_db
@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.key)
def test_the_code_permits_what_the_table_says(act: Act, town: Town) -> None:
    with transaction.atomic():
        call = SCENES[act.key](town)
        permitted = {cell for cell in cells() if permits(call, town.actors[cell])}
        transaction.set_rollback(True)
    assert permitted == act.allowed, "\n".join(differences(act, permitted))


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "docs/permissions.md 与表不一致，请运行 make permissions"


def permits(call: Call, actor: Actor) -> bool:
    """Whether the act could be done; an error other than a refusal means that the scene is wrong."""
    with transaction.atomic():
        try:
            return call(actor) is not False
        except REFUSALS:
            return False
        finally:
            transaction.set_rollback(True)


def differences(act: Act, permitted: set[Cell]) -> Iterator[str]:
    for cell in sorted(permitted ^ act.allowed, key=str):
        yield f"{act.title}：{cell} 代码{'可以' if cell in permitted else '不可以'}，表中相反"


def functions_with_an_actor() -> Iterator[str]:
    """Every public function of the platform that is told who acts, without the package's name."""
    found_in = (pkgutil.walk_packages(each.__path__, f"{each.__name__}.") for each in (platform, portals))
    for found in chain.from_iterable(found_in):
        name = found.name.removeprefix("yuejingzhun.").removeprefix("platform.")
        if set(name.split(".")) & set(ROOMS):
            continue
        module = importlib.import_module(found.name)
        for function in vars(module).values():
            if inspect.isfunction(function) and function.__module__ == found.name and _is_told_who_acts(function):
                yield f"{name}.{function.__name__}"


def _is_told_who_acts(function: Any) -> bool:
    parameters = inspect.signature(function).parameters.values()
    return not function.__name__.startswith("_") and any(each.annotation in TOLD for each in parameters)
