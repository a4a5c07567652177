"""Sessions that ended by time are taken away once an hour; those that are open stay."""

from datetime import datetime, timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone
from procrastinate import App
from procrastinate.testing import InMemoryConnector

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.accounts.services import clear_ended_sessions
from yuejingzhun.platform.foundation.jobs.services import QUEUE
from yuejingzhun.platform.foundation.jobs.tasks import CLEARING, blueprint, queued_clearing


def session(user: User, ends: datetime, began: datetime) -> str:
    store = SessionStore()
    store.create()
    Session.objects.filter(pk=store.session_key).update(expire_date=ends)
    UserSession.objects.create(user=user, ip="127.0.0.1", session_key=store.session_key, created_at=began)
    return str(store.session_key)


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("someone")


def test_what_ended_goes_and_what_is_open_stays(user: User) -> None:
    now, hour = timezone.now(), timedelta(hours=1)
    open_one = session(user, now + hour, now - 11 * hour)
    session(user, now - hour, now - 13 * hour)
    signed_out = session(user, now + hour, now - 14 * hour)
    Session.objects.filter(pk=signed_out).delete()
    beginning = session(user, now + hour, now)
    Session.objects.filter(pk=beginning).delete()  # signed in by a request that isn't finished yet
    assert clear_ended_sessions(now) == 1
    assert set(Session.objects.values_list("session_key", flat=True)) == {open_one}
    assert set(UserSession.objects.values_list("session_key", flat=True)) == {open_one, beginning}
    assert clear_ended_sessions(now) == 0


def test_no_session_is_read_one_by_one(user: User, django_assert_max_num_queries) -> None:
    now = timezone.now()
    for n in range(20):
        session(user, now - timedelta(minutes=n + 1), now - timedelta(hours=13))
    with django_assert_max_num_queries(6):
        assert clear_ended_sessions(now) == 20


def test_the_queue_asks_for_it_each_hour(user: User) -> None:
    app = App(connector=InMemoryConnector())
    app.add_tasks_from(blueprint, namespace="")
    periodic = app.periodic_registry.periodic_tasks[CLEARING, ""]
    assert (periodic.cron, periodic.task.queue) == ("17 * * * *", QUEUE)
    now = timezone.now()
    session(user, now - timedelta(hours=1), now - timedelta(hours=13))
    assert queued_clearing(int(now.timestamp())) == 1
