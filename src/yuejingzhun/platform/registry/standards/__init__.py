"""Measurement standards 计量标准."""
