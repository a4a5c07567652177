"""Proofs that witnesses cosigned, by Ed25519 and ML-DSA-44: they count in the browser exactly as for `yjz verify`."""

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import test_bundle as made
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from playwright.sync_api import Page
from visiting import NOW, differences, in_browser, needs_chromium, outside

from yuejingzhun.evidence.bundle import PROOF
from yuejingzhun.evidence.certificate import Certificate
from yuejingzhun.evidence.container import pack, unpack
from yuejingzhun.evidence.log.checkpoint import Checkpoint
from yuejingzhun.evidence.log.merkle import leaf_hash, root_of
from yuejingzhun.evidence.log.note import KeyKind, Note, SignatureLine
from yuejingzhun.evidence.log.note_signer import NoteSigner, generate
from yuejingzhun.evidence.log.policy import Policy
from yuejingzhun.evidence.log.proof import InclusionProof
from yuejingzhun.evidence.log_checks import leaf_of

pytestmark = needs_chromium
SECONDS = int(NOW.timestamp())
LATTICE, CURVE = KeyKind.COSIGNATURE_ML_DSA_44, KeyKind.COSIGNATURE_ED25519
FIRST, SECOND = generate("witness.example/first", LATTICE), generate("witness.example/second", LATTICE)
ALSO_FIRST, UNKNOWN = generate("witness.example/first", CURVE), generate("witness.example/unknown", LATTICE)
TRUSTED = (FIRST.key, ALSO_FIRST.key, SECOND.key)
# GB/T 32918.5-2017 annex A: the example of a signature on the recommended curve.
SM2_POINT = (
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
SM2_KEY = "3059301306072a8648ce3d020106082a811ccf5501822d03420004" + SM2_POINT
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA


def proven(
    entry: bytes, lines: Callable[[str], list[SignatureLine]], index: int = 3, size: int = 7, *, origin: str = ""
) -> bytes:
    """A proof of an entry in a log of several, under the log's signature and these lines."""
    leaves = [leaf_hash(bytes([n])) for n in range(size)]
    leaves[index] = leaf_of(entry)
    text = Checkpoint(origin or made.LOG.key.name, size, root_of(leaves)).text
    note = Note(text, (made.LOG.sign(text, SECONDS), *lines(text)))
    return InclusionProof(index, path(leaves, index), note.encode()).encode()


def path(leaves: list[bytes], index: int) -> tuple[bytes, ...]:
    if len(leaves) == 1:
        return ()
    half = 1 << (len(leaves) - 1).bit_length() - 1
    left, right = leaves[:half], leaves[half:]
    return (*path(left, index), root_of(right)) if index < half else (*path(right, index - half), root_of(left))


def by(*witnesses: NoteSigner, seconds: int = SECONDS) -> Callable[[str], list[SignatureLine]]:
    return lambda text: [witness.sign(text, seconds) for witness in witnesses]


def changed(bit: int, witness: NoteSigner = FIRST) -> Callable[[str], list[SignatureLine]]:
    def lines(text: str) -> list[SignatureLine]:
        line = witness.sign(text, SECONDS)
        content = bytearray(line.signature)
        content[bit // 8] ^= 1 << bit % 8
        return [replace(line, signature=bytes(content))]

    return lines


def relabelled(text: str) -> list[SignatureLine]:
    return [replace(SECOND.sign(text, SECONDS), name=FIRST.key.name, key_id=FIRST.key.key_id)]


def corpus(entry: bytes) -> dict[str, bytes]:
    good = proven(entry, by(FIRST, SECOND))
    text, lattice = good.decode(), base64.b64encode(FIRST.key.key_id).decode()[:5]
    assert lattice in text
    cases = {
        "of two": good,
        "of one by two keys": proven(entry, by(FIRST, ALSO_FIRST)),
        "of one": proven(entry, by(SECOND)),
        "of none": proven(entry, by()),
        "of a witness unknown": proven(entry, by(FIRST, UNKNOWN)),
        "of two and one unknown": proven(entry, by(FIRST, UNKNOWN, SECOND)),
        "of one twice": proven(entry, by(FIRST, FIRST, SECOND)),
        "a little ahead": proven(entry, by(FIRST, SECOND, seconds=SECONDS + 300)),
        "in the future": proven(entry, by(FIRST, SECOND, seconds=SECONDS + 301)),
        "far in the future": proven(entry, by(FIRST, SECOND, seconds=2**63 - 1)),
        "of the other's signature": proven(entry, lambda t: [*relabelled(t), *by(SECOND)(t)]),
        "cut short": proven(entry, lambda t: [SignatureLine(FIRST.key.name, FIRST.key.key_id, b"1234567")]),
        "of another text": proven(entry, lambda _: by(FIRST, SECOND)("another\n7\n" + "A" * 43 + "=\n")),
        "of another origin": proven(entry, by(FIRST, SECOND), origin="log.example/other"),
        "of another entry": proven(b"another", by(FIRST, SECOND)),
        "without the log": good.replace(b"\xe2\x80\x94 log.example", b"\xe2\x80\x94 other.example"),
        "with a mark": good.replace(b"index", b"\xef\xbb\xbfindex"),
        "with a leading zero": good.replace(b"index 3", b"index 03"),
        "with another index": good.replace(b"index 3", b"index 2"),
        "with an index beyond": good.replace(b"index 3", b"index 7"),
        "with a huge index": good.replace(b"index 3", b"index 9223372036854775808"),
        "with a huge size": good.replace(b"/yjz\n7\n", b"/yjz\n9007199254740993\n"),
        "with a hash too many": good.replace(b"index 3\n", b"index 3\n" + b"A" * 43 + b"=\n"),
        "with a line more": good.replace(b"/yjz\n7\n", b"/yjz\n7\n\n7\n"),
        "without its last newline": good[:-1],
        "with a newline more": good + b"\n",
        "with a blank at a line's end": good[:-1] + b" \n",
        "with a carriage return": good.replace(b"\n", b"\r\n"),
        "too large": good + b"\n" * 100_000,
        "with a name that has a blank": good.replace(b"witness.example/second", b"witness\xc2\x85example/second"),
    }
    cases |= {f"in a log of {n}": proven(entry, by(FIRST, SECOND), 0, n) for n in (1, 2)}
    cases |= {f"last in a log of {n}": proven(entry, by(FIRST, SECOND), n - 1, n) for n in (5, 8, 9)}
    size = (8 + 2420) * 8
    cases |= {f"changed at bit {bit}": proven(entry, changed(bit)) for bit in range(0, size, 256)}
    return cases


def test_witnesses_count_as_for_the_command(page: Page, certificate: Callable[..., Certificate]) -> None:
    files = unpack(outside(lambda: made.make(certificate())))
    files.pop("certificate.pdf")  # which takes the longest and is asked about elsewhere
    cases = {name: pack({**files, PROOF: proof}) for name, proof in corpus(files["entry.json"]).items()}
    valid = {}
    for quorum in (2, 1, 0):
        policy = Policy(made.LOG.key, TRUSTED, quorum)
        assert differences(page, cases, log=policy) == []
        reports = in_browser(page, list(cases.values()), log=policy)
        valid[quorum] = {name for name, report in zip(cases, reports, strict=True) if report["valid"]}
        cases = {name: bundle for name, bundle in cases.items() if "at bit" not in name}
    sizes = {f"in a log of {n}" for n in (1, 2)} | {f"last in a log of {n}" for n in (5, 8, 9)}
    assert valid[2] == {"of two", "of two and one unknown", "a little ahead"} | sizes
    assert valid[1] - valid[2] == {"of one by two keys", "of one", "of a witness unknown"}
    assert valid[0] - valid[1] == {"of none"}
    few = {name: cases[name] for name in ("of two", "of another entry", "in a log of 1")}
    assert differences(page, few, log=None) == []


def test_lattice_signatures_of_another_implementation_hold_and_no_other(page: Page) -> None:
    asked = []
    for n in range(4):
        private, message = MLDSA44PrivateKey.generate(), bytes(range(n * 50))
        key, signature = private.public_key().public_bytes_raw(), private.sign(message)
        asked.append((key, message, signature, True))
        asked.append((key, message + b"\0", signature, False))
        asked.append((key, message, private.sign(message, b"a context"), False))
        asked.append((key, message, signature + b"\0", False))
        asked.append((key, message, signature[:-1], False))
    for bit in range(0, 2420 * 8, 256):
        changed_so = bytearray(signature)
        changed_so[bit // 8] ^= 1 << bit % 8
        asked.append((key, message, bytes(changed_so), False))
    for bit in range(0, 1312 * 8, 1024):
        changed_so = bytearray(key)
        changed_so[bit // 8] ^= 1 << bit % 8
        asked.append((bytes(changed_so), message, signature, False))
    # The list of hints has one form: what is left over is zero (FIPS 204 algorithm 21).
    used = signature[-1]
    padded = bytearray(signature)
    padded[-84 + used if used < 80 else -1] ^= 1
    asked.append((key, message, bytes(padded), False))
    spelled = [[key.hex(), message.hex(), signature.hex()] for key, message, signature, _ in asked]
    script = "asked => asked.map(one => mlDsaVerifies(...one.map(unhex)))"
    assert page.evaluate(script, spelled) == [expected for *_, expected in asked]


def test_the_published_examples_hold_and_no_other(page: Page) -> None:
    # GB/T 32905-2016 annex A.
    hashes = page.evaluate("texts => texts.map(text => hex(sm3(utf8(text))))", ["abc", "abcd" * 16])
    assert hashes == [
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732",
    ]
    # FIPS 202: the empty message, as NIST's examples have it.
    script = "() => [SHAKE128_RATE, SHAKE256_RATE].map(rate => hex(shake(rate, new Uint8Array())(32)))"
    assert page.evaluate(script) == [
        "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26",
        "46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f",
    ]
    signature = encode_dss_signature(R, S)
    flipped = [signature]
    for bit in range(len(signature) * 8):
        content = bytearray(signature)
        content[bit // 8] ^= 1 << bit % 8
        flipped.append(bytes(content))
    script = """([key, spelled]) => [
        ...spelled.map(one => sm2Verifies(unhex(key), utf8("message digest"), unhex(one))),
        sm2Verifies(unhex(key), utf8("message digesT"), unhex(spelled[0])),
        sm2Verifies(unhex(key), utf8("message digest"), unhex(spelled[0]), utf8("ALICE123@YAHOO.COM")),
    ]"""
    verdicts = page.evaluate(script, [SM2_KEY, [one.hex() for one in flipped]])
    assert verdicts == [True] + [False] * (len(flipped) + 1)


def test_a_page_says_what_is_wrong_with_a_list_of_whom_one_trusts(page: Page) -> None:
    log, first, second = made.LOG.key.vkey, FIRST.key.vkey, SECOND.key.vkey
    cases = {
        f"log {log}\nwitness {first}\nquorum 1\n": "",
        f"log {log} # ours\n\n# nobody else\n": "",
        f"witness {first}\n": "没有日志的公钥",
        f"log {log}\nlog {log}\n": "无法读取",
        f"log {first}\n": "Ed25519",
        f"log {log}\nwitness {log}\n": "见证类型",
        f"log {log}\nwitness {first}\nwitness {first}\n": "两次",
        f"log {log}\nwitness {second}\nquorum 2\n": "名单中不够",
        f"log {log[:-4]}\n": "公钥",
        f"log {log.replace('log.example', 'log.exampel')}\n": "标识与公钥不符",
    }
    script = "text => parsePolicy(text).then(() => '', error => error.message)"
    for text, expected in cases.items():
        said = page.evaluate(script, text)
        assert (expected in said) if expected else said == "", text
    assert timedelta(seconds=300) == timedelta(milliseconds=page.evaluate("() => TOLERANCE"))
