"""What can go wrong in a verification."""


class VerificationError(Exception):
    """The step isn't possible now; the message says in Chinese why."""


class UnknownJobError(LookupError):
    """No such job, or not one that this person may see."""
