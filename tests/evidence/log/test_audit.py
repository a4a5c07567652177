import hashlib
from collections.abc import Callable

import pytest

from tests_of_log import NOW, entries_of
from yuejingzhun.evidence.log.audit import Audited, AuditError, audit, decode_audited
from yuejingzhun.evidence.log.note import NoteError
from yuejingzhun.evidence.log.note_signer import NoteSigner
from yuejingzhun.evidence.log.policy import Policy

Publish = Callable[..., dict[str, bytes]]
SIZES = (1, 2, 255, 256, 257, 600, 66_000)


def run(files: dict[str, bytes], key: NoteSigner, **more: object) -> Audited:
    return list(audit(files.__getitem__, Policy(key.key), NOW, **more))[-1]  # type: ignore[arg-type]


@pytest.mark.parametrize("size", SIZES)
def test_an_honest_log_is_found_so(size: int, published: Publish, log_key: NoteSigner) -> None:
    entries = entries_of(size)
    seen: list[tuple[int, int]] = []
    state = run(published(entries), log_key, expected=lambda a, b: entries[a:b], progress=lambda *n: seen.append(n))
    assert state.checkpoint is not None
    assert state.checkpoint.size == size
    assert seen[-1] == (size, size)
    assert decode_audited(state.encode()) == state


@pytest.mark.parametrize("size", [300, 600])
def test_every_file_that_was_tampered_with_is_found(size: int, published: Publish, log_key: NoteSigner) -> None:
    files = published(entries_of(size))
    for path in files:
        for position in range(0, len(files[path]), max(1, len(files[path]) // 50)):
            changed = bytearray(files[path])
            changed[position] ^= 1
            with pytest.raises((AuditError, NoteError)):
                run({**files, path: bytes(changed)}, log_key)
        with pytest.raises((AuditError, NoteError)):
            run({**files, path: files[path][:-1]}, log_key)


@pytest.mark.parametrize(
    ("edit", "first"),
    [
        (lambda rows: [*rows[:400], b"x" * 32, *rows[401:]], 400),
        (lambda rows: [*rows[:7], *rows[8:]], 7),
        (lambda rows: [*rows[:300], rows[301], rows[300], *rows[302:]], 300),
        (lambda rows: [*rows[:513], b"y" * 32, *rows[513:]], 513),
        (lambda rows: rows[:590], 590),
    ],
    ids=["edited", "deleted", "reordered", "inserted", "cut"],
)
def test_the_first_row_that_differs_from_the_database_is_named(
    edit: Callable[[list[bytes]], list[bytes]], first: int, published: Publish, log_key: NoteSigner
) -> None:
    entries = entries_of(600)
    rows = edit(entries)
    with pytest.raises(AuditError, match=f"第 {first} 条与数据库"):
        run(published(entries), log_key, expected=lambda a, b: rows[a:b])


@pytest.mark.parametrize(
    ("first", "second"), [(1, 2), (100, 300), (256, 256), (256, 700), (500, 66_000), (65_536, 66_000)]
)
def test_an_audit_goes_on_where_the_last_one_ended(
    first: int, second: int, published: Publish, log_key: NoteSigner
) -> None:
    entries = entries_of(second)
    state = run(published(entries[:first]), log_key)
    read: list[str] = []
    files = published(entries)
    list(audit(lambda path: read.append(path) or files[path], Policy(log_key.key), NOW, since=state))  # type: ignore[func-returns-value]
    assert sum("entries" in path for path in read) == max(0, -(-second // 256) - first // 256)
    assert run(files, log_key, since=state) == run(files, log_key)


def test_an_interrupted_audit_goes_on_too(published: Publish, log_key: NoteSigner) -> None:
    files = published(entries_of(2000))
    states = list(audit(files.__getitem__, Policy(log_key.key), NOW))
    assert run(files, log_key, since=decode_audited(states[2].encode())) == states[-1]


def test_another_history_than_the_one_seen_before_is_found(published: Publish, log_key: NoteSigner) -> None:
    state = run(published(entries_of(700)), log_key)
    other = entries_of(900)
    other[100] = hashlib.sha256(b"other").digest()
    with pytest.raises(AuditError, match="不同"):
        run(published(other), log_key, since=state)
    other = entries_of(900)
    other[650] = hashlib.sha256(b"other").digest()
    with pytest.raises(AuditError, match="前 700 条"):
        run(published(other), log_key, since=state)
    with pytest.raises(AuditError, match="只有 600 条"):
        run(published(entries_of(600)), log_key, since=state)


def test_a_broken_state_is_refused() -> None:
    for text in ("x", "zz\n\n", "\nno checkpoint\n"):
        with pytest.raises(AuditError):
            decode_audited(text)
    assert decode_audited(Audited().encode()) == Audited()
