"""Errors of water and gas meters in service by zones of flow, from a supply area's readings."""
