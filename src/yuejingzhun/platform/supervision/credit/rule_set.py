"""A rule set as data: what each kind of fact counts, how it fades, how points add up, and what no points outweigh.

All points are whole thousandths. A rule set is read from JSON and checked as a whole: every problem is said at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from yuejingzhun.evidence.canonical import dump, load
from yuejingzhun.platform.supervision.credit.kinds import label_of, rated_kinds

FORMAT = 1
LARGEST = 64 * 1024  # bytes of JSON
MOST_POINTS = 1_000_000  # thousandths, of one fact
MOST_COUNTED = 1_000  # times that a quantity multiplies; 10^9 times 2^30 fits 63 bits
LONGEST = 36_525  # days
START = "start"
GRADES = ("A", "B", "C", "D")  # the best first
MOST_TERMS, LONGEST_NAME = 40, 60
KEYS = frozenset({"format", "name", "start", "facts", "terms", "result", "grades", "limits", "contested", "repair"})


class RuleSetError(ValueError):
    """The rule set can't be used; the message says in Chinese what was found and what is expected."""

    def __init__(self, *problems: str) -> None:
        super().__init__("；".join(problems))
        self.problems = problems


class Contested(Enum):
    """What a fact counts while a contest about it is open; the value is the term on the screen."""

    COUNTS = "照常计分"
    LEFT_OUT = "暂不计分"


@dataclass(frozen=True, slots=True)
class Weight:
    """Points of one fact (thousandths) for each of its quantity up to `most`; gone after `ends` days."""

    points: int
    most: int
    half_life: int | None
    ends: int


@dataclass(frozen=True, slots=True)
class Term:
    """A sum of the points of kinds and of other terms, kept between two bounds."""

    of: tuple[str, ...]
    least: int | None
    most: int | None

    def bounded(self, value: int) -> int:
        """The value, or the bound that it passes."""
        if self.least is not None:
            value = max(value, self.least)
        return value if self.most is None else min(value, self.most)


@dataclass(frozen=True, slots=True)
class Limit:
    """With `count` facts of a kind younger than `days`, the grade is `best` at the most."""

    kind: str
    days: int
    count: int
    best: str


@dataclass(frozen=True, slots=True)
class RepairTerms:
    """When credit may be repaired after a fact of a kind: days since it, and days without any adverse fact."""

    after_days: int
    clean_days: int


@dataclass(frozen=True, slots=True)
class RuleSet:
    """A whole rule set. `order` names its terms so that each comes behind those that it is made of."""

    name: str
    start: int
    facts: Mapping[str, Weight]
    terms: Mapping[str, Term]
    result: str
    grades: tuple[tuple[str, int | None], ...]
    limits: tuple[Limit, ...]
    contested: Contested
    repair: Mapping[str, RepairTerms]
    order: tuple[str, ...] = field(default=())


def read_rule_set(data: bytes) -> RuleSet:
    """The rule set in this JSON; raises RuleSetError with every problem."""
    try:
        content: Any = load(data, LARGEST)
    except (ValueError, RecursionError) as error:
        raise RuleSetError(f"规则文件无法读取：应为不超过 {LARGEST // 1024} kB 的 JSON（{error}）") from error
    return rule_set_of(content)


def rule_set_of(content: Any) -> RuleSet:
    """The rule set that parsed JSON says; raises RuleSetError with every problem."""
    if not isinstance(content, dict):
        raise RuleSetError("规则文件：最外层应为对象")
    problems: list[str] = []
    problems += [f"没有“{key}”" for key in sorted(KEYS - content.keys())]
    problems += [f"不认识“{str(key)[:LONGEST_NAME]}”" for key in sorted(content.keys() - KEYS)]
    if problems:
        raise RuleSetError(*problems)
    reading = _Reading(problems)
    if content["format"] != FORMAT:
        problems.append(f"format：应为 {FORMAT}，为 {content['format']!r}")
    found = RuleSet(
        name=reading.text(content["name"], "name"),
        start=reading.whole(content["start"], "start", -MOST_POINTS, MOST_POINTS),
        facts=reading.weights(content["facts"]),
        terms=reading.terms(content["terms"]),
        result=reading.text(content["result"], "result"),
        grades=reading.grades(content["grades"]),
        limits=reading.limits(content["limits"]),
        contested=reading.contested(content["contested"]),
        repair=reading.repair(content["repair"]),
    )
    order = _ordered(found, problems)
    if problems:
        raise RuleSetError(*problems)
    return RuleSet(
        found.name, found.start, found.facts, found.terms, found.result, found.grades, found.limits, found.contested,
        found.repair, order,
    )  # fmt: skip


def default_rules() -> bytes:
    """The rule set that comes with the program, to begin with: JSON as it is typed."""
    return Path(__file__).with_name("default_rules.json").read_bytes()


def canonical(content: Any) -> bytes:
    """The one spelling of a rule set's JSON, whose hash is published."""
    return dump(content)


def worse(one: str, other: str) -> str:
    """The worse of two grades."""
    return max(one, other, key=GRADES.index)


def _ordered(found: RuleSet, problems: list[str]) -> tuple[str, ...]:
    """The terms, each behind those that it is made of; names that aren't there, and circles, become problems."""
    known = {START, *found.facts, *found.terms}
    for name, term in found.terms.items():
        problems += [f"terms.{name}：没有名为“{part}”的事实种类或分项" for part in term.of if part not in known]
        if name in {START, *rated_kinds()}:
            problems.append(f"terms.{name}：与事实种类或起始分同名")
    if found.result not in found.terms:
        problems.append(f"result：没有名为“{found.result}”的分项")
    graph = {name: [part for part in term.of if part in found.terms] for name, term in found.terms.items()}
    try:
        order = tuple(TopologicalSorter(graph).static_order())
    except CycleError as error:
        problems.append(f"terms：分项互相包含，成环：{' → '.join(error.args[1])}")
        return ()
    used = [part for term in found.terms.values() for part in term.of]
    for part in (START, *found.facts):
        if used.count(part) > 1:
            problems.append(f"terms：“{part}”计入了 {used.count(part)} 次，应只一次")
    problems += [
        f"facts.{kind}：{label_of(kind)}有分值，却没有计入任何分项"
        for kind, weight in found.facts.items()
        if weight.points and kind not in used
    ]
    return order


class _Reading:
    """Reads the parts, and notes what is wrong with them."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems

    def text(self, value: Any, where: str) -> str:
        if isinstance(value, str) and 0 < len(value) <= LONGEST_NAME:
            return value
        self.problems.append(f"{where}：应为 1 至 {LONGEST_NAME} 个字，为 {str(value)[:LONGEST_NAME]!r}")
        return ""

    def whole(self, value: Any, where: str, least: int, most: int) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return value
        self.problems.append(f"{where}：应为 {least} 至 {most} 的整数，为 {str(value)[:LONGEST_NAME]!r}")
        return most

    def maybe(self, value: Any, where: str, least: int, most: int) -> int | None:
        return None if value is None else self.whole(value, where, least, most)

    def rows(self, value: Any, where: str, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
        """An object of objects, each with exactly those keys."""
        if not isinstance(value, dict):
            self.problems.append(f"{where}：应为对象")
            return {}
        return {name: row for name, row in value.items() if self._has(row, f"{where}.{name}", keys)}

    def listed(self, value: Any, where: str, keys: Sequence[str]) -> list[dict[str, Any]]:
        if not isinstance(value, list):
            self.problems.append(f"{where}：应为数组")
            return []
        return [row for number, row in enumerate(value, 1) if self._has(row, f"{where} 第 {number} 项", keys)]

    def _has(self, row: Any, where: str, keys: Sequence[str]) -> bool:
        if isinstance(row, dict) and set(row) == set(keys):
            return True
        self.problems.append(f"{where}：应恰有 {'、'.join(keys)}")
        return False

    def kind(self, value: Any, where: str) -> str:
        if value in rated_kinds():
            return str(value)
        self.problems.append(f"{where}：没有事实种类 {str(value)[:LONGEST_NAME]!r}")
        return ""

    def weights(self, value: Any) -> dict[str, Weight]:
        found = {}
        for kind, row in self.rows(value, "facts", ("points", "most", "half_life", "ends")).items():
            where = f"facts.{self.kind(kind, 'facts')}"
            found[kind] = Weight(
                self.whole(row["points"], f"{where}.points", -MOST_POINTS, MOST_POINTS),
                self.whole(row["most"], f"{where}.most", 1, MOST_COUNTED),
                self.maybe(row["half_life"], f"{where}.half_life", 1, LONGEST),
                self.whole(row["ends"], f"{where}.ends", 1, LONGEST),
            )
        given = value if isinstance(value, dict) else {}
        self.problems += [f"facts：缺少 {kind}（{label_of(kind)}）" for kind in rated_kinds() if kind not in given]
        return found

    def terms(self, value: Any) -> dict[str, Term]:
        found = {}
        for name, row in self.rows(value, "terms", ("of", "least", "most")).items():
            where = f"terms.{name}"
            of = row["of"]
            if not isinstance(of, list) or not of or not all(isinstance(part, str) for part in of):
                self.problems.append(f"{where}.of：应列出事实种类或分项的名称")
                of = []
            least = self.maybe(row["least"], f"{where}.least", -(10**9), 10**9)
            most = self.maybe(row["most"], f"{where}.most", -(10**9), 10**9)
            if least is not None and most is not None and least > most:
                self.problems.append(f"{where}：least {least} 大于 most {most}")
            found[name] = Term(tuple(of), least, most)
        if len(found) > MOST_TERMS:
            self.problems.append(f"terms：至多 {MOST_TERMS} 个，为 {len(found)} 个")
        return found

    def grades(self, value: Any) -> tuple[tuple[str, int | None], ...]:
        found = [
            (str(row["grade"]), self.maybe(row["least"], f"grades.{row['grade']}.least", -(10**9), 10**9))
            for row in self.listed(value, "grades", ("grade", "least"))
        ]
        names = [name for name, _ in found]
        bounds = [least for _, least in found]
        if names != list(GRADES):
            self.problems.append(f"grades：应依次为 {'、'.join(GRADES)}，为 {'、'.join(names)[:LONGEST_NAME]}")
        elif bounds[-1] is not None:
            self.problems.append("grades：最后一级的 least 应为 null，任何分数都有级别")
        else:
            above = [bound for bound in bounds[:-1] if bound is not None]
            if len(above) < len(bounds) - 1 or above != sorted(set(above), reverse=True):
                self.problems.append("grades：各级的 least 应为整数，且依次减小")
        return tuple(found)

    def limits(self, value: Any) -> tuple[Limit, ...]:
        found = []
        for number, row in enumerate(self.listed(value, "limits", ("kind", "days", "count", "best")), 1):
            where = f"limits 第 {number} 项"
            if row["best"] not in GRADES:
                self.problems.append(f"{where}.best：应为 {'、'.join(GRADES)} 之一")
            found.append(
                Limit(
                    self.kind(row["kind"], f"{where}.kind"),
                    self.whole(row["days"], f"{where}.days", 1, LONGEST),
                    self.whole(row["count"], f"{where}.count", 1, MOST_COUNTED),
                    str(row["best"]),
                )
            )
        return tuple(found)

    def contested(self, value: Any) -> Contested:
        if isinstance(value, str) and value.upper() in Contested.__members__:
            return Contested[value.upper()]
        self.problems.append("contested：应为 counts（照常计分）或 left_out（暂不计分）")
        return Contested.COUNTS

    def repair(self, value: Any) -> dict[str, RepairTerms]:
        found = {}
        for kind, row in self.rows(value, "repair", ("after_days", "clean_days")).items():
            where = f"repair.{self.kind(kind, 'repair')}"
            found[kind] = RepairTerms(
                self.whole(row["after_days"], f"{where}.after_days", 0, LONGEST),
                self.whole(row["clean_days"], f"{where}.clean_days", 0, LONGEST),
            )
        return found
