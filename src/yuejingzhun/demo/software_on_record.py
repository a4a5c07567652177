"""The software filed of the types of the synthetic province: versions that follow one another, some of them blocked.

The makers' own signed statements are missing: each would need a key of its own.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from yuejingzhun.demo.figures import SEED
from yuejingzhun.evidence.entry import Entry
from yuejingzhun.evidence.software_statement import software_accepted, software_blocked
from yuejingzhun.platform.foundation.parties.models import Organisation, Person
from yuejingzhun.platform.registry.approvals.models import SoftwareBlock, SoftwareFiling, TypeApproval
from yuejingzhun.platform.registry.approvals.software import Algorithm
from yuejingzhun.procedures.local_date import local_date

# The entries whose instruments run software that a dispute may turn on; our choice.
WITH_SOFTWARE = ("02.1", "03.1", "08.1", "09.2", "18.1", "19.1", "19.2", "28.1", "30.1", "40.1", "40.2")
VERSIONS = ("1.0", "1.1", "2.0")
APART = 300  # days from a version to the next
BLOCKED, WAITING = 0.03, 0.02  # shares of the versions and of the types; assumptions


@dataclass(frozen=True, slots=True)
class Office:
    """Who approves, in whose name, who evaluates, and when the province is loaded."""

    by: Person
    authority: Organisation
    institute: Organisation
    at: datetime

    @property
    def today(self) -> date:
        """The day in Guangdong."""
        return local_date(self.at)


def load_software(office: Office, types: Sequence[TypeApproval]) -> list[Entry]:
    """File one to three versions of each type that has software; what the authority states of them, yet unsigned."""
    generator = np.random.default_rng([SEED, 23])
    having = [of for of in types if of.item in WITH_SOFTWARE]
    counts = generator.integers(1, len(VERSIONS) + 1, len(having))
    waits = generator.random(len(having)) < WAITING
    filed: list[SoftwareFiling] = []
    latest: dict[int, SoftwareFiling] = {}
    for serial, version in enumerate(VERSIONS, 1):
        # One version after the other, since a filing names what it replaces and is final.
        rows = [
            _filing(office, of, serial, version, latest.get(of.pk), waiting=bool(wait) and serial == count)
            for of, count, wait in zip(having, counts, waits, strict=True)
            if serial <= count
        ]
        filed += SoftwareFiling.objects.bulk_create(rows)
        latest |= {row.approval_id: row for row in rows}
    accepted = [row for row in filed if row.state == "ACCEPTED"]
    chosen = np.flatnonzero(generator.random(len(accepted)) < BLOCKED)
    blocks = SoftwareBlock.objects.bulk_create(
        _block(office, accepted[place], int(generator.integers(1, 300))) for place in chosen
    )
    return [_accepted(office, row) for row in accepted] + [
        software_blocked(one.filing.number, office.at, one.effective_from.isoformat(), one.reason) for one in blocks
    ]


def _filing(
    office: Office, of: TypeApproval, serial: int, version: str, earlier: SoftwareFiling | None, *, waiting: bool
) -> SoftwareFiling:
    day = date(int(of.number[:4]) + 1, 3, 1) + timedelta(days=APART * (serial - 1))
    value = hashlib.sha256(f"demo {of.number} {version}".encode()).hexdigest().upper()
    return SoftwareFiling(
        approval=of,
        serial=serial,
        number=f"{of.number}-S{serial:03}",
        version=version,
        algorithm=Algorithm.SHA256.name,
        identification=value,
        valid_from=office.today if waiting else day,
        replaces=earlier,
        changes="修正显示与通信" if earlier else "",
        filed_by=office.by,
        filed_at=office.at,
        state="FILED" if waiting else "ACCEPTED",
        decided_by=None if waiting else office.by,
        decided_at=None if waiting else office.at,
    )


def _block(office: Office, filing: SoftwareFiling, days_ago: int) -> SoftwareBlock:
    return SoftwareBlock(
        filing=filing,
        effective_from=office.today - timedelta(days=days_ago),
        reason="可用隐藏菜单改动计量参数",
        by=office.by,
        at=office.at,
    )


def _accepted(office: Office, row: SoftwareFiling) -> Entry:
    algorithm = Algorithm[row.algorithm].value
    return software_accepted(row.number, office.at, row.approval.number, row.version, algorithm, row.identification)
