"""Acceptance sampling, inspection of meters in service, and life with censoring."""
