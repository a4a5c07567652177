"""A later statement about a certificate, that it was revoked or superseded: made, bundled and checked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from yuejingzhun.evidence.checks import Check, Status
from yuejingzhun.evidence.dcc.number import number_of
from yuejingzhun.evidence.entry import Entry, EntryError, check_entry_signature, decode
from yuejingzhun.evidence.keys import read_certificate
from yuejingzhun.evidence.log.note import NoteError
from yuejingzhun.evidence.log.policy import Policy
from yuejingzhun.evidence.log.standing_list import parse_standing_list
from yuejingzhun.evidence.log_checks import check_inclusion
from yuejingzhun.evidence.signature import SignatureError, SignatureResult, check_chain

EVENTS = {"revoked": "撤销", "superseded": "替换"}
PARTS = ("entry.json", "entry.sig", "signer.der")
STAMP, PROOF = "entry.tsr", "entry.tlog-proof"
NOTICE_FILES = frozenset(f"{event}/{part}" for event in EVENTS for part in (*PARTS, STAMP, PROOF))
NAME, LABEL = "standing", "未被撤销或替换"


@dataclass(frozen=True, slots=True)
class Notice:
    """A signed statement, as it stands in the ledger."""

    entry: bytes
    signature: bytes
    signer: bytes  # DER
    timestamp: bytes | None = None  # a TimeStampResp over the entry
    inclusion: bytes | None = None  # a tlog-proof of it


def revocation(number: str, at: datetime, reason: str) -> Entry:
    """The statement that a certificate no longer holds."""
    return Entry(number, "revoked", at, facts={"reason": reason})


def supersession(number: str, at: datetime, successor: str) -> Entry:
    """The statement that another certificate stands in its place."""
    return Entry(number, "superseded", at, facts={"successor": successor})


def notice_files(event: str, notice: Notice) -> dict[str, bytes]:
    """The files of a notice in a bundle."""
    parts = (*PARTS, STAMP, PROOF)
    contents = (notice.entry, notice.signature, notice.signer, notice.timestamp, notice.inclusion)
    pairs = zip(parts, contents, strict=True)
    return {f"{event}/{part}": content for part, content in pairs if content is not None}


def check_standing(
    files: Mapping[str, bytes],
    result: SignatureResult,
    anchors: Sequence[x509.Certificate],
    log: Policy | None,
    at: datetime,
    listed: bytes | None = None,
) -> Check:
    """Whether the bundle holds a notice about its certificate, or a fresh list of all that ended names it.

    The absence of a notice is no proof that there is none; a list that the log signed is, as of its checkpoint.
    """
    present = [event for event in EVENTS if any(name.startswith(f"{event}/") for name in files)]
    if not present and listed is not None:
        return _by_list(listed, number_of(result.signed), log, at)
    if not present:
        return Check(
            NAME, LABEL, Status.ABSENT, "证书包中没有撤销或替换的声明；此后的变化请按编号查询，或重新下载证书包"
        )
    try:
        found = [_notice(files, event, anchors) for event in present]
    except (EntryError, SignatureError, ValueError, KeyError) as error:
        return Check(NAME, LABEL, Status.FAILED, f"撤销或替换的声明不成立（{error}）")
    entry = min(found, key=lambda notice: notice.at)
    why = entry.facts.get("reason") or entry.facts.get("successor", "")
    logged = check_inclusion(files.get(f"{entry.event}/{PROOF}"), files[f"{entry.event}/entry.json"], log, at)
    where = {Status.PASSED: f"（{logged.detail}）", Status.FAILED: "（声明的收录证明不成立）"}.get(logged.status, "")
    detail = f"已于 {entry.at.isoformat()} {EVENTS[entry.event]}：{why}{where}"
    number = number_of(result.signed)
    if any(notice.number != number for notice in found):
        detail = f"声明所说的不是证书 {number}"
    return Check(NAME, LABEL, Status.FAILED, detail)


def _by_list(listed: bytes, number: str, log: Policy | None, at: datetime) -> Check:
    if log is None:
        return Check(NAME, LABEL, Status.ABSENT, "给出了失效清单，但没有给出信任的日志公钥，不能采信")
    try:
        found, witnessed = parse_standing_list(listed, log, int(at.timestamp()))
    except NoteError as error:
        return Check(NAME, LABEL, Status.FAILED, str(error))
    until = f"截至 {found.at.isoformat()}（日志前 {witnessed.checkpoint.size} 条）"
    ended = found.ending_of(number)
    if ended is None:
        return Check(NAME, LABEL, Status.PASSED, f"{until}不在失效清单中")
    how = EVENTS.get(ended.event, ended.event)
    return Check(NAME, LABEL, Status.FAILED, f"已{how}：日志第 {ended.index} 条；{until}")


def _notice(files: Mapping[str, bytes], event: str, anchors: Sequence[x509.Certificate]) -> Entry:
    signer = read_certificate(files[f"{event}/signer.der"])
    content = files[f"{event}/entry.json"]
    check_entry_signature(content, files[f"{event}/entry.sig"], signer)
    entry = decode(content)
    if entry.event != event:
        raise EntryError(f"声明写的是 {entry.event}，应为 {event}")
    check_chain([signer], anchors, entry.at)
    return entry
