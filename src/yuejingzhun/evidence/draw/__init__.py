"""Draws (双随机) that anyone can recompute: a plan is committed before its seed can be known."""
