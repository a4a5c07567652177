"""Who uses it: the applications, in four tiers."""
