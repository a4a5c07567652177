"""The ledger: statements, the transparency log over their hashes, its signed heads, and who witnessed them."""
