from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests_of_log import NOW, entries_of
from yuejingzhun.evidence.log.checkpoint import Checkpoint
from yuejingzhun.evidence.log.merkle import leaf_hash, root_of
from yuejingzhun.evidence.log.note import KeyKind, Note, NoteError
from yuejingzhun.evidence.log.note_signer import NoteSigner, generate
from yuejingzhun.evidence.log.policy import Policy
from yuejingzhun.evidence.log.standing_list import Ended, StandingList, parse_standing_list

AT = datetime.fromtimestamp(NOW, UTC)
WITNESS = generate("witness.example/w", KeyKind.COSIGNATURE_ED25519)


def listed(log_key: NoteSigner, *witnesses: NoteSigner) -> StandingList:
    text = Checkpoint(log_key.key.name, 9, root_of([leaf_hash(entry) for entry in entries_of(9)])).text
    head = Note(text, tuple(signer.sign(text, NOW) for signer in (log_key, *witnesses))).encode()
    return StandingList(AT, head, (Ended("A-1", "revoked", 3), Ended("A-2", "superseded", 8)))


def test_a_list_tells_what_ended_and_what_did_not(log_key: NoteSigner) -> None:
    given = listed(log_key, WITNESS)
    found, witnessed = parse_standing_list(given.signed(log_key), Policy(log_key.key, (WITNESS.key,), 1), NOW)
    assert found == given
    assert (witnessed.checkpoint.size, witnessed.names) == (9, ("witness.example/w",))
    assert found.ending_of("A-2") == Ended("A-2", "superseded", 8)
    assert found.ending_of("A-3") is None


def test_no_bit_of_a_list_can_be_changed(log_key: NoteSigner) -> None:
    data, policy = listed(log_key).signed(log_key), Policy(log_key.key)
    for bit in range(0, len(data) * 8, 3):
        changed = bytearray(data)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(NoteError):
            parse_standing_list(bytes(changed), policy, NOW)


def test_lists_that_say_too_much_or_come_from_elsewhere(log_key: NoteSigner) -> None:
    policy, good = Policy(log_key.key), listed(log_key)
    stranger = generate(log_key.key.name, KeyKind.ED25519)
    cases = {
        "检查点之后": (replace(good, ended=(Ended("A-1", "revoked", 9),)).signed(log_key), policy),
        "没有日志的签名": (good.signed(stranger), policy),
        "不是 .* 的失效清单": (good.checkpoint, policy),
        "在未来": (replace(good, at=AT + timedelta(hours=1)).signed(log_key), policy),
        "应至少 1 个": (good.signed(log_key), Policy(log_key.key, (WITNESS.key,), 1)),
    }
    for message, (data, trusted) in cases.items():
        with pytest.raises(NoteError, match=message):
            parse_standing_list(data, trusted, NOW)
