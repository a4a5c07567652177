"""Writes of credit: facts, contests, repair, rule sets, rounds."""
