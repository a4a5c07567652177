"""The feed to the provincial credit system: a file a round of ratings, in JSON and CSV, each with a signed hash.

A round never changes, so its files never do: who has taken round n asks for what came after n.
"""

import csv
import hashlib
import io
from dataclasses import dataclass

from cryptography.hazmat.primitives.serialization import Encoding

from yuejingzhun.evidence.canonical import dump
from yuejingzhun.evidence.entry import sign_entry
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.foundation.tables.formulas import neutral
from yuejingzhun.platform.registry.approvals.signing import signer_for
from yuejingzhun.platform.supervision.credit.errors import UnknownCreditError
from yuejingzhun.platform.supervision.credit.models import Rating, Snapshot
from yuejingzhun.platform.supervision.credit.published import decode_statement, instant, points_text
from yuejingzhun.platform.supervision.credit.queries import LARGEST_KEY, province_authority

PAGE = 100
HEADINGS = ("统一社会信用代码", "单位名称", "行政区划", "级别", "分数", "评价日期", "批次", "规则版次")
SUFFIXES = ("json", "csv", "json.sig", "csv.sig", "der")
CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class FeedFile:
    """A round as it is fed."""

    id: int
    number: str
    on: str
    size: int
    sha256_json: str
    sha256_csv: str


def rounds_after(actor: Actor, after: int = 0) -> list[Snapshot]:
    """The rounds behind one, the earliest first, by page; for the province's authority."""
    _check(actor)
    rows = Snapshot.objects.defer("leaves").select_related("rules").filter(pk__gt=min(after, LARGEST_KEY))
    return list(rows.order_by("pk")[:PAGE])


def files_after(actor: Actor, after: int = 0, most: int = 10) -> list[FeedFile]:
    """The same with the hashes of their files, `most` at a time."""
    return [
        FeedFile(
            made.pk,
            made.number,
            made.on.isoformat(),
            made.size,
            hashlib.sha256(_json(made)).hexdigest(),
            hashlib.sha256(_csv(made)).hexdigest(),
        )
        for made in rounds_after(actor, after)[:most]
    ]


def feed_file(actor: Actor, number: str, suffix: str) -> bytes:
    """A file of a round: JSON, CSV, the signature of either by the authority that asks, or its certificate.

    Raises NotPermittedError and UnknownCreditError.
    """
    authority = _check(actor)
    made = Snapshot.objects.defer("leaves").select_related("rules").filter(number=number[:40]).first()
    if made is None or suffix not in SUFFIXES:
        raise UnknownCreditError(f"没有批次 {number[:40]} 的这种文件")
    if suffix in ("json", "csv"):
        return _json(made) if suffix == "json" else _csv(made)
    identity = signer_for(authority, organisation(authority).name, made.taken_at)
    if suffix == "der":
        return identity.certificate.public_bytes(Encoding.DER)
    return sign_entry(_json(made) if suffix == "json.sig" else _csv(made), identity)


def _json(made: Snapshot) -> bytes:
    names = ("credit_code", "name", "region", "grade", "score")
    return dump(
        {
            "format": 1,
            "known_at": instant(made.known_at),
            "number": made.number,
            "on": made.on.isoformat(),
            "ratings": [dict(zip(names, row, strict=True)) for row in _rows(made)],
            "root": made.root,
            "rules": {"sha256": made.rules.sha256, "version": made.rules.version},
        }
    )


def _csv(made: Snapshot) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    of_round = (made.on.isoformat(), made.number, made.rules.version)
    for code, name, region, grade, score in _rows(made):
        writer.writerow((code, neutral(name), region, grade, points_text(score), *of_round))
    return text.getvalue().encode("utf-8-sig")


def _rows(made: Snapshot) -> list[tuple[str, str, str, str, int]]:
    """As they stood when they were rated: from the statements, which never change."""
    rows = Rating.objects.filter(snapshot=made).order_by("place").values_list("statement", flat=True)
    found = []
    for text in rows.iterator(chunk_size=CHUNK):
        said = decode_statement(text.encode())
        found.append((said.party.credit_code, said.party.name, said.party.region, said.grade, said.score))
    return found


def _check(actor: Actor) -> int:
    found = province_authority(actor)
    if found is None:
        raise NotPermittedError(f"{actor.name} 不是省级市场监管部门的监管人员，不能取得信用数据的推送")
    return found
