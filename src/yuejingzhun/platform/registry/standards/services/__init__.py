"""Writes of measurement standards, one module a subject: applications, assessments, decisions, records, and so on."""
