"""States, numbers, variants, validity and the comparison of software, as pure decisions."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.platform.foundation.files.store import Kind
from yuejingzhun.platform.registry.approvals.rules import (
    FINAL,
    Asked,
    Standing,
    State,
    Variant,
    known_as,
    merged,
    problems_of,
    read_number,
    refusal_to_move,
    standing,
    type_number,
)
from yuejingzhun.platform.registry.approvals.software import (
    LENGTHS,
    Algorithm,
    FilingState,
    Verdict,
    Version,
    compare,
    problem_of_identification,
    read_identification,
    read_version,
)
from yuejingzhun.platform.registry.approvals.whole_file import problem_of_end

DAY = date(2026, 11, 24)
NEXT_DAY = DAY + timedelta(1)
FORWARD = {
    ("APPLIED", "REFUSED"), ("APPLIED", "ACCEPTED"), ("APPLIED", "WITHDRAWN"), ("ACCEPTED", "EVALUATING"),
    ("ACCEPTED", "WITHDRAWN"), ("EVALUATING", "EVALUATED"), ("EVALUATING", "WITHDRAWN"), ("EVALUATED", "APPROVED"),
    ("EVALUATED", "REJECTED"),
}  # fmt: skip


def test_an_application_only_goes_forward() -> None:
    allowed = {(a.name, b.name) for a, b in product(State, State) if refusal_to_move(a, b) is None}
    assert allowed == FORWARD
    assert {state.name for state in FINAL} == {"REFUSED", "APPROVED", "REJECTED", "WITHDRAWN"}
    assert refusal_to_move(State.APPROVED, State.APPLIED) == "申请现为“已批准”，不能变为“待受理”"


@pytest.mark.parametrize(
    "text", ["2021F123-44", "CPA 2021F123-44", "cpa2021f123-44", "２０２１Ｆ１２３－４４", " 2021 F123-44 "]
)
def test_a_number_is_read_as_it_is_written_on_nameplates(text: str) -> None:
    assert read_number(text) == "2021F123-44"


@pytest.mark.parametrize(
    "text", ["", "2021F12-44", "2021F123", "3021F123-44", "2021F123-4", "粤制00000123号", "x" * 99]
)
def test_what_is_no_number_is_none(text: str) -> None:
    assert read_number(text) is None


@given(st.integers(1000, 2999), st.sampled_from("LTFERKSGAC"), st.integers(101, 99_999))
def test_every_number_that_is_made_can_be_read(year: int, letter: str, serial: int) -> None:
    assert read_number("CPA " + type_number(year, letter, serial).lower()) == type_number(year, letter, serial)


@pytest.mark.parametrize(
    ("superseded", "withdrawn", "on", "expected"),
    [
        (None, None, DAY - timedelta(1), Standing.FUTURE),
        (None, None, DAY, Standing.IN_FORCE),
        (NEXT_DAY, None, DAY, Standing.IN_FORCE),
        (NEXT_DAY, None, NEXT_DAY, Standing.SUPERSEDED),
        (None, NEXT_DAY, DAY, Standing.IN_FORCE),
        (None, NEXT_DAY, NEXT_DAY, Standing.WITHDRAWN),
        (NEXT_DAY, DAY, NEXT_DAY, Standing.WITHDRAWN),
    ],
)
def test_validity_is_of_a_day(superseded, withdrawn, on, expected) -> None:
    assert standing(DAY, superseded, withdrawn, on) is expected


names = st.text("AB-１1 ", min_size=1, max_size=4).filter(str.strip)
families = st.lists(
    st.builds(Variant, names, st.just("1级"), st.text("xy", min_size=1)), unique_by=lambda v: known_as(v.model)
)


@given(families, families)
def test_an_extension_keeps_every_model_once_and_takes_what_was_given_last(held, new) -> None:
    found = merged(held, new)
    keys = [known_as(one.model) for one in found]
    assert len(keys) == len(set(keys))
    assert set(keys) == {known_as(one.model) for one in [*held, *new]}
    assert set(new) <= set(found)
    assert keys[: len(held)] == [known_as(one.model) for one in held]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": "  "}, "器具名称：没有填写"),
        ({"name": "长" * 121}, "器具名称：至多 120 个字，为 121 个"),
        ({"samples": 0}, "样机数量：应为 1 至 100 台，为 0"),
        ({"samples": 101}, "样机数量：应为 1 至 100 台，为 101"),
        ({"variants": ()}, "规格型号：至少填写一个型号"),
        ({"variants": (Variant("A", "1级", "r"),) * 201}, "规格型号：至多 200 个，为 201 个"),
        ({"variants": (Variant("A1", "1级", "r"), Variant("ａ 1", "1级", "r"))}, "第 2 个型号：ａ 1 与第 1 个相同"),
        ({"variants": (Variant("A", "", "r"),)}, "第 1 个型号：准确度等级没有填写"),
        ({"variants": (Variant("A", "1级", "r" * 201),)}, "第 1 个型号：测量范围至多 200 个字，为 201 个"),
        ({"variants": (Variant("A", "1级", "r", "t" * 1001),)}, "第 1 个型号：主要技术指标至多 1000 个字，为 1001 个"),
    ],
)
def test_what_is_wrong_with_an_application_is_said(change, says) -> None:
    given_ = {"item": "19.1", "name": "表", "variants": (Variant("A", "1级", "r"),), "samples": 1} | change
    assert problems_of(Asked(**given_)) == (says,)


@pytest.mark.parametrize(
    ("algorithm", "text", "says"),
    [
        (Algorithm.SHA256, "xyz", "标识值：应为 64 位十六进制数，为 'xyz'"),
        (Algorithm.SHA256, "", "标识值：应为 64 位十六进制数，为 ''"),
        (Algorithm.SHA256, "ab" * 31, "标识值：SHA-256 应为 64 位十六进制数，为 62 位"),
        (Algorithm.SM3, "ab" * 33, "标识值：SM3 应为 64 位十六进制数，为 66 位"),
        (Algorithm.CRC32, "ab" * 32, "标识值：CRC32 应为 8 位十六进制数，为 64 位"),
    ],
)
def test_what_is_no_hash_is_refused(algorithm, text, says) -> None:
    assert problem_of_identification(algorithm, text) == says


@given(st.sampled_from(Algorithm), st.data())
def test_a_hash_is_read_however_a_device_writes_it(algorithm, data) -> None:
    digits = data.draw(st.text("0123456789abcdef", min_size=LENGTHS[algorithm], max_size=LENGTHS[algorithm]))
    pairs = [digits[n : n + 2] for n in range(0, len(digits), 2)]
    for text in (digits, digits.upper(), "0x" + digits, ":".join(pairs), " ".join(pairs), "-".join(pairs)):
        assert problem_of_identification(algorithm, text) is None
        assert read_identification(text) == digits.upper()


@pytest.mark.parametrize(
    ("text", "read"), [(" V1.0 ", "V1.0"), ("１．０", "1.0"), ("", None), ("版本一", None), ("1" * 41, None)]
)
def test_versions(text, read) -> None:
    assert read_version(text) == read


OLD = Version(1, "1.0", "AA", FilingState.ACCEPTED, DAY, superseded_from=NEXT_DAY)
NEW = Version(2, "2.0", "BB", FilingState.ACCEPTED, NEXT_DAY)
CHEAT = Version(3, "1.5", "CC", FilingState.ACCEPTED, DAY, blocked_from=NEXT_DAY, reason="可改计数")
WAITING = Version(4, "3.0", "DD", FilingState.FILED, DAY)
REFUSED = Version(5, "3.1", "EE", FilingState.REFUSED, DAY)
ALL = (OLD, NEW, CHEAT, WAITING, REFUSED)


@pytest.mark.parametrize(
    ("version", "value", "on", "verdict", "says", "key"),
    [
        ("1.0", "aa", DAY, Verdict.SAME, "与备案的版本 1.0 一致", 1),
        ("１.0", "0xAA", DAY, Verdict.SAME, "与备案的版本 1.0 一致", 1),
        ("1.0", "aa", NEXT_DAY, Verdict.SAME, "与备案的版本 1.0 一致；已有新版本", 1),
        ("1.0", "ab", DAY, Verdict.DIFFERS, "备案的标识为 AA，器具显示 AB", 1),
        ("1.0", "bb", NEXT_DAY, Verdict.DIFFERS, "备案的标识为 AA，器具显示 BB；与版本 2.0 的标识相同", 1),
        ("2.0", "bb", DAY, Verdict.UNKNOWN, "版本 '2.0' 没有备案（尚未生效）", None),
        ("3.0", "dd", DAY, Verdict.UNKNOWN, "版本 '3.0' 没有备案（待审核）", None),
        ("3.1", "ee", DAY, Verdict.UNKNOWN, "版本 '3.1' 没有备案（不予备案）", None),
        ("9.9", "aa", DAY, Verdict.UNKNOWN, "版本 '9.9' 没有备案；标识与已备案的版本 1.0 相同", 1),
        ("9.9", "ff", DAY, Verdict.UNKNOWN, "版本 '9.9' 没有备案", None),
        ("1.5", "cc", DAY, Verdict.SAME, "与备案的版本 1.5 一致", 3),
        ("1.5", "cc", NEXT_DAY, Verdict.BLOCKED, "版本 1.5 自 2026-11-25 起禁用：可改计数", 3),
        ("1.0", "cc", NEXT_DAY, Verdict.BLOCKED, "版本 1.5 自 2026-11-25 起禁用：可改计数", 3),
        ("1.5", "aa", NEXT_DAY, Verdict.BLOCKED, "版本 1.5 自 2026-11-25 起禁用：可改计数", 3),
    ],
)  # fmt: skip
def test_a_device_is_compared_with_what_is_filed_on_that_day(version, value, on, verdict, says, key) -> None:
    found = compare(ALL, version, value, on)
    assert (found.verdict, found.detail, found.key) == (verdict, says, key)


WHOLE = {
    Kind.PDF: b"%PDF-1.4\n" + b"x" * 5000 + b"startxref\n9\n%%EOF\n",
    Kind.PNG: b"\x89PNG\r\n\x1a\n" + b"x" * 5000 + b"\0\0\0\0IEND\xaeB`\x82",
    Kind.JPEG: b"\xff\xd8\xff\xe0" + b"x" * 5000 + b"\xff\xd9",
}


@pytest.mark.parametrize("kind", Kind)
def test_a_file_that_was_cut_off_lacks_its_end(kind) -> None:
    assert problem_of_end("a", kind, WHOLE[kind]) is None
    assert "没有结束标记" in (problem_of_end("图.pdf", kind, WHOLE[kind][:3000]) or "")
