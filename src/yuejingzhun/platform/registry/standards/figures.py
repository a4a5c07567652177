"""The figures of a technical report and of the yearly records, judged by metrology.measurement_standard. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from yuejingzhun.metrology.measurement_standard import (
    LEAST_GROUPS,
    group_means,
    repeatability,
    repeatability_holds,
    stability_in_use,
    stability_of_new,
    verify_by_comparison,
    verify_by_transfer,
)
from yuejingzhun.platform.registry.standards.proposal import Comparison, Group, Proposal
from yuejingzhun.platform.registry.standards.rules import Kind, months_later


@dataclass(frozen=True, slots=True)
class Finding:
    """One figure against its limit, in the unit of U; `found` and `limit` None where nothing can be computed."""

    name: str
    found: float | None
    limit: float | None
    passed: bool
    note: str = ""


def findings(given: Proposal, kind: Kind, reported_s: float | None) -> tuple[Finding, ...]:
    """Repeatability, stability and verification of U; `reported_s` is that of the last technical report, if any."""
    return (
        _repeatability(given.readings, reported_s),
        _stability(given, kind),
        _verification(given.verification),
    )


def deviation(readings: Sequence[Decimal]) -> float:
    """Experimental standard deviation of one reading, in their unit."""
    return float(repeatability(_floats(readings)).s)


def repeats_as_reported(readings: Sequence[Decimal], reported_s: float) -> tuple[float, bool]:
    """The deviation, and whether it is not above that of the technical report."""
    s = deviation(readings)
    return s, repeatability_holds(s, reported_s)


def mean(readings: Sequence[Decimal]) -> float:
    """Mean of a group of the check standard."""
    return float(group_means([_floats(readings)])[0])


def change_from(earlier: float, later: float, allowed: Decimal) -> tuple[float, bool]:
    """Change of the group mean since the last one, and whether it is below what is allowed."""
    found = stability_in_use([earlier, later], float(allowed))
    return found.change, found.holds


def _repeatability(readings: tuple[Decimal, ...], reported_s: float | None) -> Finding:
    s = deviation(readings)
    if reported_s is None:
        return Finding("重复性 s", s, None, True, "新的技术报告，作为以后各年的限值")
    return Finding("重复性 s", s, reported_s, repeatability_holds(s, reported_s), "不大于原技术报告的 s")


def _stability(given: Proposal, kind: Kind) -> Finding:
    name, allowed = "稳定性", float(given.allowed_change)
    least = LEAST_GROUPS if kind is Kind.NEW else 2
    if len(given.groups) < least:
        return Finding(name, None, allowed, False, f"有 {len(given.groups)} 组，至少需要 {least} 组")
    if kind is Kind.NEW and not _are_a_month_apart(given.groups):
        return Finding(name, None, allowed, False, "相邻两组的间隔应大于一个月")
    means = [mean(group.readings) for group in given.groups]
    if kind is Kind.NEW:
        found = stability_of_new(means, allowed)
        return Finding(name, found.change, allowed, found.holds, "各组平均值的最大差")
    changes = [stability_in_use(list(pair), allowed) for pair in pairwise(means)]
    largest = max(changes, key=lambda each: each.change)
    return Finding(name, largest.change, allowed, largest.holds, "相邻两次平均值之差的最大者")


def _are_a_month_apart(groups: tuple[Group, ...]) -> bool:
    return all(later.on > months_later(earlier.on, 1) for earlier, later in pairwise(groups))


def _verification(given: Comparison) -> Finding:
    values, us = zip(*(map(float, result) for result in given.results), strict=True)
    if given.is_transfer:
        found = verify_by_transfer(values[0], us[0], values[1], us[1])
        return _finding(float(found.difference), float(found.limit), bool(found.holds), "传递比较法")
    compared = verify_by_comparison(values, us)
    own = float(compared.difference[0]), float(compared.limit[0]), bool(compared.holds[0])
    return _finding(*own, f"比对法，{len(values)} 个实验室")


def _finding(difference: float, limit: float, passed: bool, note: str) -> Finding:
    return Finding("不确定度的验证", difference, limit, passed, note)


def _floats(readings: Sequence[Decimal]) -> list[float]:
    return [float(reading) for reading in readings]
