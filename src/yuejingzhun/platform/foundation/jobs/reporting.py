"""What the function of a long task tells of its work, and how each piece of it is stored: whole or not at all."""

import concurrent.futures.thread  # noqa: F401 - what it does at the end of the program must be registered before ours
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from yuejingzhun.platform.foundation.jobs.models import LongTask, TaskProblem
from yuejingzhun.platform.foundation.jobs.rules import HEARTBEAT, State

program_ends = threading.Event()
# Before the pool of the worker is waited for; `atexit` comes after that, and a daemon thread isn't told at all.
threading._register_atexit(program_ends.set)  # type: ignore[attr-defined]


class StopAskedError(Exception):
    """Somebody asked to stop: raised between two pieces of work."""


class ProgramEndsError(Exception):
    """The program ends: the task goes on where the next one takes it up."""


class Report:
    """The progress of one run. `checkpoint` is what the last finished piece of work said."""

    def __init__(self, task: LongTask) -> None:
        self.task_id = task.pk
        self.checkpoint: dict[str, Any] = dict(task.checkpoint)
        self._done, self._total, self._message = task.done, task.total, task.message

    def progress(self, done: int, total: int, message: str = "") -> None:
        """How far it is, for the screen; written within seconds, also while a long transaction is open."""
        self._done, self._total, self._message = max(done, 0), max(total, 0), message[:500]

    def check(self) -> None:
        """To be called between pieces of work: raises StopAskedError and ProgramEndsError."""
        if program_ends.is_set():
            raise ProgramEndsError
        if LongTask.objects.filter(pk=self.task_id, stop_asked=True).exists():
            raise StopAskedError

    @contextmanager
    def piece(self) -> Iterator[dict[str, Any]]:
        """One transaction around a piece of work: the block changes the dictionary that becomes the new checkpoint.

        Killed before its end, nothing of the piece remains and the task goes on after the one before.
        """
        self.check()
        after = dict(self.checkpoint)
        with transaction.atomic():
            yield after
            LongTask.objects.filter(pk=self.task_id).update(
                checkpoint=after, done=self._done, total=self._total, message=self._message, attempts=0
            )
        self.checkpoint = after

    def problems(self, found: Iterable[tuple[int, str, str, str]]) -> None:
        """Keep refused rows (row, column, found, expected) in the transaction of the piece."""
        TaskProblem.objects.bulk_create(
            [
                TaskProblem(task_id=self.task_id, row=row, column=column[:80], found=was[:200], expected=expected[:500])
                for row, column, was, expected in found
            ],
            batch_size=2_000,
        )

    @contextmanager
    def heart(self) -> Iterator[None]:
        """While the block runs, a thread with a connection of its own writes progress and heartbeat."""
        ended = threading.Event()
        thread = threading.Thread(target=self._beat, args=(ended,), name=f"task-{self.task_id}", daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _beat(self, ended: threading.Event) -> None:
        try:
            while not ended.wait(HEARTBEAT.total_seconds()):
                LongTask.objects.filter(pk=self.task_id, state=State.RUNNING.name).update(
                    done=self._done, total=self._total, message=self._message, heartbeat_at=datetime.now(UTC)
                )
        finally:
            connection.close()
