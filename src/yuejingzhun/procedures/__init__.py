"""Verification regulations as declarations, and the one engine that evaluates them."""
