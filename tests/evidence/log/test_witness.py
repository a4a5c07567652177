from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests_of_log import NOW, entries_of, served_witness
from yuejingzhun.evidence.log.checkpoint import Checkpoint, parse_checkpoint
from yuejingzhun.evidence.log.high_water import HighWaterMark, RolledBackError, check_extends
from yuejingzhun.evidence.log.merkle import (
    EMPTY,
    EMPTY_ROOT,
    Node,
    check_consistency,
    consistency_proof,
    grow,
    leaf_hash,
    range_hash,
    root_of,
)
from yuejingzhun.evidence.log.note import KeyKind, Note, NoteError, parse_note, parse_signature_lines
from yuejingzhun.evidence.log.note_signer import NoteSigner, generate, signed_by
from yuejingzhun.evidence.log.witness import Submission, WitnessRefusal, add_checkpoint, parse_submission, remember_in
from yuejingzhun.evidence.log.witness_client import UnknownLogError, Witness, WitnessError, request_cosignatures

LEAVES = [leaf_hash(entry) for entry in entries_of(1200)]
WITNESS = generate("witness.example/w", KeyKind.COSIGNATURE_ED25519)
QUANTUM = generate("witness.example/w", KeyKind.COSIGNATURE_ML_DSA_44)


def nodes(leaves: list[bytes]) -> Node:
    known = {(0, index): leaf for index, leaf in enumerate(leaves)}
    grow(EMPTY, leaves, lambda level, index, value: known.__setitem__((level, index), value))
    return lambda level, index: known[level, index]


def checkpoint(key: NoteSigner, size: int, leaves: list[bytes] = LEAVES, origin: str = "") -> bytes:
    text = Checkpoint(origin or key.key.name, size, root_of(leaves[:size])).text
    return Note(text, (key.sign(text, NOW),)).encode()


def submit(folder: Path, key: NoteSigner, old: int, size: int, leaves: list[bytes] = LEAVES, **changes: Any) -> str:
    proof = tuple(consistency_proof(old, size, nodes(leaves[:size]))) if 0 < old <= size else ()
    given = {"old": old, "proof": proof, "note": checkpoint(key, size, leaves)} | changes
    logs = {key.key.name: [key.key]}
    return add_checkpoint(Submission(**given).encode(), logs, [WITNESS, QUANTUM], remember_in(folder), NOW)


def refusal(*given: Any, **changes: Any) -> WitnessRefusal:
    with pytest.raises(WitnessRefusal) as caught:
        submit(*given, **changes)
    return caught.value


def test_a_growing_log_is_cosigned_with_both_keys(tmp_path: Path, log_key: NoteSigner) -> None:
    submit(tmp_path, log_key, 0, 5)
    lines = parse_signature_lines(submit(tmp_path, log_key, 5, 1000))
    note = Note(parse_note(checkpoint(log_key, 1000)).text, lines)
    for signer in (WITNESS, QUANTUM):
        signed = signed_by(note, signer.key)
        assert signed is not None
        assert signed.seconds == NOW


def test_the_same_head_again_is_cosigned_again(tmp_path: Path, log_key: NoteSigner) -> None:
    submit(tmp_path, log_key, 0, 7)
    submit(tmp_path, log_key, 7, 7)


def test_statuses_are_those_of_the_specification(tmp_path: Path, log_key: NoteSigner) -> None:
    submit(tmp_path, log_key, 0, 10)
    other = [*LEAVES[:3], b"x" * 32, *LEAVES[4:]]
    stranger = generate(log_key.key.name, KeyKind.ED25519)
    conflict = refusal(tmp_path, log_key, 5, 20)
    assert (conflict.status, conflict.body, conflict.content_type) == (409, "10\n", "text/x.tlog.size")
    assert refusal(tmp_path, log_key, 10, 10, other).status == 409
    assert refusal(tmp_path, log_key, 10, 20, other).status == 422
    assert refusal(tmp_path, log_key, 10, 20, proof=()).status == 422
    assert refusal(tmp_path, log_key, 10, 9).status == 400
    assert refusal(tmp_path, log_key, 10, 20, note=b"nonsense").status == 400
    assert refusal(tmp_path, log_key, 10, 20, note=checkpoint(stranger, 20)).status == 403
    assert refusal(tmp_path, log_key, 10, 20, note=checkpoint(log_key, 20, origin="other.example")).status == 404
    assert refusal(tmp_path / "new", log_key, 0, 10, proof=(LEAVES[0],)).status == 422
    # None of those was remembered.
    submit(tmp_path, log_key, 10, 20)


@pytest.mark.parametrize(
    "body", [b"", b"old 1\n", b"old 01\n\nx", b"new 1\n\nx", b"old 1\nAAAA\n\nx", b"old -1\n\nx", b"\xff\n\n"]
)
def test_malformed_requests_are_refused(body: bytes) -> None:
    with pytest.raises(NoteError):
        parse_submission(body)


@pytest.fixture
def witness(tmp_path: Path, log_key: NoteSigner) -> Iterator[Witness]:
    with served_witness(tmp_path, log_key.key, WITNESS, QUANTUM) as found:
        yield found


def ask(witness: Witness, key: NoteSigner, old: int, size: int, leaves: list[bytes] = LEAVES) -> list[str]:
    proof = lambda first: consistency_proof(first, size, nodes(leaves[:size]))  # noqa: E731
    return [line.name for line in request_cosignatures(witness, checkpoint(key, size, leaves), old, proof)]


def test_over_http_from_the_log_s_side(witness: Witness, log_key: NoteSigner) -> None:
    assert ask(witness, log_key, 0, 10) == [WITNESS.key.name] * 2
    # The log doesn't know how far the witness is: it is told, and asks again.
    assert ask(witness, log_key, 0, 20) == [WITNESS.key.name] * 2
    with pytest.raises(RolledBackError, match="旧备份"):
        ask(witness, log_key, 0, 15)
    with pytest.raises(RolledBackError, match="另一个根"):
        ask(witness, log_key, 20, 20, [b"x" * 32, *LEAVES[1:]])
    with pytest.raises(RolledBackError, match="所见的历史"):
        ask(witness, log_key, 20, 30, [b"x" * 32, *LEAVES[1:]])


def test_a_witness_that_is_not_there_or_not_itself(witness: Witness, log_key: NoteSigner) -> None:
    with pytest.raises(WitnessError, match="无法连接"):
        ask(Witness("http://127.0.0.1:9/", witness.keys), log_key, 0, 10)
    with pytest.raises(WitnessError, match="http"):
        ask(Witness("file:///etc/", witness.keys), log_key, 0, 10)
    other = generate("witness.example/w", KeyKind.COSIGNATURE_ED25519)
    with pytest.raises(WitnessError, match="已知的密钥"):
        ask(Witness(witness.url, (other.key,)), log_key, 0, 10)
    with pytest.raises(UnknownLogError):
        ask(witness, generate("log.example/unknown", KeyKind.ED25519), 0, 10)


def test_a_mark_beside_the_key_refuses_an_older_or_another_tree(tmp_path: Path) -> None:
    mark = HighWaterMark(tmp_path / "log.mark")
    with pytest.raises(RolledBackError, match="缺少"):
        mark.read()
    mark.raise_to(Checkpoint("a", 100, root_of(LEAVES[:100])))
    seen = mark.read()
    check_extends(seen, Checkpoint("a", 120, root_of(LEAVES[:120])), nodes(LEAVES[:120]), "记录")
    with pytest.raises(RolledBackError, match="旧备份"):
        check_extends(seen, Checkpoint("a", 99, root_of(LEAVES[:99])), nodes(LEAVES[:99]), "记录")
    changed = [b"x" * 32, *LEAVES[1:120]]
    with pytest.raises(RolledBackError, match="历史被改动"):
        check_extends(seen, Checkpoint("a", 120, root_of(changed)), nodes(changed), "记录")
    with pytest.raises(RolledBackError, match="另一日志"):
        check_extends(seen, Checkpoint("b", 120, root_of(LEAVES[:120])), nodes(LEAVES[:120]), "记录")


class LogAndWitness(RuleBasedStateMachine):
    """A log that grows, forks and forgets as it likes; the witness never cosigns two histories."""

    key = generate("log.example/machine", KeyKind.ED25519)

    @initialize()
    def begin(self) -> None:
        self.memory: dict[str, Checkpoint] = {}
        self.history: list[bytes] = []
        self.cosigned: list[tuple[int, bytes]] = []

    def remember(self, origin: str) -> Any:
        machine = self

        class Held:
            last = machine.memory.get(origin)

            def __enter__(self) -> Any:
                return self

            def __exit__(self, *_: object) -> None:
                """Nothing to release."""

            def keep(self, head: Checkpoint) -> None:
                machine.memory[origin] = head

        return Held()

    @rule(count=st.integers(1, 40))
    def grow(self, count: int) -> None:
        self.history = [*self.history, *(leaf_hash(b"%d" % (len(self.history) + n)) for n in range(count))]

    @rule(at=st.integers(0, 60))
    def fork(self, at: int) -> None:
        if at < len(self.history):
            self.history = [*self.history[:at], leaf_hash(b"fork"), *self.history[at + 1 :]]

    @rule(size=st.integers(0, 60))
    def forget(self, size: int) -> None:
        self.history = self.history[:size]

    @rule(old=st.none() | st.integers(0, 100))
    def submit(self, old: int | None) -> None:
        size = len(self.history)
        known = self.memory.get(self.key.key.name)
        first = old if old is not None else (known.size if known else 0)
        proof = tuple(consistency_proof(first, size, nodes(self.history))) if 0 < first <= size else ()
        body = Submission(first, proof, checkpoint(self.key, size, self.history)).encode()
        try:
            add_checkpoint(body, {self.key.key.name: [self.key.key]}, [WITNESS], self.remember, NOW)
        except WitnessRefusal:
            return
        self.cosigned.append((size, root_of(self.history)))
        # What was cosigned is what the log has now: of all that it cosigned before, this must be a continuation.
        for before, root in self.cosigned:
            assert before <= size
            assert (range_hash(0, before, nodes(self.history)) if before else EMPTY_ROOT) == root
            if before:
                check_consistency(
                    before, size, root, root_of(self.history), consistency_proof(before, size, nodes(self.history))
                )

    @invariant()
    def sizes_never_fall(self) -> None:
        sizes = [size for size, _ in self.cosigned] if hasattr(self, "cosigned") else []
        assert sizes == sorted(sizes)


LogAndWitness.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestLogAndWitness = LogAndWitness.TestCase


def test_memory_survives_and_is_whole(tmp_path: Path, log_key: NoteSigner) -> None:
    submit(tmp_path, log_key, 0, 12)
    (file,) = tmp_path.glob("*.checkpoint")
    assert parse_checkpoint(file.read_text()).size == 12
    assert refusal(tmp_path, log_key, 0, 12).status == 409
