"""What can go wrong with parties and rights."""


class NotPermittedError(Exception):
    """The actor lacks the right; the message says in Chinese which one is needed."""


class UnknownPartyError(LookupError):
    """No such organisation or person."""
