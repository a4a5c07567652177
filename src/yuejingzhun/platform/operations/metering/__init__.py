"""Measuring instruments in service: every meter's error from the readings, and what is decided on it."""
