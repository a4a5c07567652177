"""What is done with type approvals and software filings, a module a subject."""
