"""The picture shows each point where it lies between its limits."""

from decimal import Decimal

import pytest
from django.test import Client

from yuejingzhun.platform.operations.verification.chart import chart
from yuejingzhun.procedures.catalogue import procedure, procedures
from yuejingzhun.procedures.evaluate import evaluate
from yuejingzhun.procedures.sample import sample_parameters, sample_standard


@pytest.mark.parametrize("code", procedures())
@pytest.mark.parametrize("passing", [True, False])
def test_points_lie_in_the_band_exactly_when_their_error_does(world, code: str, passing: bool) -> None:
    declared = procedure(code)
    record = world.record(code, passing)
    found = evaluate(declared, record, sample_standard(declared, sample_parameters(declared), record.tested_on))
    drawn = chart(found)
    assert drawn is not None
    points = [point for point in found.points if point.mpe > 0]
    assert len(drawn.marks) == len(points)
    for mark, point in zip(drawn.marks, points, strict=True):
        inside = drawn.left <= mark.x <= drawn.right
        assert inside == (abs(point.rounded) <= point.mpe)
        assert mark.low <= mark.x <= mark.high
        assert Decimal(0) <= mark.low and mark.high <= drawn.width
        assert mark.y < drawn.height


@pytest.mark.parametrize("code", procedures())
def test_each_regulation_has_a_page(db: None, code: str) -> None:
    page = Client().get(f"/regulations/{code}")
    assert page.status_code == 200
    text = page.content.decode()
    assert "最大允许误差" in text
    assert procedure(code).title in text
    assert code in Client().get("/regulations").content.decode()


def test_an_unknown_regulation_is_404(db: None) -> None:
    answer = Client().get("/regulations/JJG 1")
    assert answer.status_code == 404
    assert "现有" in answer.content.decode()
