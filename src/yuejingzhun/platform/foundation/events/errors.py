"""What can go wrong with events."""


class EventError(Exception):
    """An event that can't be published as it is; the message says in Chinese why."""


class NotTakenError(Exception):
    """Raised by a subscriber that can't take an event; the message says in Chinese why, and it is tried again."""
