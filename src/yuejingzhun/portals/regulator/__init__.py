"""The regulator's desk: a region at a glance."""
