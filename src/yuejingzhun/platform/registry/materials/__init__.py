"""Reference materials with their batches."""
