"""Whether a measurement standard may be used on a day: each predicate that fails, and what only warns. Pure.

JJF 1033-2023 4.1, 4.2 and 5.5 (renewal and use): certificate in force, instruments traceable, and at least once a
year a repeatability test and a stability record.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

from yuejingzhun.platform.registry.standards.rules import is_due_for_renewal, years_later

SOON = timedelta(days=30)


class Predicate(Enum):
    """What must hold; the value is the term on the screen."""

    TERM = "证书在有效期内"
    MAIN_INSTRUMENT = "计量标准器在检定或校准有效期内"
    AUXILIARY = "主要配套设备在检定或校准有效期内"
    MATERIAL = "标准物质有在有效期内的批次"
    REPEATABILITY = "年度重复性试验合格"
    STABILITY = "年度稳定性考核合格"
    NOT_SUSPENDED = "未封存、暂停或撤销"


@dataclass(frozen=True, slots=True)
class Failure:
    """A predicate that doesn't hold, and why, in Chinese."""

    predicate: Predicate
    text: str


@dataclass(frozen=True, slots=True)
class Term:
    """A term that a certificate or declaration gives, both days included."""

    starts_on: date
    last_day: date

    def holds(self, on: date) -> bool:
        """Whether the day lies in it."""
        return self.starts_on <= on <= self.last_day


@dataclass(frozen=True, slots=True)
class Device:
    """An instrument of the standard; `valid_until` of its own verification or calibration."""

    label: str
    is_main: bool
    valid_until: date


@dataclass(frozen=True, slots=True)
class Yearly:
    """The latest repeatability or stability record until the day asked for; `passed` None where nothing compares."""

    on: date
    passed: bool | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that speaks for or against a standard; `held_until` is the last day of a term older than those on record."""

    held_until: date | None
    terms: tuple[Term, ...] = ()
    devices: tuple[Device, ...] = ()
    materials_missing: tuple[str, ...] = ()
    repeatability: Yearly | None = None
    stability: Yearly | None = None
    stability_exempt: bool = False
    interruption: str = ""
    contested: bool = False


def failing(evidence: Evidence, on: date) -> tuple[Failure, ...]:
    """The predicates that fail on that day; empty where the standard may be used."""
    return tuple(failure for failure, fails in _judged(evidence, on) if fails)


def warnings(evidence: Evidence, on: date) -> tuple[Failure, ...]:
    """What doesn't forbid the use yet."""
    return tuple(failure for failure, fails in _judged(evidence, on) if not fails)


def _judged(evidence: Evidence, on: date) -> Iterator[tuple[Failure, bool]]:
    yield from _term(evidence, on)
    for device in evidence.devices:
        predicate = Predicate.MAIN_INSTRUMENT if device.is_main else Predicate.AUXILIARY
        if device.valid_until < on:
            yield Failure(predicate, f"{device.label} 有效期至 {device.valid_until}，已过期"), True
        elif device.valid_until <= on + SOON:
            yield Failure(predicate, f"{device.label} 有效期至 {device.valid_until}，即将到期"), False
    for number in evidence.materials_missing:
        yield Failure(Predicate.MATERIAL, f"标准物质 {number} 没有在有效期内的批次"), True
    yield from _yearly(evidence, evidence.repeatability, Predicate.REPEATABILITY, "重复性试验", on)
    if not evidence.stability_exempt:
        yield from _yearly(evidence, evidence.stability, Predicate.STABILITY, "稳定性考核", on)
    if evidence.interruption:
        yield Failure(Predicate.NOT_SUSPENDED, evidence.interruption), True
    if evidence.contested:
        yield Failure(Predicate.TERM, "自我声明有未处理的异议"), False


def _term(evidence: Evidence, on: date) -> Iterator[tuple[Failure, bool]]:
    if any(term.holds(on) for term in evidence.terms):
        last = max(term.last_day for term in evidence.terms)
        if is_due_for_renewal(last, on):
            yield Failure(Predicate.TERM, f"有效期至 {last}，应申请复查"), False
        return
    ended = [term.last_day for term in evidence.terms if term.last_day < on]
    held_until = max(ended, default=evidence.held_until)
    if held_until is None:
        yield Failure(Predicate.TERM, f"{on} 尚未取得证书"), True
    elif held_until < on:
        yield Failure(Predicate.TERM, f"有效期至 {held_until}，{on} 已过期"), True
    elif is_due_for_renewal(held_until, on) and not evidence.terms:
        yield Failure(Predicate.TERM, f"有效期至 {held_until}，应申请复查"), False


def _yearly(
    evidence: Evidence, latest: Yearly | None, predicate: Predicate, name: str, on: date
) -> Iterator[tuple[Failure, bool]]:
    if latest is not None and latest.passed is False:
        yield Failure(predicate, f"{latest.on} 的{name}不合格"), True
        return
    if latest is not None and on <= years_later(latest.on, 1):
        return
    text = f"{name}没有记录" if latest is None else f"最近一次{name}在 {latest.on}，已超过一年"
    yield Failure(predicate, text), not _is_in_first_year(evidence, latest, on)


def _is_in_first_year(evidence: Evidence, latest: Yearly | None, on: date) -> bool:
    """A new certificate rests on its report for a year; of a standard older than the record nothing is known."""
    started = min((term.starts_on for term in evidence.terms), default=None)
    if started is None or on < started:
        return latest is None
    return on <= years_later(started, 1)
