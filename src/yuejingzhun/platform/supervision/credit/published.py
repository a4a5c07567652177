"""A published rating as a file, and its check: anyone recomputes the grade, and that it stands in the log. Offline.

The file holds the statement (the facts as known then, the day, the grade), the rule set, the way from the statement to
the root of its round, and the logged entry with that root and its proof.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any

from yuejingzhun.evidence.canonical import dump, load
from yuejingzhun.evidence.checks import Check, Report, Status
from yuejingzhun.evidence.credit_statement import RATED, ROOT, RULES_FILE
from yuejingzhun.evidence.entry import Entry, EntryError
from yuejingzhun.evidence.entry import decode as decode_entry
from yuejingzhun.evidence.log.merkle import ProofError, leaf_hash, root_from_inclusion
from yuejingzhun.evidence.log.policy import Policy
from yuejingzhun.evidence.log_checks import check_inclusion
from yuejingzhun.platform.supervision.credit.kinds import rated_kinds
from yuejingzhun.platform.supervision.credit.rule_set import RuleSetError, read_rule_set
from yuejingzhun.platform.supervision.credit.rules import Known, rate

FORMAT = 1
LARGEST = 4 * 1024 * 1024  # bytes
FACT_KEYS = frozenset({"contested", "id", "kind", "occurred_on", "quantity", "repaired_on"})


class PublishedError(ValueError):
    """Not a published rating; the message says in Chinese why."""


@dataclass(frozen=True, slots=True)
class Party:
    """Whom a rating is about."""

    credit_code: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class Statement:
    """A rating as it is published; `known_at` is the moment whose knowledge it rests on (UTC)."""

    party: Party
    on: date
    known_at: datetime
    rules: str
    rules_sha256: str
    facts: tuple[Known, ...]
    grade: str
    score: int


@dataclass(frozen=True, slots=True)
class PublishedRating:
    """All that is published of a rating. `statement`, `rules` and `entry` are canonical JSON."""

    statement: bytes
    rules: bytes
    index: int
    size: int
    path: tuple[bytes, ...]
    entry: bytes
    inclusion: bytes

    def encode(self) -> bytes:
        """The bytes of the file."""
        return dump(
            {
                "entry": self.entry.decode(),
                "format": FORMAT,
                "inclusion": self.inclusion.decode(),
                "index": self.index,
                "path": [value.hex() for value in self.path],
                "rules": self.rules.decode(),
                "size": self.size,
                "statement": self.statement.decode(),
            }
        )


def instant(at: datetime) -> str:
    """A moment in UTC to the microsecond, as the database keeps it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def encode_statement(said: Statement) -> bytes:
    """Canonical: the same rating always is the same bytes."""
    return dump(
        {
            "facts": [_fact(fact) for fact in said.facts],
            "grade": said.grade,
            "known_at": instant(said.known_at),
            "on": said.on.isoformat(),
            "party": asdict(said.party),
            "rules": said.rules,
            "rules_sha256": said.rules_sha256,
            "score": said.score,
        }
    )


def leaf_of(statement: bytes) -> bytes:
    """The leaf of a statement in the tree of its round."""
    return leaf_hash(hashlib.sha256(statement).digest())


def decode(data: bytes) -> PublishedRating:
    """The file in these bytes; raises PublishedError."""
    try:
        content: Any = load(data, LARGEST)
        if content["format"] != FORMAT:
            raise PublishedError(f"信用评价文件的格式应为 {FORMAT}，为 {str(content['format'])[:20]!r}")
        found = PublishedRating(
            content["statement"].encode(),
            content["rules"].encode(),
            content["index"],
            content["size"],
            tuple(map(bytes.fromhex, content["path"])),
            content["entry"].encode(),
            content["inclusion"].encode(),
        )
        if found.encode() != data:
            raise PublishedError("信用评价文件不是规范形式")
    except PublishedError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise PublishedError(f"信用评价文件无法读取（{type(error).__name__}）") from error
    return found


def decode_statement(data: bytes) -> Statement:
    """The statement in these bytes; raises PublishedError."""
    try:
        content: Any = load(data, LARGEST)
        said = Statement(
            Party(**content["party"]),
            date.fromisoformat(content["on"]),
            datetime.strptime(content["known_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC),
            content["rules"],
            content["rules_sha256"],
            tuple(_known(fact) for fact in content["facts"]),
            content["grade"],
            content["score"],
        )
        if encode_statement(said) != data:
            raise PublishedError("评价内容不是规范形式")
    except PublishedError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        raise PublishedError(f"评价内容无法读取（{type(error).__name__}）") from error
    return said


def verify(found: PublishedRating, log: Policy | None, now: datetime) -> Report:
    """Every check of a published rating; `log` says whom one trusts about the log."""
    try:
        said = decode_statement(found.statement)
    except PublishedError as error:
        return Report((Check("statement", "评价内容", Status.FAILED, str(error)),))
    about = f"{said.party.name}（{said.party.credit_code}）{said.on} 为 {said.grade} 级，{len(said.facts)} 项事实"
    entry = _entry(found.entry)
    return Report(
        (
            Check("statement", "评价内容", Status.PASSED, about),
            _rules(found, said, entry),
            _grade(found, said),
            _round(found, said, entry),
            check_inclusion(found.inclusion, found.entry, log, now),
        )
    )


def _entry(data: bytes) -> Entry | str:
    try:
        return decode_entry(data)
    except EntryError as error:
        return str(error)


def _rules(found: PublishedRating, said: Statement, entry: Entry | str) -> Check:
    name, label = "rules", "规则"
    sha256 = hashlib.sha256(found.rules).hexdigest()
    logged = entry.sha256.get(RULES_FILE) if isinstance(entry, Entry) else None
    if not sha256 == said.rules_sha256 == logged:
        return Check(name, label, Status.FAILED, "所附规则不是评价内容与登记条目所指的规则")
    try:
        rules = read_rule_set(found.rules)
    except RuleSetError as error:
        return Check(name, label, Status.FAILED, str(error))
    return Check(name, label, Status.PASSED, f"{rules.name}，第 {said.rules} 版")


def _grade(found: PublishedRating, said: Statement) -> Check:
    name, label = "grade", "重新计算"
    try:
        rating = rate(read_rule_set(found.rules), said.facts, said.on)
    except RuleSetError as error:
        return Check(name, label, Status.FAILED, str(error))
    told = f"{rating.grade} 级，{points_text(rating.score)} 分"
    if (rating.grade, rating.score) != (said.grade, said.score):
        return Check(name, label, Status.FAILED, f"重新计算为 {told}，公布的是 {said.grade} 级")
    return Check(name, label, Status.PASSED, told)


def _round(found: PublishedRating, said: Statement, entry: Entry | str) -> Check:
    name, label = "round", "评价批次"
    if not isinstance(entry, Entry):
        return Check(name, label, Status.FAILED, entry)
    facts = {"known_at": instant(said.known_at), "on": said.on.isoformat(), "rules": said.rules}
    told = {key: entry.facts.get(key) for key in facts}
    if entry.event != RATED or told != facts or entry.facts.get("size") != str(found.size):
        return Check(name, label, Status.FAILED, "登记的不是这一批评价")
    try:
        root = root_from_inclusion(leaf_of(found.statement), found.index, found.size, found.path)
    except ProofError as error:
        return Check(name, label, Status.FAILED, str(error))
    if root.hex() != entry.sha256.get(ROOT):
        return Check(name, label, Status.FAILED, "评价内容不在登记的这一批之中")
    return Check(name, label, Status.PASSED, f"{entry.number}，第 {found.index + 1} 项，共 {found.size} 项")


def points_text(thousandths: int) -> str:
    """Points with all their digits, such as -3.05."""
    whole, part = divmod(abs(thousandths), 1000)
    text = f"{whole}.{part:03}".rstrip("0").rstrip(".")
    return f"-{text}" if thousandths < 0 else text


def _fact(fact: Known) -> dict[str, object]:
    return {
        "contested": fact.contested,
        "id": fact.id,
        "kind": fact.kind,
        "occurred_on": fact.occurred_on.isoformat(),
        "quantity": fact.quantity,
        "repaired_on": None if fact.repaired_on is None else fact.repaired_on.isoformat(),
    }


def _known(given: Mapping[str, Any]) -> Known:
    if given.keys() != FACT_KEYS or given["kind"] not in rated_kinds():
        raise ValueError("not a fact")
    integers: Sequence[Any] = (given["id"], given["quantity"])
    if any(not isinstance(value, int) or isinstance(value, bool) for value in integers):
        raise ValueError("not whole")
    repaired = given["repaired_on"]
    return Known(
        given["id"],
        given["kind"],
        date.fromisoformat(given["occurred_on"]),
        given["quantity"],
        bool(given["contested"]),
        None if repaired is None else date.fromisoformat(repaired),
    )
