"""Who wants to hear of what: each app says so in its `apps.py`, once the program is ready."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class News:
    """An event as a subscriber gets it."""

    id: int
    kind: str
    subject_organisation_id: int | None
    key: str
    occurred_at: datetime
    payload: Mapping[str, Any]


Take = Callable[[News, datetime], None]
"""Takes an event, told what time it is now; runs in the transaction that also takes the event out of the queue."""


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A subscriber under its name, with the kinds of events that it takes."""

    name: str
    kinds: frozenset[str]
    take: Take


_subscribers: dict[str, Subscriber] = {}


def subscribe(name: str, kinds: frozenset[str], take: Take) -> None:
    """Register a subscriber; raises ValueError for a name that another has."""
    if name in _subscribers and _subscribers[name].take is not take:
        raise ValueError(f"two subscribers are named {name}")
    _subscribers[name] = Subscriber(name, kinds, take)


def unsubscribe(name: str) -> None:
    """Forget a subscriber; what waits for it stays in the queue."""
    _subscribers.pop(name, None)


def subscriber(name: str) -> Subscriber | None:
    """The subscriber of that name."""
    return _subscribers.get(name)


def subscribers_of(kind: str) -> list[Subscriber]:
    """All who take events of that kind, by name."""
    return [found for _, found in sorted(_subscribers.items()) if kind in found.kinds]


def subscribers() -> list[Subscriber]:
    """All, by name."""
    return [found for _, found in sorted(_subscribers.items())]
