"""Mandatory verification from the application to the seal."""
