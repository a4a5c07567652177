"""The figures of a technical report against what can be worked out by hand, and every way an application is wrong."""

from math import hypot, sqrt

import pytest

from yuejingzhun.platform.registry.standards.errors import ProposalError
from yuejingzhun.platform.registry.standards.figures import findings
from yuejingzhun.platform.registry.standards.proposal import proposal_from_json, proposal_to_json
from yuejingzhun.platform.registry.standards.rules import Kind


def judged(content, kind: Kind = Kind.NEW, former_s: float | None = None):
    return findings(proposal_from_json(content), kind, former_s)


def test_the_figures_by_hand(content) -> None:
    repeatability, stability, verification = judged(content())
    assert repeatability.found == pytest.approx(0.1 * sqrt(10 / 9), rel=1e-12)
    assert stability.found == pytest.approx(0.03, abs=1e-12) and stability.limit == 0.05 and stability.passed
    # U0 is not above a third of U, so that the limit is U alone (JJF 1033 C.4.1).
    assert (verification.found, verification.limit) == (pytest.approx(0.15), pytest.approx(0.2))
    assert verification.passed


def test_a_renewal_is_judged_by_the_former_s_and_by_the_changes_from_year_to_year(content) -> None:
    assert judged(content(), Kind.RENEWAL, 0.11)[0].passed
    assert not judged(content(), Kind.RENEWAL, 0.10)[0].passed
    two = content()["groups"][:2]
    found = judged(content(groups=two), Kind.RENEWAL)[1]
    assert found.passed and found.found == pytest.approx(0.02, abs=1e-12)
    assert not judged(content(groups=two))[1].passed


def test_stability_at_its_limit_and_groups_too_near_do_not_pass(content) -> None:
    assert not judged(content(allowed_change="0.03"))[1].passed
    near = content()["groups"]
    near[1]["on"] = "2026-06-01"  # a month after the first, and it must be more
    assert "大于一个月" in judged(content(groups=near))[1].note


def test_verification_by_comparison_and_by_transfer_with_a_near_reference(content) -> None:
    labs = [["10.0", "0.2"], ["10.1", "0.2"], ["10.2", "0.2"]]
    found = judged(content(verification={"method": "comparison", "results": labs}))[2]
    assert (found.found, found.limit) == (pytest.approx(0.1), pytest.approx(sqrt(2 / 3) * 0.2))
    near = content(verification={"method": "transfer", "results": [["10.0", "0.2"], ["10.5", "0.15"]]})
    assert judged(near)[2].limit == pytest.approx(hypot(0.2, 0.15))
    assert not judged(near)[2].passed


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "计量标准名称：未填写"),
        ({"name": "长" * 121}, "应不超过 120 个"),
        ({"level": "HIGH"}, "级别：为 'HIGH'"),
        ({"level": None}, "级别"),
        ({"expanded_uncertainty": "0"}, "扩展不确定度 U：为 '0'，应为正的"),
        ({"expanded_uncertainty": "1e-13"}, "小数不超过 12 位"),
        ({"expanded_uncertainty": "NaN"}, "扩展不确定度 U"),
        ({"coverage_factor": "2.0001"}, "包含因子 k"),
        ({"coverage_factor": "1000"}, "包含因子 k"),
        ({"regulations": []}, "可开展的检定项目：应为 1～100 项"),
        ({"regulations": "JJG"}, "可开展的检定项目"),
        ({"devices": []}, "至少应有一台计量标准器"),
        ({"devices": ["x"]}, "设备第 1 台"),
        ({"devices": [{"is_main": True, "name": "a", "model": "b", "serial": "c", "certificate": "d"}]}, "有效期"),
        ({"readings": ["1"] * 9}, "重复性读数：有 9 个，应为 10～1000 个"),
        ({"readings": ["1"] * 9 + ["x"]}, "重复性读数第 10 个：为 'x'"),
        ({"groups": [{"on": "soon", "readings": []}]}, "稳定性第 1 组日期"),
        ({"groups": [{"on": "2026-01-01", "readings": []}]}, "稳定性第 1 组：有 0 个"),
        ({"verification": None}, "应选择传递比较法或比对法"),
        ({"verification": {"method": "transfer", "results": [["1", "1"]]}}, "有 1 个结果，应为 2～2 个"),
        ({"verification": {"method": "comparison", "results": [["1", "1"], ["1"], ["1", "1"]]}}, "第 2 个结果"),
        ({"verification": {"method": "transfer", "results": [["1", "1"], ["1", "-1"]]}}, "第 2 个 U"),
    ],
)
def test_what_is_wrong_is_named(content, change, says) -> None:
    with pytest.raises(ProposalError, match=says.replace("(", r"\(")):
        proposal_from_json(content(**change))


def test_every_problem_is_named_at_once(content) -> None:
    with pytest.raises(ProposalError) as found:
        proposal_from_json({})
    assert len(found.value.problems) >= 12


def test_a_proposal_comes_back_from_json_as_it_went(content) -> None:
    given = proposal_from_json(content())
    assert proposal_from_json(proposal_to_json(given)) == given
