"""Public statements about the legally relevant software of an approved type: filed, accepted, blocked.

A commitment to the identification, made when it is filed: nobody can say later that another hash had been filed. The
number of the statement is that of the filing; the software itself is never handed in. Terms: OIML D 31, WELMEC 7.2.
"""

from datetime import datetime

from yuejingzhun.evidence.entry import Entry

FILED, ACCEPTED, BLOCKED = "software-filed", "software-accepted", "software-blocked"
EVENTS = {FILED: "软件备案提交", ACCEPTED: "软件备案", BLOCKED: "软件禁用"}


def software_filed(number: str, at: datetime, type_number: str, version: str, algorithm: str, value: str) -> Entry:
    """The statement that a version with that identification (hexadecimal) was handed in for an approved type."""
    return Entry(number, FILED, at, facts=_facts(type_number, version, algorithm, value))


def software_accepted(number: str, at: datetime, type_number: str, version: str, algorithm: str, value: str) -> Entry:
    """The statement that the authority put the version on record."""
    return Entry(number, ACCEPTED, at, facts=_facts(type_number, version, algorithm, value))


def software_blocked(number: str, at: datetime, effective_from: str, reason: str) -> Entry:
    """The statement that a version must not run from that day (ISO 8601) on."""
    return Entry(number, BLOCKED, at, facts={"from": effective_from, "reason": reason})


def _facts(type_number: str, version: str, algorithm: str, value: str) -> dict[str, str]:
    return {"type": type_number, "version": version, "algorithm": algorithm, "identification": value}
