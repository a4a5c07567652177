"""Reads of filed software and of what devices were seen to run."""

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.rules import Actor, Role, may_act
from yuejingzhun.platform.registry.approvals import software
from yuejingzhun.platform.registry.approvals.errors import UnknownApprovalError
from yuejingzhun.platform.registry.approvals.models import Comparison, SoftwareFiling, TypeApproval
from yuejingzhun.platform.registry.approvals.queries import LARGEST_KEY, PAGE, approval, regulates_types


@dataclass(frozen=True, slots=True)
class Filed:
    """A filed version with what it is worth on a day."""

    row: SoftwareFiling
    standing: software.Standing


@dataclass(frozen=True, slots=True)
class Seen:
    """What a device was last seen to run, and what comparing it says now."""

    row: Comparison
    compared: software.Compared

    @property
    def as_filed(self) -> bool:
        """Whether the device may go on with it."""
        return self.compared.verdict is software.Verdict.SAME


def software_to_decide(actor: Actor, after: int = 0) -> list[SoftwareFiling]:
    """Filings that wait for the province's authority, the oldest first; for its people, else NotPermittedError."""
    _check_regulates(actor)
    rows = SoftwareFiling.objects.filter(state="FILED", pk__gt=after)
    return list(rows.select_related("approval__maker", "replaces").order_by("pk")[:PAGE])


def filed_software(number: str, on: date) -> list[Filed]:
    """What software of a type was put on record, the newest first; for everybody. Raises UnknownApprovalError."""
    return _filed(_software(approval(number)).filter(state="ACCEPTED"), on)


def own_software(actor: Actor, number: str, on: date) -> list[Filed]:
    """All that a maker filed of its type, the newest first; raises UnknownApprovalError and NotPermittedError."""
    of = approval(number)
    if not may_act(actor, Role.MAKER, of.maker_id):
        raise NotPermittedError(f"{actor.name} 不是该制造单位的经办人")
    return _filed(_software(of), on)


def filing(number: str) -> SoftwareFiling:
    """A software filing by its number; raises UnknownApprovalError."""
    rows = SoftwareFiling.objects.select_related("approval__maker", "block")
    found = rows.filter(number=number[:30].upper()).first()
    if found is None:
        raise UnknownApprovalError(f"没有编号为 {number[:40]} 的软件备案")
    return found


def version_of(row: SoftwareFiling) -> software.Version:
    """A filing as comparisons ask for it; its block and what replaced it were read with it."""
    block = getattr(row, "block", None)
    later = [other.valid_from for other in row.replaced_by.all() if other.state == "ACCEPTED"]
    return software.Version(
        row.pk,
        row.version,
        row.identification,
        software.FilingState[row.state],
        row.valid_from,
        superseded_from=min(later, default=None),
        blocked_from=block and block.effective_from,
        reason=block.reason if block else "",
    )


def compare_software(number: str, version: str, identification: str, on: date) -> software.Compared:
    """The verdict on what a device of that type shows; nothing is recorded. Raises UnknownApprovalError."""
    rows = _software(approval(number)).order_by("serial")
    return software.compare([version_of(row) for row in rows], version, identification, on)


def comparisons_of_device(actor: Actor, tag: str, before: int = LARGEST_KEY) -> list[Comparison]:
    """What a device was seen to run, the latest first; for those who test or supervise, else NotPermittedError."""
    if not compares_software(actor):
        raise NotPermittedError(f"{actor.name} 没有检定或监管的角色，不能查看软件比对")
    rows = Comparison.objects.filter(tag=software.plain(tag.upper(), 12), pk__lt=before).exclude(tag="")
    return list(rows.select_related("approval", "filing").order_by("-pk")[:PAGE])


def last_seen(tag: str, on: date) -> Seen | None:
    """What the device of that label was last seen to run, compared anew: a version may have been blocked since."""
    rows = Comparison.objects.filter(tag=tag).exclude(tag="").select_related("approval")
    row = rows.order_by("-pk").first()
    return row and Seen(row, compare_software(row.approval.number, row.version, row.identification, on))


def comparisons_astray(actor: Actor, number: str, before: int = LARGEST_KEY) -> list[Comparison]:
    """Devices of a type seen with other than what is filed, the latest first; for the province's authority.

    Raises UnknownApprovalError and NotPermittedError.
    """
    _check_regulates(actor)
    rows = Comparison.objects.filter(approval=approval(number), pk__lt=before).exclude(verdict="SAME")
    return list(rows.select_related("approval").order_by("-pk")[:PAGE])


def compares_software(actor: Actor) -> bool:
    """Whether the actor sees devices and may note what they run."""
    return any(actor.has(role) for role in (Role.VERIFIER, Role.REVIEWER, Role.QUALITY_MANAGER, Role.REGULATOR))


def _check_regulates(actor: Actor) -> None:
    if not regulates_types(actor):
        raise NotPermittedError(f"{actor.name} 不是省级市场监管部门的监管人员")


def _filed(rows: QuerySet[SoftwareFiling], on: date) -> list[Filed]:
    return [Filed(row, version_of(row).standing(on)) for row in rows.order_by("-serial")]


def _software(of: TypeApproval) -> QuerySet[SoftwareFiling]:
    return of.software.select_related("block", "replaces").prefetch_related("replaced_by")
