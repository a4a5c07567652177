"""Readings of meters: their schema, the lake that keeps them, the engine that runs kernels over them."""
