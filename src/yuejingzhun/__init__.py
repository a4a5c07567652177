"""粤精准: a measurement becomes a certificate that anyone can verify."""

__version__ = "0.1.0"
