"""The canonical form of an event, and whose events an actor may read: pure decisions."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from yuejingzhun.evidence.canonical import dump
from yuejingzhun.evidence.log.merkle import leaf_hash
from yuejingzhun.platform.foundation.parties.divisions import PROVINCE, Level, division
from yuejingzhun.platform.foundation.parties.rules import Actor, Role

# What the objects of events are called on the screen; an app's new kind shows its own word until it is named here.
SUBJECTS = {
    "account": "账户",
    "application": "强检申请",
    "authorisation": "机构授权",
    "batch": "标准物质批次",
    "certificate": "证书",
    "instrument": "计量器具",
    "job": "检定任务",
    "line": "强检器具",
    "material": "标准物质",
    "peerreview": "同行评审",
    "recall": "追溯",
    "standard": "计量标准",
    "task": "后台任务",
    "token": "接口令牌",
    "training": "培训",
}


class Event(Protocol):
    """An event as it is stored."""

    id: int
    at: datetime
    actor_id: int
    actor_name: str
    organisation_id: int | None
    region: str
    action: str
    subject: str
    subject_id: int
    before: Any
    after: Any
    reason: str


def canonical(event: Event) -> bytes:
    """The one spelling of a stored event: JSON with sorted keys; the time in UTC to the microsecond."""
    names = ("id", "actor_id", "actor_name", "organisation_id", "region", "action", "subject", "subject_id")
    content = {name: getattr(event, name) for name in (*names, "before", "after", "reason")}
    return dump(content | {"at": event.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")})


def leaf_of(event: Event) -> bytes:
    """The event as a leaf of the tree (RFC 9162 2.1.1)."""
    return leaf_hash(canonical(event))


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose events an actor may read: the own ones, those of organisations, those of regions (from code, to before)."""

    person_id: int
    organisations: tuple[int, ...] = ()
    regions: tuple[tuple[str, str], ...] = ()
    everything: bool = False


def reach_of(actor: Actor) -> Reach:
    """A quality manager reads the organisation's events, a regulator those of the own region, everyone the own ones."""
    managed = {grant.organisation_id for grant in actor.grants if grant.role is Role.QUALITY_MANAGER}
    watched = [grant.region for grant in actor.grants if grant.role is Role.REGULATOR]
    return Reach(
        actor.person_id,
        tuple(sorted(managed)),
        tuple(sorted({_span(region) for region in watched})),
        everything=PROVINCE in watched,
    )


def _span(region: str) -> tuple[str, str]:
    # Codes of a city and its counties begin alike, so they are neighbours in an index.
    return (region[:4], f"{region[:4]}~") if division(region).level is Level.CITY else (region, f"{region}~")
