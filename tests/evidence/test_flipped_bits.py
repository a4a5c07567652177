"""Bits flipped by someone without a key: nothing is accepted with a changed meaning."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from lxml import etree

from yuejingzhun.evidence.authority import create_authority, issue_signer
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.dcc.compose import compose
from yuejingzhun.evidence.entry import EntryError, check_entry_signature, decode, encode, entry_for, sign_entry
from yuejingzhun.evidence.signature import SignatureError, sign_xml, verify_xml

AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
ROOT = create_authority("演示根证书", AT - timedelta(days=30))
SIGNER = issue_signer(ROOT, "演示市计量检定所", AT - timedelta(days=1))
SAMPLED = 10_000


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_every_bit_of_an_entry_and_of_its_signature() -> None:
    entry = encode(entry_for("YJZ-440100-2026-000001", AT, {"certificate.xml": b"<x/>"}))
    envelope = sign_entry(entry, SIGNER)
    said = decode(entry)
    for bit in range(len(entry) * 8):
        with pytest.raises(EntryError):
            check_entry_signature(flipped(entry, bit), envelope, SIGNER.certificate)
    for bit in range(len(envelope) * 8):
        try:
            check_entry_signature(entry, flipped(envelope, bit), SIGNER.certificate)
        except EntryError:
            continue
        # The case of a hexadecimal digit says nothing: the same signature over the same bytes.
        assert flipped(envelope, bit).lower() == envelope
    assert decode(entry) == said


@pytest.mark.parametrize("seed", range(4))
def test_ten_thousand_sampled_bits_of_the_xml(seed: int, certificate: Callable[..., Certificate]) -> None:
    signed = sign_xml(compose(certificate()), SIGNER, AT)
    said = etree.tostring(verify_xml(signed, [ROOT.certificate], AT).signed, method="c14n")
    generator = random.Random(seed)  # noqa: S311 - which bits, not a secret
    accepted = 0
    for bit in generator.sample(range(len(signed) * 8), SAMPLED // 4):
        try:
            result = verify_xml(flipped(signed, bit), [ROOT.certificate], AT)
        except SignatureError:
            continue
        accepted += 1
        assert etree.tostring(result.signed, method="c14n") == said, bit
        assert result.signer == SIGNER.certificate
        assert result.signed_at == AT
    assert accepted < SAMPLED // 4 // 20
