"""What can go wrong with measurement standards."""


class StandardNotUsableError(Exception):
    """The standard doesn't exist, has lapsed or isn't for this; the message says in Chinese which."""
