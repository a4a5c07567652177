"""Pages that join many applications."""
