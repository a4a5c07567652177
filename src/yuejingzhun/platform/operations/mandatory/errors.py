"""What can go wrong with an application for mandatory verification."""


class MandatoryError(ValueError):
    """The act is not possible now; the message says in Chinese why."""


class UnknownApplicationError(LookupError):
    """There is no such application, or the actor may not see it."""
