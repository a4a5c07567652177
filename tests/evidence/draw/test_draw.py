import hashlib
import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from yuejingzhun.cli import main
from yuejingzhun.evidence import ecvrf
from yuejingzhun.evidence.checks import Status
from yuejingzhun.evidence.draw.choose import Stream, choose, draw_weighted, shuffle
from yuejingzhun.evidence.draw.plan import DrawError, Plan, Secret, Stratum, decode_plan
from yuejingzhun.evidence.draw.transcript import EVENT, PLAN_FILE, Transcript, conduct, decode, verify
from yuejingzhun.evidence.entry import Entry, encode
from yuejingzhun.evidence.log.checkpoint import Checkpoint
from yuejingzhun.evidence.log.merkle import EMPTY, consistency_proof, grow, inclusion_proof, leaf_hash, root_of
from yuejingzhun.evidence.log.note import KeyKind, Note
from yuejingzhun.evidence.log.note_signer import generate
from yuejingzhun.evidence.log.policy import Policy, policy_text
from yuejingzhun.evidence.log.proof import InclusionProof
from yuejingzhun.evidence.log_checks import leaf_of

NOW = datetime.now(UTC)
LOG = generate("log.example/yjz", KeyKind.ED25519)
WITNESS = generate("witness.example/w", KeyKind.COSIGNATURE_ED25519)
POLICY = Policy(LOG.key, (WITNESS.key,), 1)
VRF_SECRET = bytes(range(32))
SECRETS = (b"secret of the province", b"secret of the university")
PLAN = Plan(
    number="DRAW-2026-001",
    rule="按信用等级分层抽取",
    origin=LOG.key.name,
    size=20,
    strata=(
        Stratum("A 级", 2, {f"A{n:02}": 1 for n in range(20)}),
        Stratum("D 级", 3, {f"D{n:02}": 1 + n for n in range(10)}),
    ),
    inspectors=("甲", "乙", "丙", "丁"),
    per_visit=2,
    avoid=frozenset({("甲", "A00"), ("乙", "D09")}),
    secrets=(
        Secret("省局", hashlib.sha256(SECRETS[0]).hexdigest()),
        Secret("高校", hashlib.sha256(SECRETS[1]).hexdigest()),
    ),
    vrf_key=ecvrf.public_key(VRF_SECRET).hex(),
)


def note(leaves: list[bytes]) -> bytes:
    text = Checkpoint(LOG.key.name, len(leaves), root_of(leaves)).text
    return Note(text, tuple(key.sign(text, int(NOW.timestamp())) for key in (LOG, WITNESS))).encode()


def nodes(leaves: list[bytes]):
    known = {(0, index): leaf for index, leaf in enumerate(leaves)}
    grow(EMPTY, leaves, lambda level, index, value: known.__setitem__((level, index), value))
    return lambda level, index: known[level, index]


def conducted(plan: Plan = PLAN, committed_at: int = 6, secrets: tuple[bytes | None, ...] = SECRETS) -> Transcript:
    entry = encode(Entry(plan.number, EVENT, NOW, {PLAN_FILE: plan.sha256.hex()}))
    leaves = [leaf_hash(b"%d" % n) for n in range(30)]
    leaves[5] = leaf_of(entry)
    before = leaves[:committed_at]
    inclusion = InclusionProof(5, tuple(inclusion_proof(5, len(before), nodes(before))), note(before)).encode()
    root = root_of(leaves[: plan.size])
    proof, visits = conduct(plan, root, secrets, VRF_SECRET)
    consistency = tuple(consistency_proof(plan.size, len(leaves), nodes(leaves)))
    return Transcript(plan.encode(), entry, inclusion, root, consistency, note(leaves), secrets, proof, visits)


def failed(transcript: Transcript) -> set[str]:
    return {check.name for check in verify(transcript, POLICY, NOW).checks if check.status is Status.FAILED}


def test_a_draw_is_recomputed_from_its_transcript() -> None:
    transcript = conducted()
    assert failed(transcript) == set()
    assert decode(transcript.encode()) == transcript
    assert [visit.stratum for visit in transcript.visits] == ["A 级"] * 2 + ["D 级"] * 3
    for visit in transcript.visits:
        assert len(set(visit.inspectors)) == 2
        assert not any((inspector, visit.candidate) in PLAN.avoid for inspector in visit.inspectors)


def test_every_way_to_steer_it_is_named() -> None:
    good = conducted()
    others = (*good.visits[:-1], replace(good.visits[-1], candidate="D00"))
    assert failed(replace(good, visits=others)) == {"result"}
    swapped = (*good.visits[:-1], replace(good.visits[-1], inspectors=good.visits[-1].inspectors[::-1]))
    assert failed(replace(good, visits=swapped)) == {"result"}
    assert failed(replace(good, secrets=(SECRETS[0], b"another"))) == {"reveals", "result"}
    assert failed(replace(good, secrets=(SECRETS[0],))) == {"reveals", "result"}
    assert failed(replace(good, root=bytes(32))) == {"checkpoint", "vrf", "result"}
    assert failed(replace(good, root=b"")) == {"checkpoint", "vrf", "result"}
    assert failed(replace(good, vrf_proof=ecvrf.prove(b"\x07" * 32, b""))) == {"vrf", "result"}
    # Committed only when the root was known already.
    assert failed(conducted(committed_at=25)) == {"commitment"}
    # A plan made to fit afterwards isn't the one that was logged.
    changed = replace(PLAN, strata=(Stratum("A 级", 2, {"A00": 1, "A01": 1}),))
    proof, visits = conduct(changed, good.root, SECRETS, VRF_SECRET)
    assert failed(replace(good, plan=changed.encode(), vrf_proof=proof, visits=visits)) == {"commitment"}


def test_a_missing_reveal_is_a_fault_with_a_name_and_the_draw_stands() -> None:
    report = verify(conducted(secrets=(SECRETS[0], None)), POLICY, NOW)
    assert report.status("result") is Status.PASSED
    assert report.status("reveals") is Status.FAILED
    assert any("高校" in check.detail for check in report.checks)


@given(st.data())
def test_no_changed_byte_is_accepted(data: st.DataObject) -> None:
    encoded = conducted_once()
    position = data.draw(st.integers(0, len(encoded) - 1))
    changed = bytearray(encoded)
    changed[position] ^= 1 << data.draw(st.integers(0, 7))
    try:
        transcript = decode(bytes(changed))
    except DrawError:
        return
    assert failed(transcript)


def conducted_once(made: list[bytes] = []) -> bytes:  # noqa: B006 - made once for all examples
    if not made:
        made.append(conducted().encode())
    return made[0]


@pytest.mark.parametrize(
    "changes",
    [
        {"size": 0},
        {"size": True},
        {"strata": ()},
        {"strata": (Stratum("x", 3, {"a": 1, "b": 1}),)},
        {"strata": (Stratum("x", 1, {"a": 0}),)},
        {"strata": (Stratum("x", 1, {"a": -1}),)},
        {"strata": (Stratum("x", 1, {"a": 1}), Stratum("y", 1, {"a": 1}))},
        {"inspectors": ("甲", "甲")},
        {"inspectors": ("甲",)},
        {"vrf_key": "00"},
        {"secrets": (Secret("x", "y"),)},
        {"avoid": frozenset({("甲", "A00"), ("乙", "A00"), ("丙", "A00")})},
    ],
)
def test_a_plan_that_cannot_be_drawn_is_refused_before_it_is_committed(changes: dict[str, object]) -> None:
    with pytest.raises(DrawError):
        replace(PLAN, **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b"[" * 10_000, b"null", b'{"plan":1}'])
def test_what_is_no_plan_or_transcript_is_refused(data: bytes) -> None:
    with pytest.raises(DrawError):
        decode_plan(data)
    with pytest.raises(DrawError):
        decode(data)
    with pytest.raises(DrawError):
        decode_plan(json.dumps(json.loads(PLAN.encode())).encode())


@given(st.dictionaries(st.text(min_size=1, max_size=5), st.integers(0, 50), max_size=30), st.integers(0, 2**32))
def test_those_drawn_are_different_and_could_be_drawn(weights: dict[str, int], seed: int) -> None:
    able = [name for name, weight in weights.items() if weight]
    drawn = draw_weighted(weights, len(able), Stream(seed.to_bytes(32, "big"), "x"))
    assert sorted(drawn) == sorted(able)
    assert sorted(shuffle(able, Stream(bytes(32), "y"))) == sorted(able)


def test_chances_are_those_of_the_weights() -> None:
    weights = {"a": 1, "b": 2, "c": 3, "d": 4}
    seeds = [hashlib.sha256(b"%d" % n).digest() for n in range(8000)]
    first = Counter(draw_weighted(weights, 1, Stream(seed, "s"))[0] for seed in seeds)
    expected = np.array(list(weights.values())) / 10 * len(seeds)
    assert stats.chisquare([first[name] for name in weights], expected).pvalue > 1e-4
    # Two of four without replacement: P(i then j) = w_i / 10 * w_j / (10 - w_i).
    pairs = Counter(tuple(draw_weighted(weights, 2, Stream(seed, "t"))) for seed in seeds)
    chances = {(i, j): weights[i] / 10 * weights[j] / (10 - weights[i]) for i in weights for j in weights if i != j}
    found = stats.chisquare([pairs[pair] for pair in chances], [chance * len(seeds) for chance in chances.values()])
    assert found.pvalue > 1e-4
    orders = Counter(tuple(shuffle("abcd", Stream(seed, "u"))) for seed in seeds)
    assert len(orders) == 24
    assert stats.chisquare(list(orders.values())).pvalue > 1e-4


def test_numbers_are_without_bias_for_bounds_that_do_not_divide() -> None:
    stream = Stream(b"seed", "z")
    counts = Counter(stream.below(7) for _ in range(14_000))
    assert stats.chisquare([counts[n] for n in range(7)]).pvalue > 1e-4


def test_another_seed_draws_others() -> None:
    drawn = {choose(PLAN, hashlib.sha256(b"%d" % n).digest()) for n in range(50)}
    assert len(drawn) == 50


def test_the_command(tmp_path: Path) -> None:
    file, trust = tmp_path / "draw.json", tmp_path / "trust.txt"
    file.write_bytes(conducted().encode())
    trust.write_text(policy_text(POLICY))
    run = lambda *more: CliRunner().invoke(main, ["draw", "verify", str(file), "--log", str(trust), *more])  # noqa: E731
    result = run()
    assert result.exit_code == 0, result.output
    assert "重新抽取 5 个，结果相同" in result.output
    assert json.loads(run("--json").output)["valid"]
    file.write_bytes(conducted(secrets=(None, SECRETS[1])).encode())
    assert run().exit_code == 1
    file.write_bytes(b"{}")
    assert run().exit_code == 2
