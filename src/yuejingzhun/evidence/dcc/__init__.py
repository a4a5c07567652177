"""Digital calibration certificates (PTB DCC 2.3 to 3.3)."""
