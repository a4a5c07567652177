"""What the public gets of credit: the grade of a party by its credit code, and the file that proves it."""

from dataclasses import dataclass

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from yuejingzhun.evidence.credit_statement import RATED
from yuejingzhun.evidence.log.merkle import Node, inclusion_proof, node_hash
from yuejingzhun.evidence.log.tile import split_hashes
from yuejingzhun.platform.foundation.ledger import queries as ledger
from yuejingzhun.platform.foundation.parties.queries import Organisation
from yuejingzhun.platform.foundation.parties.searching import WITH_FRAGMENT, WITH_TEXT
from yuejingzhun.platform.supervision.credit.errors import UnknownCreditError
from yuejingzhun.platform.supervision.credit.models import Rating, Snapshot, Standing
from yuejingzhun.platform.supervision.credit.published import PublishedRating, Statement, decode_statement

MOST = 20


@dataclass(frozen=True, slots=True)
class Grade:
    """A party's published grade: what law makes public of it."""

    party: Organisation
    standing: Standing
    statement: Statement
    history: tuple[Rating, ...]


def find_public(text: str) -> list[Standing]:
    """Rated parties with a credit code by the whole code or by part of the name; MOST at the most."""
    wanted = "".join(character for character in text if character.isprintable()).strip()[:60]
    if len(wanted) < 2:
        return []
    rows = Standing.objects.select_related("party").exclude(party__credit_code=None)
    coded = list(rows.filter(party__credit_code=wanted.upper()))
    # By the index of fragments, as holders are found.
    named = RawSQL(f"{WITH_FRAGMENT} AND {WITH_TEXT}", [wanted, wanted], BooleanField())  # noqa: S611 - texts of ours
    return coded or list(rows.filter(named).order_by("party_id")[:MOST])


def public_grade(credit_code: str) -> Grade:
    """The published grade of a party; raises UnknownCreditError."""
    found = _standing(credit_code)
    history = Rating.objects.filter(party=found.party).select_related("snapshot").defer("snapshot__leaves")
    rows = tuple(history.order_by("-pk")[:MOST])
    return Grade(found.party, found, decode_statement(rows[0].statement.encode()), rows)


def rating_file(credit_code: str, number: str = "") -> bytes:
    """The file of a party's last rating, or of the one of a round; raises UnknownCreditError.

    Also while no signed checkpoint of the log covers the round.
    """
    party = _standing(credit_code).party
    rows = Rating.objects.filter(party=party).select_related("snapshot__rules")
    row = (rows.filter(snapshot__number=number[:40]) if number else rows).order_by("-pk").first()
    if row is None:
        raise UnknownCreditError(f"{credit_code} 没有批次 {number[:40]} 的信用评价")
    return file_of(row)


def file_of(row: Rating) -> bytes:
    """The published file of a rating, with the proofs as they stand now."""
    made = row.snapshot
    stated, place = ledger.statement(made.number, RATED), ledger.place_of(made.number, RATED)
    proven = ledger.proof_of(place) if place else None
    if stated is None or proven is None:
        raise UnknownCreditError("这次评价正在登记，证明稍后可以下载")
    path = inclusion_proof(row.place, made.size, _node_of(made))
    return PublishedRating(
        row.statement.encode(),
        made.rules.content.encode(),
        row.place,
        made.size,
        tuple(path),
        bytes(stated.content),
        proven.inclusion,
    ).encode()


def newest_snapshot() -> Snapshot | None:
    """The last round."""
    return Snapshot.objects.defer("leaves").select_related("rules").order_by("-known_at").first()


def _standing(credit_code: str) -> Standing:
    wanted = credit_code.strip().upper()[:18]
    found = Standing.objects.select_related("party").filter(party__credit_code=wanted).first() if wanted else None
    if found is None:
        raise UnknownCreditError(f"没有统一社会信用代码为 {wanted} 的单位的信用评价")
    return found


def _node_of(made: Snapshot) -> Node:
    """Any full node of the tree of a round, out of its leaves."""
    leaves = split_hashes(bytes(made.leaves))

    def node(level: int, index: int) -> bytes:
        hashes = leaves[index << level : (index + 1) << level]
        while len(hashes) > 1:
            hashes = [node_hash(left, right) for left, right in zip(hashes[::2], hashes[1::2], strict=True)]
        return hashes[0]

    return node
