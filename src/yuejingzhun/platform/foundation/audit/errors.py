"""What can go wrong with the audit trail."""


class TrailError(ValueError):
    """The trail isn't what was logged; the message names in Chinese the first event that differs."""
