"""The answer of every verification: named checks, each passed, failed or not present, and one verdict."""

from dataclasses import dataclass
from enum import Enum


class Status(Enum):
    """Outcome of one check; the value is the term on the screen."""

    PASSED = "通过"
    FAILED = "未通过"
    ABSENT = "未附"


@dataclass(frozen=True, slots=True)
class Check:
    """One check: a stable name for programs, a label and an explanation in Chinese for people."""

    name: str
    label: str
    status: Status
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All checks of one file, in the order in which they were made."""

    checks: tuple[Check, ...]

    @property
    def valid(self) -> bool:
        """Nothing failed, and the signature, without which there is nothing to trust, was present and passed."""
        signed = any(check.name == "signature" and check.status is Status.PASSED for check in self.checks)
        return signed and all(check.status is not Status.FAILED for check in self.checks)

    def status(self, name: str) -> Status | None:
        """The outcome of the check of that name, or None where it was not reached."""
        return next((check.status for check in self.checks if check.name == name), None)
