"""The product with one more address, that of a view which returns a constant."""
