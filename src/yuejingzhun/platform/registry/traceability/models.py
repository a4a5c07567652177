"""From any certificate to a national standard, and from a standard to all that rest on it."""
