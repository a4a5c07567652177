import base64
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.evidence.log.checkpoint import Checkpoint, parse_checkpoint
from yuejingzhun.evidence.log.merkle import EMPTY_ROOT, leaf_hash, root_of
from yuejingzhun.evidence.log.note import KeyKind, Note, NoteError, NoteKey, SignatureLine, parse_note, parse_vkey
from yuejingzhun.evidence.log.note_signer import cosigned_message, generate, load, signed_by, store
from yuejingzhun.evidence.log.policy import Policy, check_checkpoint, parse_policy, policy_text
from yuejingzhun.evidence.log.proof import InclusionProof, check_proof, parse_proof

# The example of the specifications of C2SP (signed-note, tlog-checkpoint, tlog-cosignature).
EXAMPLE = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
"""
# The key and note of the Go checksum database's documentation of signed notes.
PETERNEUMANN = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SAYING = """If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
"""
NOW = 1_795_000_000
LOG = generate("log.example/yjz", KeyKind.ED25519)
WITNESS = generate("witness.example/a", KeyKind.COSIGNATURE_ED25519)
QUANTUM = generate("witness.example/b", KeyKind.COSIGNATURE_ML_DSA_44)
LEAVES = [leaf_hash(b"%d" % n) for n in range(2)]
HEAD = Checkpoint("log.example/yjz", 2, root_of(LEAVES))
POLICY = Policy(LOG.key, (WITNESS.key, QUANTUM.key), 2)


def witnessed() -> bytes:
    lines = tuple(signer.sign(HEAD.text, NOW - 5) for signer in (LOG, WITNESS, QUANTUM))
    return Note(HEAD.text, lines).encode()


def test_a_note_of_others_reads_verifies_and_writes_back() -> None:
    key = parse_vkey(PETERNEUMANN)
    note = parse_note(SAYING.encode())
    assert signed_by(note, key) is not None
    assert note.encode() == SAYING.encode()
    assert key.vkey == PETERNEUMANN
    with pytest.raises(NoteError):
        signed_by(Note(note.text.replace("answer", "Answer"), note.signatures), key)


def test_the_example_of_the_specification_reads() -> None:
    note = parse_note(EXAMPLE.encode())
    assert parse_checkpoint(note.text).size == 20852163
    assert [line.name for line in note.signatures] == ["example.com/behind-the-sofa", "witness.example.com/w1"]
    assert int.from_bytes(note.signatures[1].signature[:8], "big") == 1679315147
    assert note.encode() == EXAMPLE.encode()


def test_messages_of_cosignatures_are_those_of_the_specification() -> None:
    text = parse_note(EXAMPLE.encode()).text
    assert cosigned_message(WITNESS.key, text, 1679315147) == (
        b"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n"
        b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    )
    assert cosigned_message(QUANTUM.key, text, 1679315147) == (
        b"subtree/v1\n\x00\x11witness.example/b\x00\x00\x00\x00\x64\x18\x50\xcb\x1bexample.com/behind-the-sofa"
        + bytes(8)
        + (20852163).to_bytes(8, "big")
        + base64.b64decode("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=")
    )


def test_a_checkpoint_with_both_kinds_of_cosignature_satisfies_its_policy() -> None:
    found = check_checkpoint(witnessed(), POLICY, NOW)
    assert found.checkpoint == HEAD
    assert found.names == ("witness.example/a", "witness.example/b")
    assert [signed.seconds for signed in found.cosignatures] == [NOW - 5, NOW - 5]


def test_every_flipped_bit_of_a_checkpoint_and_proof_is_found() -> None:
    proof = InclusionProof(0, (LEAVES[1],), witnessed()).encode()
    check_proof(proof, LEAVES[0], POLICY, NOW)
    generator = random.Random(3)  # noqa: S311 - which bits, not a secret
    bits = range(len(proof) * 8) if len(proof) < 600 else sorted(generator.sample(range(len(proof) * 8), 6000))
    for bit in bits:
        changed = bytearray(proof)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ValueError):
            check_proof(bytes(changed), LEAVES[0], POLICY, NOW)
    for bit in range(256):
        leaf = bytearray(LEAVES[0])
        leaf[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ValueError, match="不成立"):
            check_proof(proof, bytes(leaf), POLICY, NOW)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ((LOG, WITNESS), "1 个信任的见证人"),
        ((WITNESS, QUANTUM), "没有日志的签名"),
        ((LOG, WITNESS, WITNESS), "出现了 2 次"),
        ((LOG, WITNESS, generate("witness.example/b", KeyKind.COSIGNATURE_ML_DSA_44)), "1 个信任的见证人"),
        ((LOG, WITNESS, generate("witness.example/c", KeyKind.COSIGNATURE_ED25519)), "1 个信任的见证人"),
    ],
)
def test_unknown_missing_and_doubled_witnesses(lines: tuple[object, ...], expected: str) -> None:
    note = Note(HEAD.text, tuple(signer.sign(HEAD.text, NOW) for signer in lines))  # type: ignore[attr-defined]
    with pytest.raises(NoteError, match=expected):
        check_checkpoint(note.encode(), POLICY, NOW)


def test_a_cosignature_from_the_future_is_refused() -> None:
    with pytest.raises(NoteError, match="未来"):
        check_checkpoint(witnessed(), POLICY, NOW - 1000)


def test_one_witness_with_two_keys_counts_once() -> None:
    other = generate("witness.example/a", KeyKind.COSIGNATURE_ML_DSA_44)
    note = Note(HEAD.text, tuple(signer.sign(HEAD.text, NOW) for signer in (LOG, WITNESS, other)))
    policy = Policy(LOG.key, (WITNESS.key, other.key, QUANTUM.key), 2)
    with pytest.raises(NoteError, match="1 个信任的见证人"):
        check_checkpoint(note.encode(), policy, NOW)


def test_another_log_is_refused() -> None:
    other = generate("log.example/other", KeyKind.ED25519)
    head = Checkpoint(other.key.name, 2, HEAD.root)
    with pytest.raises(NoteError, match="信任的日志"):
        check_checkpoint(Note(head.text, (other.sign(head.text, NOW),)).encode(), Policy(LOG.key), NOW)


@pytest.mark.parametrize(
    "text",
    [
        "a\n1\n",
        "a\n01\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n+1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n١\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n99999999999999999999\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n9223372036854775808\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2J=\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxqw==\n",
        "a\n0\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "a\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\nextension\n",
        "a b\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
        "\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
    ],
)
def test_malformed_checkpoints_are_refused(text: str) -> None:
    with pytest.raises(NoteError):
        parse_checkpoint(text)


def test_the_empty_log_has_a_checkpoint() -> None:
    assert parse_checkpoint(Checkpoint("a", 0, EMPTY_ROOT).text).size == 0


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_anything_else_is_refused_in_one_way(data: bytes) -> None:
    for parse in (parse_note, parse_proof):
        with pytest.raises(NoteError):
            parse(data)
    with pytest.raises(NoteError):
        parse_vkey(data.decode("latin-1"))


@pytest.mark.parametrize("signer", [LOG, WITNESS, QUANTUM])
def test_keys_are_kept_and_never_overwritten(tmp_path: object, signer: object) -> None:
    path = tmp_path / "key"  # type: ignore[operator]
    store(path, signer)  # type: ignore[arg-type]
    assert load(path).key == signer.key  # type: ignore[attr-defined]
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        store(path, LOG)
    path.write_text("nonsense")
    with pytest.raises(NoteError):
        load(path)


def test_a_policy_is_a_file() -> None:
    assert parse_policy(policy_text(POLICY)) == POLICY
    assert parse_policy(f"# 注\n\nlog {LOG.key.vkey}  # 日志\n") == Policy(LOG.key)
    for wrong in ("", "log x", f"log {LOG.key.vkey}\nquorum 1", f"log {WITNESS.key.vkey}", "quorum -1", "else"):
        with pytest.raises(NoteError):
            parse_policy(wrong)
    with pytest.raises(NoteError):
        Policy(LOG.key, (NoteKey("other", KeyKind.COSIGNATURE_ED25519, LOG.key.public),))


def test_a_signature_line_needs_a_signature() -> None:
    with pytest.raises(NoteError, match="过短"):
        parse_note(Note("x\n", (SignatureLine("a", b"1234", b""),)).encode())
