"""What is stated of type approvals: one certificate one file, and its hash is what is signed."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime

from yuejingzhun.evidence.canonical import LARGEST
from yuejingzhun.evidence.entry import decode, encode
from yuejingzhun.evidence.type_statement import Certified, Model, certificate_file, type_approved, type_withdrawn

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
MODELS = [Model("DDZY1", "A级", "220V 5(60)A", ""), Model("DDZY2", "B级", "220V 10(100)A", "1200 imp/kWh")]
SAID = Certified("2026E101-44", 2, "电能表", "厂", "省局", "院", "R-1", "2026-11-24", MODELS)


def test_the_file_says_all_and_the_statement_holds_its_hash() -> None:
    content = certificate_file(SAID)
    read = json.loads(content)
    assert read["version"] == 1 and read["number"] == "2026E101-44" and read["edition"] == 2
    assert [tuple(row[key] for key in Model.__slots__) for row in read["models"]] == [
        ("DDZY1", "A级", "220V 5(60)A", ""),
        ("DDZY2", "B级", "220V 10(100)A", "1200 imp/kWh"),
    ]
    entry = type_approved(SAID, AT)
    assert (entry.number, entry.event) == ("2026E101-44-E2", "type-approved")
    assert entry.sha256 == {"certificate.json": hashlib.sha256(content).hexdigest()}
    assert decode(encode(entry)) == entry


def test_whatever_changes_on_a_certificate_changes_the_hash() -> None:
    others = (
        replace(SAID, edition=3),
        replace(SAID, maker="别家"),
        replace(SAID, models=MODELS[::-1]),
        replace(SAID, models=[*MODELS[:1], replace(MODELS[1], technical="1600 imp/kWh")]),
    )
    hashes = {type_approved(one, AT).sha256["certificate.json"] for one in (SAID, *others)}
    assert len(hashes) == 5


def test_the_statement_of_the_largest_certificate_can_still_be_read() -> None:
    many = [Model("长" * 120, "级" * 60, "围" * 200, "标" * 1000)] * 400
    entry = type_approved(replace(SAID, models=many, maker="厂" * 200), AT)
    assert len(encode(entry)) < LARGEST and decode(encode(entry)) == entry


def test_a_withdrawal_says_from_when_and_why() -> None:
    entry = type_withdrawn("2026E101-44", AT, "2026-12-01", "不符合要求")
    assert (entry.number, entry.event) == ("2026E101-44", "type-withdrawn")
    assert entry.facts == {"from": "2026-12-01", "reason": "不符合要求"}
