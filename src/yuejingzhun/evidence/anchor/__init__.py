"""Anchors: heads of the log on a chain that the parties run together."""
