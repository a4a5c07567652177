"""The catalogue of measuring instruments under mandatory control, by date of effect."""
