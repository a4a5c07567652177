"""What can go wrong with reminders."""


class MailError(Exception):
    """The mail server can't be reached; what wasn't sent is tried again."""
