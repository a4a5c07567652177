"""Comparison of laboratories: proficiency tests, precision experiments, key comparisons."""
