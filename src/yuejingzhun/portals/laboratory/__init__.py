"""For those who work in an institute: what waits, and the history of an instrument."""
