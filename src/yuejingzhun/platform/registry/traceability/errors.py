"""What can go wrong with traceability and recalls."""


class TraceabilityError(Exception):
    """The link or the recall isn't possible; the message says in Chinese why."""


class UnknownItemError(LookupError):
    """No such item in the graph, no such recall, or not one that this person may see."""
