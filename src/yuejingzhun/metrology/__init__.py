"""The science: pure functions of numbers and arrays."""
