"""Public statements about metrological credit 计量信用: a rule set was adopted, and a round of ratings was made.

A round's statement holds the root of a Merkle tree (RFC 9162) over its ratings, so that one entry of the log stands for
any number of them, and each can be proven alone.
"""

from dataclasses import dataclass
from datetime import datetime

from yuejingzhun.evidence.entry import Entry

ADOPTED, RATED = "credit-rules-adopted", "credit-rated"
EVENTS = {ADOPTED: "信用规则", RATED: "信用评价"}
RULES_FILE, ROOT = "rules.json", "ratings.root"


@dataclass(frozen=True, slots=True)
class Round:
    """A round of ratings: of one day, by one rule set, with what was known at one moment (both ISO 8601)."""

    number: str
    on: str
    known_at: str
    rules: str  # version
    rules_sha256: str
    size: int
    root: str


def rules_adopted(version: str, sha256: str, effective_from: str, at: datetime) -> Entry:
    """The statement that a rule set holds from a day on."""
    return Entry(f"CREDIT-RULES-{version}", ADOPTED, at, {RULES_FILE: sha256}, {"from": effective_from})


def ratings_made(made: Round, at: datetime) -> Entry:
    """The statement that a round of ratings was made."""
    facts = {"known_at": made.known_at, "on": made.on, "rules": made.rules, "size": str(made.size)}
    return Entry(made.number, RATED, at, {ROOT: made.root, RULES_FILE: made.rules_sha256}, facts)
