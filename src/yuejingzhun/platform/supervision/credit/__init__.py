"""Metrological credit 计量信用: dated facts about a party, and a grade that anyone can recompute from them."""
