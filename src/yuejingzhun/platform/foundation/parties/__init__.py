"""Regions, organisations and people."""
