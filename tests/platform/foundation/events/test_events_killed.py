"""Real programs are killed while they publish and while they deliver: nothing is lost, nothing is taken twice."""

import os
import signal
import subprocess
import sys
import time
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, connections

PATIENCE = 120  # s
START = """
import os, sys, time, django
django.setup()
from django.db import connection, transaction
from django.utils import timezone
from yuejingzhun.platform.foundation.events import registry
from yuejingzhun.platform.foundation.events.services import deliver, publish
registry._subscribers.clear()
def take(news, at):
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO taken VALUES (%s)", [news.key])
    if news.key == "5" and sys.argv[1] == "dies":
        print("now", flush=True)
        time.sleep(600)
registry.subscribe("listener", frozenset({"test-news"}), take)
"""
PUBLISH = (
    START
    + """
for number in range(10):
    with transaction.atomic():
        publish("test-news", None, str(number), timezone.now(), {})
with transaction.atomic():
    publish("test-news", None, "never committed", timezone.now(), {})
    print("now", flush=True)
    time.sleep(600)
"""
)
DELIVER = START + "print(deliver(), flush=True)\n"


@pytest.fixture
def living(committed: None, django_db_blocker: Any) -> Any:
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE taken (key text)")
        yield
        connections.close_all()


def program(code: str, *arguments: str) -> subprocess.Popen[str]:
    parts = connection.settings_dict
    address = f"postgresql://{parts['USER']}@/{parts['NAME']}?host={quote(parts['HOST'], safe='')}&port={parts['PORT']}"
    if parts["PASSWORD"]:
        address = (
            f"postgresql://{parts['USER']}:{quote(parts['PASSWORD'])}@{parts['HOST']}:{parts['PORT']}/{parts['NAME']}"
        )
    environment = os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "yuejingzhun.project.settings"}
    command = [sys.executable, "-W", "ignore", "-c", code, *(arguments or ("lives",))]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def killed_when_it_says_now(found: subprocess.Popen[str]) -> None:
    assert found.stdout is not None
    assert found.stdout.readline() == "now\n"
    os.kill(found.pid, signal.SIGKILL)
    found.wait(PATIENCE)
    found.stdout.close()


def test_killed_while_publishing_and_while_delivering(living: None) -> None:
    killed_when_it_says_now(program(PUBLISH))
    killed_when_it_says_now(program(DELIVER, "dies"))
    until = time.monotonic() + PATIENCE
    while True:  # the server notices within moments that the dead one is gone, and frees what it had locked
        second = program(DELIVER)
        second.communicate(timeout=PATIENCE)
        with connection.cursor() as cursor:
            cursor.execute("SELECT key FROM taken ORDER BY ctid")
            taken = [row[0] for row in cursor.fetchall()]
        if len(taken) >= 10 or time.monotonic() > until:
            break
    assert taken == [str(number) for number in range(10)]
