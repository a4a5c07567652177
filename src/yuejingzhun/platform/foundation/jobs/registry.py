"""The kinds of long tasks there are: each a function that an app registers in its `tasks.py`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from yuejingzhun.platform.foundation.parties.rules import Actor

if TYPE_CHECKING:
    from yuejingzhun.platform.foundation.jobs.reporting import Report


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, as its function needs to know it."""

    id: int
    arguments: dict[str, Any]
    asked_at: datetime
    person_id: int
    region: str


Work = Callable[[Asked, "Report"], dict[str, Any]]
Allow = Callable[[Actor, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of task: `allow` raises NotPermittedError; `labels` name the figures of its result on the screen."""

    name: str
    title: str
    work: Work
    allow: Allow
    labels: Mapping[str, str] = field(default_factory=dict)


_kinds: dict[str, Kind] = {}
_hourly: dict[str, Callable[[], object]] = {}


class UnknownKindError(LookupError):
    """No task of that kind is registered."""


def long_task(name: str, title: str, allow: Allow, labels: Mapping[str, str] | None = None) -> Callable[[Work], Work]:
    """Register a function `(asked, report) -> result`; raises ValueError for a name that is taken by another."""

    def register(work: Work) -> Work:
        if name in _kinds and _kinds[name].work.__qualname__ != work.__qualname__:
            raise ValueError(f"two kinds of long task are named {name}")
        _kinds[name] = Kind(name, title, work, allow, labels or {})
        return work

    return register


def kind_of(name: str) -> Kind:
    """Raises UnknownKindError."""
    try:
        return _kinds[name]
    except KeyError:
        raise UnknownKindError(f"没有名为 {name[:40]!r} 的长任务") from None


def hourly(name: str, work: Callable[[], object]) -> None:
    """Register what is done once an hour, by one worker however many there are; short, and safe to be repeated."""
    _hourly[name] = work


def hourly_works() -> Mapping[str, Callable[[], object]]:
    """All of them by name."""
    return dict(_hourly)
