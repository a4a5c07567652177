"""Measurement uncertainty: forward-mode derivatives, budgets, coverage (JCGM 100:2008)."""
