"""What can go wrong with an evaluation of meters in service."""


class MeteringError(ValueError):
    """The act is not possible; the message says in Chinese why."""


class UnknownEvaluationError(LookupError):
    """There is no such evaluation, district or meter, or the actor may not see it."""
