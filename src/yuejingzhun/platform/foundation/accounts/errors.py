"""What can go wrong with accounts."""


class TokenError(ValueError):
    """A token can't be made like that; the message says in Chinese what is expected."""


class UnknownTokenError(LookupError):
    """The account has no such token, or no such session."""
