"""Errors against their limits as a picture: each point a row, its error as a share of its MPE, with U as a bar."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from yuejingzhun.procedures.evaluation import Evaluation
from yuejingzhun.procedures.procedure import PointResult

ROW, LABEL, WIDTH, MARGIN = 26, 150, 420, 10
WIDEST_LABEL = 21
FARTHEST = Decimal("1.6")  # in MPE: what lies beyond is drawn at the edge, as an arrow


@dataclass(frozen=True, slots=True)
class Mark:
    """One point in the picture; lengths in units of the view box."""

    label: str
    text: str
    y: int
    text_y: int
    x: Decimal
    low: Decimal
    high: Decimal
    passed: bool
    beyond: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """The picture of all points of an evaluation."""

    marks: tuple[Mark, ...]
    height: int
    left: Decimal
    centre: Decimal
    right: Decimal
    band: Decimal
    width: int = WIDTH
    summary: str = ""


def chart(evaluation: Evaluation) -> Chart | None:
    """The picture, or None where no point has a limit to be drawn against."""
    points = [point for point in evaluation.points if point.mpe > 0]
    if not points:
        return None
    failed = sum(not point.passed for point in points)
    summary = f"{len(points)} 个检定点的误差与最大允许误差之比，{f'{failed} 个超出' if failed else '全部在限内'}"
    left, right = _position(Decimal(-1)), _position(Decimal(1))
    marks = tuple(_marks(points))
    return Chart(marks, ROW * (len(points) + 1) + 8, left, _position(Decimal(0)), right, right - left, summary=summary)


def _marks(points: list[PointResult]) -> Iterator[Mark]:
    for row, point in enumerate(points):
        share, spread = point.rounded / point.mpe, point.expanded_uncertainty / point.mpe
        y = ROW * row + ROW // 2 + ROW
        yield Mark(
            label=_shortened(point.point.label),
            text=f"{point.point.label}：误差 {point.rounded} {point.unit}，允许 ±{point.mpe} {point.unit}",
            y=y,
            text_y=y + 5,
            x=_position(share),
            low=_position(share - spread),
            high=_position(share + spread),
            passed=point.passed,
            beyond=abs(share) > FARTHEST,
        )


def _shortened(label: str) -> str:
    """As much of a label as there is room for; a Chinese character takes twice that of a Latin one."""
    used = 0
    for position, mark in enumerate(label):
        used += 2 if ord(mark) > 0x2E80 else 1
        if used > WIDEST_LABEL:
            return label[: position - 1] + "…"
    return label


def _position(share: Decimal) -> Decimal:
    inside = max(-FARTHEST, min(FARTHEST, share))
    space = Decimal(WIDTH - LABEL - 2 * MARGIN)
    return (LABEL + MARGIN + space * (inside + FARTHEST) / (2 * FARTHEST)).quantize(Decimal("0.1"))
