"""The acts by which authorisations and registrations come, change and end, and what is recorded of people."""
