from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.net_content import (
    Kind,
    Rule,
    TareMethod,
    average_tare,
    judge,
    net,
    sample_plan,
    tolerable_deficiency,
    volume,
)

# JJF 1070 = 定量包装商品计量监督管理办法 (2005) Annex 4: lot from, to, sample, factor, beyond T1.
PLANS = [
    (11, 50, 10, "1.028", 0), (51, 99, 13, "0.848", 1), (100, 500, 50, "0.379", 3),
    (501, 3200, 80, "0.295", 5), (3201, 10**6, 125, "0.234", 7),
]  # fmt: skip
# Annex 3: nominal quantity, T. The ends of neighbouring rows agree.
DEFICIENCIES = [
    ("50", "4.5"), ("100", "4.5"), ("200", "9"), ("300", "9"), ("500", "15"), ("1000", "15"), ("10000", "150"),
    ("15000", "150"), ("50000", "500"), ("20", "1.8"), ("75", "4.5"), ("150", "6.8"), ("250", "9"), ("400", "12"),
    ("750", "15"), ("2500", "38"), ("12000", "150"), ("20000", "200"),
]  # fmt: skip


@pytest.mark.parametrize(("low", "high", "size", "factor", "beyond"), PLANS)
def test_sampling_plan(low: int, high: int, size: int, factor: str, beyond: int, published: Published) -> None:
    for lot in (low, high):
        plan = sample_plan(lot)
        assert (plan.sample_size, plan.correction_factor, plan.beyond_t1) == (size, Decimal(factor), beyond)
    case, source = f"批量 {low} 至 {high}", "定量包装商品计量监督管理办法（2005）附件 4（JJF 1070）"
    found = f"{plan.sample_size}，{plan.correction_factor}，{plan.beyond_t1}"
    published("JJF 1070 抽样方案", source, f"{case}：样本量，λ，允许数", f"{size}，{factor}，{beyond}", found)
    # The factor is t(0.995) / sqrt(n), as 76/211/EEC defines it; 0.848 is printed where 0.8472 results.
    assert float(factor) == pytest.approx(stats.t.ppf(0.995, size - 1) / np.sqrt(size), abs=9e-4)


def test_lots_up_to_ten_are_inspected_wholly_without_the_mean_test() -> None:
    assert sample_plan(10) == sample_plan(10, Rule.JJF_1070)
    assert (sample_plan(7).sample_size, sample_plan(7).correction_factor) == (7, None)
    verdict = judge(["99"] * 7, 100, 7)
    assert verdict.conforms
    assert verdict.corrected_mean is None


def test_tolerable_deficiency(published: Published) -> None:
    found = [tolerable_deficiency(nominal) for nominal, _ in DEFICIENCIES]
    printed = [expected for _, expected in DEFICIENCIES]
    assert found == [Decimal(expected) for expected in printed]
    source = "定量包装商品计量监督管理办法（2005）附件 3"
    published.series("JJF 1070 允许短缺量", source, "标注净含量 20 g 至 50 kg 的 T", printed, found, "g")


def test_rounding_of_the_deficiency_in_china_and_oiml() -> None:
    # 4.5 % of 145 is 6.525: to 0.1 in China (GB/T 8170), up to the next 0.1 in OIML R 87.
    assert tolerable_deficiency("145") == Decimal("6.5")
    assert tolerable_deficiency("145", rule=Rule.OIML_R87) == Decimal("6.6")
    # 1.5 % of 1100 is 16.5: half to even, to the next whole gram.
    assert tolerable_deficiency("1100") == 16
    assert tolerable_deficiency("1100", rule=Rule.OIML_R87) == 17
    assert tolerable_deficiency("1700") == 26  # 25.5
    assert tolerable_deficiency("1000", rule=Rule.OIML_R87) == 15


def test_length_area_and_count() -> None:
    assert tolerable_deficiency("5", Kind.LENGTH) == 0
    assert tolerable_deficiency("10", Kind.LENGTH) == Decimal("0.2")
    assert tolerable_deficiency("2.5", Kind.AREA) == Decimal("0.075")
    assert tolerable_deficiency(50, Kind.COUNT) == 0
    assert tolerable_deficiency(51, Kind.COUNT) == 1  # the next whole number, though that is more than 1 %
    assert tolerable_deficiency(200, Kind.COUNT) == 2
    assert tolerable_deficiency(201, Kind.COUNT) == 3
    assert not judge([50] * 9 + [49], 50, 30, Kind.COUNT).conforms
    assert judge([50] * 10, 50, 30, Kind.COUNT).conforms


def test_each_criterion_alone_refuses_the_lot() -> None:
    good = ["500.5"] * 50
    assert judge(good, 500, 300).conforms
    # T = 15: three may be short by more than 15, none by more than 30; a shortfall of exactly T or 2 T counts not.
    exactly = judge(["520"] * 46 + ["485"] * 4, 500, 300)
    assert exactly.conforms
    assert exactly.beyond_t1 == 0
    assert judge(["520"] * 47 + ["484.9"] * 3, 500, 300).conforms
    four = judge(["520"] * 46 + ["484.9"] * 4, 500, 300)
    assert (four.conforms, four.beyond_t1, four.beyond_t2) == (False, 4, 0)
    assert "允许 3 件：不符合" in four.reasons[1]
    assert judge(["520"] * 49 + ["470"], 500, 300).conforms
    far = judge(["520"] * 49 + ["469.99"], 500, 300)
    assert (far.conforms, far.beyond_t1, far.beyond_t2) == (False, 1, 1)
    assert far.reasons[2].endswith("允许 0 件：不符合")
    low = judge(["499.9"] * 50, 500, 300)
    assert not low.conforms
    assert "修正平均实际含量 499.9 < 标注净含量 500：不符合" in low.reasons[0]


def test_the_mean_is_corrected_by_factor_times_s() -> None:
    # Five at 499 and five at 500: mean 499.5, s = 0.5 sqrt(10 / 9) = 0.5270463: 499.5 + 1.028 s = 500.0418 passes.
    verdict = judge(["499"] * 5 + ["500"] * 5, 500, 30)
    assert verdict.conforms
    assert float(verdict.standard_deviation) == pytest.approx(0.5 * np.sqrt(10 / 9), rel=1e-15)
    assert float(verdict.corrected_mean) == pytest.approx(500.0418, abs=5e-5)
    assert verdict.mean == Decimal("499.5")


def test_the_mean_criterion_is_decided_exactly() -> None:
    contents = [Decimal(3), Decimal(-3)] * 5  # squares sum to 90
    # s = sqrt(10); one part in 10^30 above and below the exact boundary decides.
    with localcontext() as context:
        context.prec = 60
        boundary = Decimal("1.028") * Decimal(10).sqrt()
        above, below = (500 - boundary + Decimal(sign) * Decimal("1e-30") for sign in (1, -1))
        lots = [[centre + x for x in contents] for centre in (above, below)]
    assert judge(lots[0], 500, 30).conforms
    assert not judge(lots[1], 500, 30).conforms


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(4600, 5300), min_size=50, max_size=50), st.randoms(use_true_random=False))
def test_order_does_not_matter_and_a_fuller_package_never_hurts_the_counts(tenths: list[int], random: object) -> None:
    contents = [Decimal(x) / 10 for x in tenths]
    verdict = judge(contents, 500, 200)
    mixed = list(contents)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert judge(mixed, 500, 200) == verdict
    fuller = judge([x + 1 for x in contents], 500, 200)
    assert fuller.beyond_t1 <= verdict.beyond_t1
    assert fuller.beyond_t2 <= verdict.beyond_t2
    assert verdict.conforms <= fuller.conforms
    corrected = np.mean([float(x) for x in contents]) + 0.379 * np.std([float(x) for x in contents], ddof=1)
    assert float(verdict.corrected_mean or 0) == pytest.approx(corrected, rel=1e-12)


def test_density_method() -> None:
    # OIML R 87, JJF 1070: V = m (1 - 0.0012 / 8.0) / (density - 0.0012), 0.99985 / 0.9970 mL a gram of water.
    assert volume("997.0", "0.9982") == Decimal("999.85")
    assert volume("500", "0.8", air_density=0) == 625
    assert volume("497.2", "0.9982") > Decimal("497.2") / Decimal("0.9982")


def test_net_and_drained_mass() -> None:
    assert net("535.25", "30.10") == Decimal("505.15")
    with pytest.raises(ArgumentError) as error:
        net("30", "30.1")
    assert error.value.argument == "tare"


def test_tare() -> None:
    assert average_tare(["10.0", "10.2"] * 5, 500, 15).mean == Decimal("10.1")
    assert average_tare(["60"] * 10, 500, 15).method is TareMethod.MORE
    even = average_tare(["60", "61"] * 12 + ["60"], 500, 15)
    assert even.method is TareMethod.MEAN_OF_TWENTY_FIVE
    assert even.mean == Decimal("60.48")
    uneven = average_tare(["50", "70"] * 13, 500, 15)  # s is over 10, more than 15 / 4
    assert (uneven.method, uneven.mean) == (TareMethod.EACH, None)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("nominal", lambda: tolerable_deficiency(0)),
        ("nominal", lambda: tolerable_deficiency("50001")),
        ("nominal", lambda: tolerable_deficiency("60.5", Kind.COUNT)),
        ("nominal", lambda: tolerable_deficiency("NaN")),
        ("contents", lambda: judge(["1"] * 9, 1, 30)),
        ("contents", lambda: judge([500.0] * 10, 500, 30)),
        ("contents", lambda: judge(["500"] * 9 + ["-1"], 500, 30)),
        ("contents", lambda: judge(["500"] * 9 + ["Infinity"], 500, 30)),
        ("contents", lambda: judge(["500"] * 9 + ["full"], 500, 30)),
        ("lot_size", lambda: sample_plan(0)),
        ("lot_size", lambda: sample_plan(99, Rule.OIML_R87)),
        ("air_density", lambda: volume(1, "0.001")),
        ("density", lambda: volume(1, 0)),
        ("tares", lambda: average_tare(["1"] * 9, 100, 4)),
    ],
)
def test_bad_arguments_are_named(argument: str, call: object) -> None:
    with pytest.raises(ArgumentError) as error:
        call()  # type: ignore[operator]
    assert error.value.argument == argument
