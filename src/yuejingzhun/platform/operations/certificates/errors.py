"""What can go wrong with certificates."""


class CertificateError(Exception):
    """The step isn't possible; the message says in Chinese why."""


class UnknownCertificateError(LookupError):
    """No certificate of that number."""
