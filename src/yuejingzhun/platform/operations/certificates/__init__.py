"""Certificates: issue, look up, supersede, revoke."""
