"""Template tags of traceability, for the pages of apps that it leans on."""
