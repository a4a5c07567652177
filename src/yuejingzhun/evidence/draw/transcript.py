"""The published transcript of a draw, and its check: anyone recomputes who was drawn, and that nobody could choose.

The seed comes from the plan, the root of the log at a size that lay in the future when the plan was logged, secrets
of parties whose hashes the plan holds, and a VRF output. Whoever wants to steer the draw would need all of them.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yuejingzhun.evidence import ecvrf
from yuejingzhun.evidence.canonical import dump, load
from yuejingzhun.evidence.checks import Check, Report, Status
from yuejingzhun.evidence.draw.choose import Visit, choose
from yuejingzhun.evidence.draw.plan import LARGEST_PLAN, DrawError, Plan, decode_plan
from yuejingzhun.evidence.entry import EntryError
from yuejingzhun.evidence.entry import decode as decode_entry
from yuejingzhun.evidence.log.checkpoint import parse_checkpoint
from yuejingzhun.evidence.log.merkle import HASH_SIZE, ProofError, check_consistency
from yuejingzhun.evidence.log.note import NoteError, parse_note
from yuejingzhun.evidence.log.policy import Policy, check_checkpoint
from yuejingzhun.evidence.log.proof import check_proof, parse_proof
from yuejingzhun.evidence.log_checks import leaf_of

PLAN_FILE, EVENT = "plan.json", "draw-committed"
_LABEL = b"yuejingzhun draw v1"


@dataclass(frozen=True, slots=True)
class Transcript:
    """All that is published of a draw."""

    plan: bytes
    entry: bytes  # the logged statement with the hash of the plan
    inclusion: bytes  # its tlog-proof
    root: bytes  # of the log at the plan's size
    consistency: tuple[bytes, ...]  # from there to the checkpoint
    checkpoint: bytes  # a later one, witnessed
    secrets: tuple[bytes | None, ...]  # in the plan's order; None where a party did not reveal
    vrf_proof: bytes
    visits: tuple[Visit, ...]

    def encode(self) -> bytes:
        """Canonical JSON."""
        visits = [
            {"candidate": v.candidate, "inspectors": list(v.inspectors), "stratum": v.stratum} for v in self.visits
        ]
        return dump(
            {
                "checkpoint": self.checkpoint.decode(),
                "consistency": [value.hex() for value in self.consistency],
                "entry": self.entry.decode(),
                "inclusion": self.inclusion.decode(),
                "plan": self.plan.decode(),
                "root": self.root.hex(),
                "secrets": [None if secret is None else secret.hex() for secret in self.secrets],
                "visits": visits,
                "vrf_proof": self.vrf_proof.hex(),
            }
        )


def decode(data: bytes) -> Transcript:
    """The transcript in these bytes; raises DrawError."""
    try:
        content: Any = load(data, 2 * LARGEST_PLAN)
        transcript = Transcript(
            plan=content["plan"].encode(),
            entry=content["entry"].encode(),
            inclusion=content["inclusion"].encode(),
            root=bytes.fromhex(content["root"]),
            consistency=tuple(map(bytes.fromhex, content["consistency"])),
            checkpoint=content["checkpoint"].encode(),
            secrets=tuple(None if secret is None else bytes.fromhex(secret) for secret in content["secrets"]),
            vrf_proof=bytes.fromhex(content["vrf_proof"]),
            visits=tuple(Visit(v["stratum"], v["candidate"], tuple(v["inspectors"])) for v in content["visits"]),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise DrawError(f"抽查记录无法读取（{type(error).__name__}）") from error
    if transcript.encode() != data:
        raise DrawError("抽查记录不是规范形式")
    return transcript


def vrf_input(plan: Plan, root: bytes) -> bytes:
    """What the VRF is asked: nothing that anyone could vary once the plan is logged."""
    return plan.sha256 + plan.size.to_bytes(8, "big") + root


def seed_of(plan: Plan, root: bytes, secrets: Sequence[bytes | None], vrf_output: bytes) -> bytes:
    """SHA-256 over everything that decides, each part with its length; a secret not revealed counts as empty."""
    parts = (plan.encode(), plan.size.to_bytes(8, "big"), root, *(secret or b"" for secret in secrets), vrf_output)
    return hashlib.sha256(_LABEL + b"".join(len(part).to_bytes(8, "big") + part for part in parts)).digest()


def conduct(
    plan: Plan, root: bytes, secrets: Sequence[bytes | None], vrf_secret: bytes
) -> tuple[bytes, tuple[Visit, ...]]:
    """The VRF proof and the visits, once the root at the plan's size is known and the secrets are revealed."""
    proof = ecvrf.prove(vrf_secret, vrf_input(plan, root))
    return proof, choose(plan, seed_of(plan, root, secrets, ecvrf.output_of(proof)))


def verify(transcript: Transcript, log: Policy, now: datetime) -> Report:
    """Every check of a draw; `log` says whom one trusts about the log."""
    try:
        plan = decode_plan(transcript.plan)
    except DrawError as error:
        return Report((Check("plan", "抽查方案", Status.FAILED, str(error)),))
    people = sum(len(stratum.weights) for stratum in plan.strata)
    described = Check(
        "plan", "抽查方案", Status.PASSED, f"{plan.number}：{people} 个对象，{len(plan.inspectors)} 名检查人员"
    )
    seconds = int(now.timestamp())
    vrf, output = _vrf(plan, transcript)
    result = _result(plan, transcript, output)
    return Report(
        (
            described,
            _commitment(plan, transcript, log, seconds),
            _checkpoint(plan, transcript, log, seconds),
            _reveals(plan, transcript),
            vrf,
            result,
        )
    )


def _commitment(plan: Plan, transcript: Transcript, log: Policy, seconds: int) -> Check:
    name, label = "commitment", "方案先行登记"
    try:
        entry = decode_entry(transcript.entry)
        proof, _ = check_proof(transcript.inclusion, leaf_of(transcript.entry), log, seconds)
        head = parse_checkpoint(parse_note(parse_proof(transcript.inclusion).checkpoint).text)
    except (EntryError, NoteError, ProofError) as error:
        return Check(name, label, Status.FAILED, str(error))
    told = (entry.event, entry.number, entry.sha256.get(PLAN_FILE))
    if told != (EVENT, plan.number, plan.sha256.hex()):
        return Check(name, label, Status.FAILED, "登记的不是这个方案")
    # Logged, and seen so by witnesses, while the size that the seed comes from was still in the future.
    if head.size >= plan.size:
        return Check(name, label, Status.FAILED, f"登记时日志已有 {head.size} 条，不少于决定种子的 {plan.size} 条")
    return Check(name, label, Status.PASSED, f"日志第 {proof.index} 条")


def _checkpoint(plan: Plan, transcript: Transcript, log: Policy, seconds: int) -> Check:
    name, label = "checkpoint", "种子所取的检查点"
    try:
        head = check_checkpoint(transcript.checkpoint, log, seconds).checkpoint
        if head.origin != plan.origin:
            raise NoteError(f"检查点来自 {head.origin}，方案指定的是 {plan.origin}")
        check_consistency(plan.size, head.size, transcript.root, head.root, transcript.consistency)
    except (NoteError, ProofError) as error:
        return Check(name, label, Status.FAILED, str(error))
    return Check(name, label, Status.PASSED, f"日志前 {plan.size} 条的根 {transcript.root.hex()[:16]}…")


def _reveals(plan: Plan, transcript: Transcript) -> Check:
    name, label = "reveals", "各方揭示的秘密"
    if len(transcript.secrets) != len(plan.secrets):
        return Check(
            name, label, Status.FAILED, f"有 {len(transcript.secrets)} 个秘密，方案中有 {len(plan.secrets)} 方"
        )
    for promised, secret in zip(plan.secrets, transcript.secrets, strict=True):
        if secret is None:
            return Check(name, label, Status.FAILED, f"{promised.party} 没有揭示，是违约")
        if hashlib.sha256(secret).hexdigest() != promised.sha256:
            return Check(name, label, Status.FAILED, f"{promised.party} 揭示的不是所承诺的")
    return Check(name, label, Status.PASSED, "、".join(secret.party for secret in plan.secrets))


def _vrf(plan: Plan, transcript: Transcript) -> tuple[Check, bytes | None]:
    name, label = "vrf", "可验证随机函数"
    if len(transcript.root) != HASH_SIZE:
        return Check(name, label, Status.FAILED, "根不是 32 字节"), None
    try:
        output = ecvrf.verify(bytes.fromhex(plan.vrf_key), vrf_input(plan, transcript.root), transcript.vrf_proof)
    except ecvrf.VrfError as error:
        return Check(name, label, Status.FAILED, str(error)), None
    return Check(name, label, Status.PASSED), output


def _result(plan: Plan, transcript: Transcript, output: bytes | None) -> Check:
    name, label = "result", "抽取结果"
    if output is None:
        return Check(name, label, Status.FAILED, "没有可用的随机数，不能重新抽取")
    visits = choose(plan, seed_of(plan, transcript.root, transcript.secrets, output))
    if visits != transcript.visits:
        return Check(name, label, Status.FAILED, "重新抽取的结果与公布的不同")
    return Check(name, label, Status.PASSED, f"重新抽取 {len(visits)} 个，结果相同")
