"""Processes that a worker starts: none of them outlives the one that started it, even where that was killed."""

import multiprocessing
import os
import threading


def end_with_parent() -> None:
    """End this process, started by multiprocessing, as soon as its parent is gone; called once, at its start."""
    parent = multiprocessing.parent_process()
    if parent is None:
        raise RuntimeError("only a process that another one started has a parent to end with")

    def watch() -> None:
        parent.join()
        os._exit(1)  # nobody is left to hand results to, and what isn't committed is undone

    threading.Thread(target=watch, name="parent", daemon=True).start()
