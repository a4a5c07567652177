"""The plan of a draw: everything that decides it but the seed. Its hash is logged before the seed can be known."""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yuejingzhun.evidence.canonical import dump, load

LARGEST_PLAN = 64 * 1024 * 1024
LARGEST_WEIGHT = 10**9
VERSION = 1
_HASH = re.compile(r"[0-9a-f]{64}")


class DrawError(ValueError):
    """A plan or transcript that can't be; the message says in Chinese why."""


@dataclass(frozen=True, slots=True)
class Stratum:
    """A part of the population, of which `take` are drawn; weights are whole numbers, proportional to the chance."""

    name: str
    take: int
    weights: Mapping[str, int]  # by candidate


@dataclass(frozen=True, slots=True)
class Secret:
    """A party's promise: the hash of a secret that it reveals after the checkpoint."""

    party: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Who may be drawn, who may visit, and from what the seed will come.

    The seed needs the root of the log `origin` at exactly `size` leaves, a size that the log has not reached yet.
    """

    number: str
    rule: str
    origin: str
    size: int
    strata: tuple[Stratum, ...]
    inspectors: tuple[str, ...]
    per_visit: int
    avoid: frozenset[tuple[str, str]]  # inspector, candidate
    secrets: tuple[Secret, ...]
    vrf_key: str  # hexadecimal

    def __post_init__(self) -> None:
        _check(self)

    def encode(self) -> bytes:
        """The canonical bytes, whose SHA-256 is committed."""
        return dump(
            {
                "avoid": sorted(map(list, self.avoid)),
                "inspectors": list(self.inspectors),
                "number": self.number,
                "origin": self.origin,
                "per_visit": self.per_visit,
                "rule": self.rule,
                "secrets": [{"party": s.party, "sha256": s.sha256} for s in self.secrets],
                "size": self.size,
                "strata": [{"name": s.name, "take": s.take, "weights": dict(s.weights)} for s in self.strata],
                "version": VERSION,
                "vrf_key": self.vrf_key,
            }
        )

    @property
    def sha256(self) -> bytes:
        """What is committed."""
        return hashlib.sha256(self.encode()).digest()


def decode_plan(data: bytes) -> Plan:
    """The plan in these bytes; raises DrawError unless they are canonical and the plan can be drawn."""
    try:
        content: Any = load(data, LARGEST_PLAN)
        plan = Plan(
            number=content["number"],
            rule=content["rule"],
            origin=content["origin"],
            size=content["size"],
            strata=tuple(Stratum(s["name"], s["take"], s["weights"]) for s in content["strata"]),
            inspectors=tuple(content["inspectors"]),
            per_visit=content["per_visit"],
            avoid=frozenset((inspector, candidate) for inspector, candidate in content["avoid"]),
            secrets=tuple(Secret(s["party"], s["sha256"]) for s in content["secrets"]),
            vrf_key=content["vrf_key"],
        )
    except DrawError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DrawError(f"抽查方案无法读取（{type(error).__name__}）") from error
    if plan.encode() != data:
        raise DrawError("抽查方案不是规范形式")
    return plan


def _check(plan: Plan) -> None:
    if not (_whole(plan.size, 1, 2**62) and _whole(plan.per_visit, 0, 100)):
        raise DrawError("检查点大小或每次检查的人数不合规定")
    _check_names("检查人员", plan.inspectors)
    _check_names("抽取对象", tuple(candidate for stratum in plan.strata for candidate in stratum.weights))
    if not plan.strata or not all(isinstance(value, str) for value in (plan.number, plan.rule, plan.origin)):
        raise DrawError("抽查方案没有总体，或编号、规则、日志不是文字")
    for stratum in plan.strata:
        _check_stratum(stratum)
    for value in (plan.vrf_key, *(secret.sha256 for secret in plan.secrets)):
        if not (isinstance(value, str) and _HASH.fullmatch(value)):
            raise DrawError("VRF 公钥与秘密的哈希应为 64 位小写十六进制")
    _check_avoidance(plan)


def _check_stratum(stratum: Stratum) -> None:
    if not all(_whole(weight, 0, LARGEST_WEIGHT) for weight in stratum.weights.values()):
        raise DrawError(f"“{stratum.name}”的权重应为 0 至 {LARGEST_WEIGHT} 的整数")
    able = sum(weight > 0 for weight in stratum.weights.values())
    if not _whole(stratum.take, 0, able):
        raise DrawError(f"“{stratum.name}”要抽 {stratum.take} 个，而权重大于零的只有 {able} 个")


def _check_avoidance(plan: Plan) -> None:
    barred = Counter(candidate for inspector, candidate in plan.avoid if inspector in set(plan.inspectors))
    for stratum in plan.strata:
        for candidate in stratum.weights:
            left = len(plan.inspectors) - barred[candidate]
            if left < plan.per_visit:
                raise DrawError(f"{candidate} 回避之后只剩 {left} 名检查人员，应有 {plan.per_visit} 名")


def _check_names(what: str, names: tuple[str, ...]) -> None:
    if not all(isinstance(name, str) and name for name in names):
        raise DrawError(f"{what}的标识应为文字")
    if len(set(names)) != len(names):
        raise DrawError(f"{what}有重复的标识")


def _whole(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most
