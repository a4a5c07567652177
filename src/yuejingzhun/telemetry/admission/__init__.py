"""The gate: rows of a table as it comes, made readings with their quality, or refused with the reason."""
