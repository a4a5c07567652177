"""Errors of meters in service, estimated from the readings that are collected anyway."""
