"""Pages of makers."""
