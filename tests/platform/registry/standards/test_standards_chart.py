"""The pictures show each value where it lies between its limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yuejingzhun.metrology.control_chart import mean_and_s_chart
from yuejingzhun.platform.registry.standards.chart import limit_chart, mean_chart


def test_without_values_there_is_no_picture() -> None:
    assert limit_chart("重复性", [], [], 1.0, "%") is None
    assert mean_chart("稳定性", ["a"], [1.0], [[1.0] * 10], "%") is None


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=30), st.floats(1e-6, 1e6))
def test_a_point_is_above_the_limit_line_exactly_when_it_is_marked(values, limit) -> None:
    drawn = limit_chart("重复性", [str(n) for n in range(len(values))], values, limit, "%")
    assert drawn is not None
    line = next(line for line in drawn.lines if line.is_limit)
    for value, point in zip(values, drawn.points, strict=True):
        assert point.out == (value > limit)
        assert 0 <= point.y <= drawn.height and 0 <= point.x <= drawn.right
        assert point.y <= line.y + 0.05 if point.out else point.y >= line.y - 0.05


def test_limits_are_those_of_the_control_chart_and_a_stray_group_is_marked() -> None:
    generator = np.random.default_rng(1)
    groups = generator.normal(10, 0.1, (25, 10))
    groups[20] += 1
    means = list(map(float, groups.mean(axis=1)))
    drawn = mean_chart("稳定性", [str(n) for n in range(25)], means, groups.tolist(), "%")
    assert drawn is not None
    band = mean_and_s_chart(groups).mean
    assert drawn.lines[0].text == f"上限 {band.upper:.6g}" and drawn.lines[2].text == f"下限 {band.lower:.6g}"
    assert drawn.points[20].out and "1 点落在 A 区以外" in drawn.points[20].text
    assert "仅供参考" not in drawn.note


@pytest.mark.parametrize(
    "groups", [[[1.0] * 10, [1.0] * 10], [[10.01] * 10, [10.03] * 10], [[1.0, 2.0], [1.0, 2.0, 3.0]]]
)
def test_where_there_are_no_limits_the_picture_says_so(groups) -> None:
    drawn = mean_chart("稳定性", ["a", "b"], [1.0, 1.0], groups, "%")
    assert drawn is not None and drawn.lines == () and "不能计算控制限" in drawn.note
