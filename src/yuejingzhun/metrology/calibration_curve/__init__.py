"""Calibration curves with uncertainty in both axes (ISO/TS 28037:2010, ISO 6143:2001)."""
