"""Files that people hand in, kept by the hash of their content."""
