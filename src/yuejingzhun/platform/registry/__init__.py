"""What is on record."""
