"""粤精准: a measurement becomes a certificate that anyone can verify."""
