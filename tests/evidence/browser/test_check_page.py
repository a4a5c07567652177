"""The check in the browser agrees with `yjz verify`, name by name, on good and broken files, and asks nobody."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import test_bundle as made
from playwright.sync_api import Page
from visiting import NOW, differences, in_browser, needs_chromium, outside

from yuejingzhun.evidence.anchor.proof import AnchorProof
from yuejingzhun.evidence.bundle import ANCHOR, PROOF, TIMESTAMP, with_evidence
from yuejingzhun.evidence.canonical import dump
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.container import pack, unpack
from yuejingzhun.evidence.entry import decode, encode, sign_bytes, sign_entry
from yuejingzhun.evidence.issue import sign
from yuejingzhun.evidence.log.checkpoint import parse_checkpoint
from yuejingzhun.evidence.log.note import KeyKind, parse_note
from yuejingzhun.evidence.log.note_signer import generate
from yuejingzhun.evidence.log.proof import parse_proof
from yuejingzhun.evidence.notice import revocation, supersession

pytestmark = needs_chromium
Files = dict[str, bytes]


def corpus(certificate: Callable[..., Certificate]) -> dict[str, bytes]:
    good, other = made.make(certificate()), unpack(made.make(certificate(seed=2)))
    files = unpack(good)
    stranger = generate(made.LOG.key.name, KeyKind.ED25519)
    cases = {
        "good": good,
        "rejection": made.make(certificate(passing=False)),
        "another regulation": made.make(certificate("JJG 443-2015")),
        "pdf alone": files["certificate.pdf"],
        "xml alone": files["certificate.xml"],
        "revoked signer": made.make(certificate(), revoked=True),
        "signed by a stranger": made.make(certificate(), made.STRANGER),
        "proof of another log": pack({**files, PROOF: made.prove(files["entry.json"], stranger)}),
        "proof of another entry": pack({**files, PROOF: made.prove(b"another")}),
        "a foreign file": pack({**files, "readme.txt": b"x"}),
        "a file named as a method": pack({**files, "constructor": b"x"}),
        "cut off": good[:-1],
        "something after": good + b"\0",
        "nothing": b"nothing",
        "empty": b"",
        "an XML of nothing": b"<a/>",
        "blanks before an XML of nothing": b" " * 300 + b"<a/>",
    }
    for name in files:
        cases[f"without {name}"] = pack({n: content for n, content in files.items() if n != name})
        if name in other:
            cases[f"another's {name}"] = pack({**files, name: other[name]})
        for part in (5, 2):
            changed = bytearray(files[name])
            changed[len(changed) * (part - 1) // part] ^= 1
            cases[f"{name} changed at {part - 1}/{part}"] = pack({**files, name: bytes(changed)})
    return cases


def entries(files: Files) -> dict[str, Files]:
    """Entries and envelopes: other spellings of what is right, and what is wrong though its signer signed it."""
    entry, envelope = files["entry.json"], files["entry.sig"]
    content, signature = json.loads(entry), json.loads(envelope)["signature"]

    def signed(data: bytes) -> Files:
        return {"entry.json": data, "entry.sig": sign_entry(data, made.SIGNER), PROOF: made.prove(data)}

    def stating(**facts: object) -> Files:
        return signed(dump({**content, **facts}))

    def enveloped(data: bytes) -> Files:
        return {"entry.sig": data}

    r_and_s = sign_bytes(entry, made.SIGNER)
    return {
        "signed again": signed(entry),
        "with facts that sort by code points": stating(facts={"\uff5a": "1", "\U00020000": "2", "10": "a", "9": "b"}),
        "with every kind of text": stating(facts={"a": '"\\/\b\f\n\r\t\x01\x7f\u2028é证'}),
        "with a number as text": stating(number=5),
        "with hashes as pairs": stating(sha256=[["certificate.xml", content["sha256"]["certificate.xml"]]]),
        "with more in it": stating(more=1),
        "with another version": stating(version=3),
        "with a fraction": signed(entry.replace(b'"version":2', b'"version":2.0')),
        "of no such day": stating(at="2026-02-30T00:00:00Z"),
        "of a leap second": stating(at="2016-12-31T23:59:60Z"),
        "of long ago": stating(at="0999-01-01T00:00:00Z"),
        "of the year 1000": stating(at="1000-01-01T00:00:00Z"),
        "with blanks": signed(json.dumps(content).encode()),
        "with a surrogate": signed(entry.replace(b'"issued"', b'"issu\\ud800ed"')),
        "nested deep": signed(b"[" * 5000),
        "of another event": stating(event="revoked"),
        "of another number": signed(encode(replace(decode(entry), number="YJZ-440100-2026-000002"))),
        "signed by a stranger": enveloped(sign_entry(entry, made.STRANGER)),
        "with blanks in the hexadecimal": enveloped(envelope.replace(signature.encode(), b" " + signature.encode())),
        "with capitals": enveloped(envelope.replace(signature.encode(), signature.upper().encode())),
        "with a mark before": enveloped(b"\xef\xbb\xbf" + envelope),
        "in sixteen bits": enveloped(envelope.decode().encode("utf-16-le")),
        "as a list": enveloped(dump({"signature": [signature], "suite": "ecdsa-p256-sha256"})),
        "with more in the envelope": enveloped(dump({**json.loads(envelope), "z": 1})),
        "of another suite": enveloped(dump({"signature": signature, "suite": "rsa-pkcs1v15-sha256"})),
        "with a long length": enveloped(
            dump({"signature": (b"\x30\x81" + r_and_s[1:]).hex(), "suite": "ecdsa-p256-sha256"})
        ),
        "with something after": enveloped(dump({"signature": signature + "00", "suite": "ecdsa-p256-sha256"})),
    }


def anchors(files: Files) -> dict[str, Files]:
    head = parse_checkpoint(parse_note(parse_proof(files[PROOF]).checkpoint).text)
    hashes = ["0x" + digit * 64 for digit in "abc"]
    proof = AnchorProof(20, hashes[0], "0x" + "Ab" * 20, 7, hashes[1], hashes[2], head.size, "0x" + head.root.hex())
    return {
        "sound": {ANCHOR: proof.encode()},
        "of another size": {ANCHOR: replace(proof, size=head.size + 1).encode()},
        "of another root": {ANCHOR: replace(proof, root=hashes[0]).encode()},
        "beyond all numbers": {ANCHOR: replace(proof, block=2**63).encode()},
        "with the largest number": {ANCHOR: replace(proof, block=2**63 - 1).encode()},
        "with blanks": {ANCHOR: proof.encode().replace(b":", b": ")},
        "with more": {ANCHOR: proof.encode()[:-1] + b',"z":1}'},
        "of capitals": {ANCHOR: replace(proof, genesis="0x" + "A" * 64).encode()},
        "nonsense": {ANCHOR: b"nonsense"},
        "without a proof": {ANCHOR: proof.encode(), PROOF: b""},
    }


def notices() -> dict[str, Files]:
    revoked = made.notice(revocation(made.NUMBER, NOW, "标准器超差"))
    other = "YJZ-440100-2026-000002"
    return {
        "revoked": revoked,
        "superseded": made.notice(supersession(made.NUMBER, NOW, other)),
        "revoked, with a proof": {**revoked, "revoked/entry.tlog-proof": made.prove(revoked["revoked/entry.json"])},
        "revoked, with a proof of another": {**revoked, "revoked/entry.tlog-proof": made.prove(b"another")},
        "of another certificate": made.notice(revocation(other, NOW, "x")),
        "by a stranger": made.notice(revocation(made.NUMBER, NOW, "x"), made.STRANGER),
        "before its signer was certified": made.notice(revocation(made.NUMBER, NOW - timedelta(days=9), "x")),
        "in the other's place": {n.replace("revoked", "superseded"): content for n, content in revoked.items()},
        "half of one": {"revoked/entry.json": b"{}"},
    }


def test_it_agrees_with_the_command_on_good_and_broken_files(
    page: Page, certificate: Callable[..., Certificate]
) -> None:
    cases = outside(lambda: corpus(certificate))
    assert len(cases) > 40
    # A token is malleable outside what is signed; test_flipped_bits_in_the_browser asks about each part of it.
    assert [line for line in differences(page, cases) if TIMESTAMP not in line.split(":")[0]] == []


def test_it_agrees_on_entries_anchors_and_notices(page: Page, certificate: Callable[..., Certificate]) -> None:
    good = outside(lambda: made.make(certificate()))
    files = unpack(good)
    cases = {f"an entry {n}": pack({**files, **more}) for n, more in entries(files).items()}
    cases |= {f"an anchor {n}": pack({**files, **more}) for n, more in anchors(files).items()}
    cases |= {f"a notice {n}": with_evidence(good, more) for n, more in notices().items()}
    assert differences(page, cases) == []
    valid = [n for n, report in zip(cases, in_browser(page, list(cases.values())), strict=True) if report["valid"]]
    assert valid == [
        "an entry signed again",
        "an entry with facts that sort by code points",
        "an entry with every kind of text",
        "an entry of the year 1000",
        "an anchor sound",
        "an anchor with the largest number",
    ]


def test_a_number_elsewhere_in_the_document_is_not_its_number(
    page: Page, certificate: Callable[..., Certificate]
) -> None:
    signed = outside(lambda: sign(certificate(), made.SIGNER).xml)
    moved = signed.replace(b"<dcc:coreData>", b"<dcc:items><dcc:coreData>").replace(
        b"</dcc:coreData>", b"</dcc:coreData></dcc:items>"
    )
    script = "text => numberOf(new DOMParser().parseFromString(text, 'application/xml').documentElement)"
    assert moved != signed
    assert page.evaluate(script, signed.decode()) == made.NUMBER
    assert page.evaluate(script, moved.decode()) == ""


def test_no_flipped_bit_of_a_good_bundle_passes(page: Page, certificate: Callable[..., Certificate]) -> None:
    good = outside(lambda: made.make(certificate()))
    cases = []
    for position in range(0, len(good), 2999):
        changed = bytearray(good)
        changed[position] ^= 1 << position % 8
        cases.append(bytes(changed))
    assert not any(report["valid"] for report in in_browser(page, cases))


def test_as_its_visitor_meets_it(page: Page, certificate: Callable[..., Certificate], tmp_path: Path) -> None:
    good = outside(lambda: made.make(certificate()))
    reason = "标准器超差，" * 30 + "https://example.org/" + "0123456789" * 12
    revoked = with_evidence(good, made.notice(revocation(made.NUMBER, NOW, reason)))
    files = {
        "good": (good, "核验通过", tmp_path / "证书.yjz"),
        "revoked": (revoked, "核验未通过", tmp_path / ("一份名称很长的证书-" * 8 + ".yjz")),
        "broken": (b"%PDF-1.7 nothing", "核验未通过", tmp_path / "证书.pdf"),
    }
    folder = os.environ.get("YJZ_SCREENSHOTS")
    for name, (content, verdict, file) in files.items():
        file.write_bytes(content)
        page.set_input_files("#file", file)
        page.wait_for_selector(f".verdict:has-text('{verdict}')")
        for size, width in (("desktop", 1280), ("phone", 390)):
            page.set_viewport_size({"width": width, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            if folder:
                page.screenshot(path=f"{folder}/offline-{name}-{size}.png", full_page=True)
    page.locator("summary").click()
    page.fill("#trust", "log nonsense")
    page.set_input_files("#file", files["good"][2])
    page.wait_for_selector(".verdict.bad:not(:has-text('核验未通过'))")
    assert "密钥" in page.inner_text("#report") or "公钥" in page.inner_text("#report")
    for size, width in (("desktop", 1280), ("phone", 390)):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        if folder:
            page.screenshot(path=f"{folder}/offline-trust-{size}.png", full_page=True)
