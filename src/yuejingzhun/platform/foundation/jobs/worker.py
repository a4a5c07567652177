"""The worker of the queue: in a thread beside the server, or a program of its own."""

import asyncio
import logging
import threading
from datetime import UTC, datetime

from asgiref.sync import sync_to_async
from django.db import close_old_connections, connection
from procrastinate import App
from procrastinate.contrib.django import DjangoApp
from procrastinate.contrib.django import app as queue
from procrastinate.jobs import Status

from yuejingzhun.platform.foundation.jobs.reporting import program_ends
from yuejingzhun.platform.foundation.jobs.services import QUEUE, take_up_abandoned
from yuejingzhun.platform.foundation.jobs.tasks import blueprint

log = logging.getLogger(__name__)
AT_ONCE = 2  # tasks: a small one needn't wait for a large one
LOOK = 5.0  # s between two looks for abandoned tasks
PAUSE = 5.0  # s after the queue itself couldn't be read
GLANCE = 0.02  # s between two glances at whether the program ends
LONGEST_END = 5.0  # s for the jobs in hand to end when the program does


def start() -> threading.Thread:
    """Work through the queue in a thread that ends with the program."""
    thread = threading.Thread(target=work_for_ever, name="worker", daemon=True)
    thread.start()

    def end() -> None:
        program_ends.set()
        thread.join(LONGEST_END)

    # Before the pools of threads are closed, which a job taken up now would need: the last to register is first.
    threading._register_atexit(end)  # type: ignore[attr-defined]
    return thread


def work_for_ever() -> None:
    """Work through the queue; what interrupts that, such as a restart of the database, is waited out."""
    while True:
        try:
            asyncio.run(_work(wait=True))
            if program_ends.is_set():
                return
        # Whatever it was, requests must not suffer from it and the queue must be worked through again.
        except Exception:
            if program_ends.is_set():
                return
            log.exception("任务队列中断，稍后继续")
        program_ends.wait(PAUSE)


def work_until_idle() -> None:
    """Work through what is in the queue now, with what was abandoned, and return."""
    take_up_abandoned(datetime.now(UTC))
    asyncio.run(_work(wait=False))


async def _work(wait: bool) -> None:
    # An app of its own: through the shared one requests ask for tasks, each in its own transaction.
    app = DjangoApp(connector=queue.connector.get_worker_connector())  # type: ignore[attr-defined]
    app.add_tasks_from(blueprint, namespace="")
    async with app.open_async():
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=AT_ONCE,
                wait=wait,
                install_signal_handlers=False,  # the server's own are in place
                listen_notify=wait,
                delete_jobs="successful",
            )
        )
        beside = [asyncio.create_task(each) for each in (_look(app), _end(working))] if wait else []
        try:
            await working
        except asyncio.CancelledError:
            if not program_ends.is_set():
                raise
        finally:
            for each in beside:
                each.cancel()


async def _end(working: asyncio.Task[None]) -> None:
    """Take up no more jobs once the program ends: there are no threads any more that could do them."""
    while not program_ends.is_set():
        await asyncio.sleep(GLANCE)
    working.cancel()


async def _look(app: App) -> None:
    while True:
        try:
            await sync_to_async(_look_once, thread_sensitive=False)()
            # The queue's own row of a worker that was killed would stay "doing" for ever.
            for job in await app.job_manager.get_stalled_jobs(queue=QUEUE):
                if job.id is not None:
                    await app.job_manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True)
        # A database that is away for a moment; the next look may go well.
        except Exception:
            if program_ends.is_set():
                return
            log.exception("没有能查看被中断的任务，稍后再看")
        await asyncio.sleep(LOOK)


def _look_once() -> None:
    close_old_connections()
    try:
        take_up_abandoned(datetime.now(UTC))
    finally:
        connection.close()
