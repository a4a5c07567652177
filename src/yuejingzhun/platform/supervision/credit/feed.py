"""The feed to the provincial credit system: a file a round of ratings, in JSON and CSV, each with a signed hash.

A round never changes, so its files never do: who has taken round n asks for what came after n.
"""

import json

from cryptography.hazmat.primitives.serialization import Encoding

from yuejingzhun.evidence.entry import sign_entry
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import organisation
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.approvals.signing import signer_for
from yuejingzhun.platform.supervision.credit.errors import UnknownCreditError
from yuejingzhun.platform.supervision.credit.feed_files import Head, Row, csv_file, json_file
from yuejingzhun.platform.supervision.credit.models import Rating, Snapshot
from yuejingzhun.platform.supervision.credit.queries import LARGEST_KEY, province_authority

PAGE = 100
SUFFIXES = ("json", "csv", "json.sig", "csv.sig", "der")
CHUNK = 5_000


def rounds_after(actor: Actor, after: int = 0) -> list[Snapshot]:
    """The rounds behind one, the earliest first, by page; for the province's authority."""
    _check(actor)
    rows = Snapshot.objects.defer("leaves").select_related("rules").filter(pk__gt=min(after, LARGEST_KEY))
    return list(rows.order_by("pk")[:PAGE])


def feed_file(actor: Actor, number: str, suffix: str) -> bytes:
    """A file of a round: JSON, CSV, the signature of either by the authority that asks, or its certificate.

    Raises NotPermittedError and UnknownCreditError.
    """
    authority = _check(actor)
    made = Snapshot.objects.defer("leaves").select_related("rules").filter(number=number[:40]).first()
    if made is None or suffix not in SUFFIXES:
        raise UnknownCreditError(f"没有批次 {number[:40]} 的这种文件")
    if suffix == "der":
        return signer_for(authority, organisation(authority).name, made.taken_at).certificate.public_bytes(Encoding.DER)
    write = json_file if suffix.startswith("json") else csv_file
    data = write(_head(made), _rows(made))
    if not suffix.endswith(".sig"):
        return data
    return sign_entry(data, signer_for(authority, organisation(authority).name, made.taken_at))


def _head(made: Snapshot) -> Head:
    return Head(made.number, made.on, made.known_at, made.root, made.rules.version, made.rules.sha256)


def _rows(made: Snapshot) -> list[Row]:
    """As they stood when they were rated: from the statements, which never change."""
    rows = Rating.objects.filter(snapshot=made).order_by("place").values_list("statement", flat=True)
    said = map(json.loads, rows.iterator(chunk_size=CHUNK))
    return [Row(**one["party"], grade=one["grade"], score=one["score"]) for one in said]


def _check(actor: Actor) -> int:
    found = province_authority(actor)
    if found is None:
        raise NotPermittedError(f"{actor.name} 不是省级市场监管部门的监管人员，不能取得信用数据的推送")
    return found
