"""What can go wrong with authorisations and registrations."""


class QualificationError(Exception):
    """Not possible as asked; the message says in Chinese what was found and what is expected."""


class UnknownQualificationError(LookupError):
    """No such authorisation, registration or institute, or not the actor's to see."""
