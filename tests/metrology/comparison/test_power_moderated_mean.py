from functools import partial

import numpy as np
import pytest

from published import Published
from yuejingzhun.metrology.arguments import ArgumentError
from yuejingzhun.metrology.comparison.equivalence import degrees_of_equivalence
from yuejingzhun.metrology.comparison.power_moderated_mean import power_moderated_mean
from yuejingzhun.metrology.comparison.random_effects import paule_mandel

# BIPM.RI(II)-K1, equivalent activities in kBq and reference values as printed, these in MBq, where the zeros of
# 54 530 kBq tell their digits: TheBIPM/CCRI-II-KC (MIT) at bc0a397, the two Ra-223 releases and Gd-153 from
# doi 10.1088/0026-1394/58/1A/06007, 60/1A/06002, 58/1A/06027.
OFFICIAL = {
    "Ag-110m 2020": ([5973, 5985, 5971, 6005, 5974], [17, 7, 22, 48, 19], "5.9808", "0.0064"),
    "Ra-223 2021": ([54740, 54590, 54400], [300, 150, 120], "54.53", "0.096"),
    "Ra-223 2022": ([54400, 54740, 55055, 54590], [120, 300, 210, 150], "54.67", "0.14"),
    "Gd-153 2021": ([366070, 362100], [1050, 2200], "364.2", "2.0"),
}
SOURCE = "BIPM.RI(II)-K1 公布的结果"


@pytest.mark.parametrize("case", OFFICIAL)
def test_official_reference_values(case: str, published: Published) -> None:
    x, u, value, u_value = OFFICIAL[case]
    found = power_moderated_mean(x, u)
    assert found.included.all()
    published("CCRI(II) 幂调和平均", SOURCE, f"{case}，参考值", value, found.value / 1000, "MBq")
    published("CCRI(II) 幂调和平均", SOURCE, f"{case}，参考值的 u", u_value, found.u / 1000, "MBq")


@pytest.mark.parametrize(
    ("case", "differences_mbq", "expanded_mbq"),
    [
        ("Ra-223 2021", "0.21 0.06 -0.13", "0.52 0.25 0.21"),
        ("Ra-223 2022", "-0.27 0.07 0.39 -0.08", "0.32 0.56 0.42 0.35"),
    ],
)
def test_official_degrees_of_equivalence(
    case: str, differences_mbq: str, expanded_mbq: str, published: Published
) -> None:
    # The official tables give these in MBq, the values in kBq.
    x, u = (np.array(part) / 1000 for part in OFFICIAL[case][:2])
    found = degrees_of_equivalence(x, u, power_moderated_mean(x, u))
    row = partial(published.series, "CCRI(II) 等效度", SOURCE, unit="MBq")
    row(f"{case}，各家的 D", differences_mbq.split(), found.difference)
    row(f"{case}，各家的 U", expanded_mbq.split(), found.expanded())


def test_the_powers_at_the_ends() -> None:
    x, u = np.array([1.0, 4.0, 2.0, 9.0, 3.0]), np.array([0.5, 1, 0.3, 2, 0.7])
    arithmetic = power_moderated_mean(x, u, alpha=0.0)
    assert arithmetic.value == pytest.approx(x.mean())
    assert arithmetic.u == pytest.approx(x.std(ddof=1) / 5**0.5)
    mandel_paule, full = paule_mandel(x, u), power_moderated_mean(x, u, alpha=2.0)
    np.testing.assert_allclose([full.value, full.u], [mandel_paule.value, mandel_paule.u], rtol=1e-13)
    # By default 2 - 3/5.
    np.testing.assert_allclose(power_moderated_mean(x, u).value, power_moderated_mean(x, u, alpha=1.4).value)


def test_extreme_results_are_excluded_one_after_another() -> None:
    generator = np.random.default_rng(4)
    good = 100 + generator.standard_normal(14)
    x = np.concatenate([good, [160.0, 108.0]])
    u = np.ones(16)
    found = power_moderated_mean(x, u)
    assert found.included.tolist() == [True] * 14 + [False] * 2
    assert found.weights[14:].tolist() == [0, 0]
    clean = power_moderated_mean(good, np.ones(14), outlier_factor=None)
    assert (found.value, found.u) == (pytest.approx(clean.value), pytest.approx(clean.u))
    assert power_moderated_mean(x, u, outlier_factor=None).included.all()
    # In a stack only that comparison changes.
    stack = power_moderated_mean(np.stack([x, np.append(good, good[:2])]), u)
    assert stack.included.sum(axis=-1).tolist() == [14, 16]


@pytest.mark.parametrize(("change", "named"), [({"alpha": 2.5}, "alpha"), ({"outlier_factor": 0.0}, "outlier_factor")])
def test_choices_that_can_not_be(change: dict[str, float], named: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        power_moderated_mean([1, 2, 3], [1, 1, 1], **change)
    assert caught.value.argument == named
