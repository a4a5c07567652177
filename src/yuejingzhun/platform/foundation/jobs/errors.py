"""What can go wrong with long tasks."""


class TaskError(Exception):
    """A task can't go on, or can't be asked for, stopped or started again; the message says in Chinese why."""


class UnknownTaskError(LookupError):
    """No such task, or not one that the actor may see."""
