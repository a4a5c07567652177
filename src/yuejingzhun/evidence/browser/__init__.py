"""The check in the browser: one file that verifies on the visitor's machine, with or without a network."""
