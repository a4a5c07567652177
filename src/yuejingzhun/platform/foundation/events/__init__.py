"""News that goes up a tier: published in the transaction of what happened, delivered later, in order, not lost."""
