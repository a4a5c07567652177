"""For everyone, without an account: look up and check certificates."""
