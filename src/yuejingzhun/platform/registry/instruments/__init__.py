"""Measuring instruments 计量器具."""
