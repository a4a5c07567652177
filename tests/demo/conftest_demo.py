"""A tiny province, loaded once a file by the product's own loader and taken back at its end."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import transaction

from yuejingzhun.demo.figures import Scale
from yuejingzhun.demo.loading import load_scale
from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.parties.models import Organisation, Person

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
TINY = Scale("tiny", 6_000, 600, 80)


def people_who_act() -> None:
    """Those in whose name the loader grants and applies."""
    authority = Organisation.objects.create(name="演示局", kind="authority", region="440000")
    for username in ("jianguan", "shiyong"):
        user = User.objects.create_user(username)
        Person.objects.create(name=username, organisation=authority, user=user)


@pytest.fixture(scope="module")
def tiny(django_db_setup: None, django_db_blocker: Any) -> Iterator[Scale]:
    with django_db_blocker.unblock(), transaction.atomic():
        people_who_act()
        load_scale(TINY, AT, lambda _: None)
        yield TINY
        transaction.set_rollback(True)
