"""Verification 检定: from raw record to approval."""
