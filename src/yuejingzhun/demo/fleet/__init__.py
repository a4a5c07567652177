"""Simulated districts of meters, by seed: loads, losses and the faults that life has."""
