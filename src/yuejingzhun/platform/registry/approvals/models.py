"""Type approvals and the filing of legally relevant software."""
