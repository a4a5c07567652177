"""From the points of a verification to the one error that an estimate over all loads is compared with. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from yuejingzhun.platform.operations.metering.rules import Medium
from yuejingzhun.procedures.procedure import PointResult

HUNDRED = Decimal(100)
LEAST_SHARE = Decimal("0.1")  # of the basic current; below it a household's energy is little


def true_error(medium: Medium, points: Sequence[PointResult]) -> Decimal | None:
    """Mean relative error of the points that ordinary loads are near to, None where there is no point in percent.

    Of electricity meters those at unity power factor from a tenth of the basic current on, since homes draw next to no
    reactive energy; of others all. Our choice: no standard says how an in-service estimate is compared with a test.
    """
    relative = [point for point in points if point.unit == "%"]
    if medium is Medium.ELECTRICITY:
        relative = [point for point in relative if _ordinary(point.point.values)] or relative
    if not relative:
        return None
    mean = sum((point.error for point in relative), Decimal(0)) / len(relative) / HUNDRED
    return mean.quantize(Decimal("0.0000001"))


def points_as_json(points: Sequence[PointResult]) -> list[dict[str, str | bool]]:
    """As they are kept with the result."""
    return [
        {"label": point.point.label, "error": str(point.rounded), "mpe": str(point.mpe), "unit": point.unit,
         "passed": point.passed}
        for point in points
    ]  # fmt: skip


def _ordinary(values: Any) -> bool:
    return values.get("cosine") == 1 and values.get("share", Decimal(1)) >= LEAST_SHARE
