"""Trusted timestamps (RFC 3161): asking any authority, being one, and checking what one said."""
