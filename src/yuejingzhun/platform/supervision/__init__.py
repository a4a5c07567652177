"""Supervision: what the market regulator does with what the registers and operations tell."""
