"""The acts of mandatory verification: apply, answer, receive, result, give back."""
