"""Metrological traceability (VIM 2.41): what stands behind a calibration, and what rests on a standard found wrong."""
