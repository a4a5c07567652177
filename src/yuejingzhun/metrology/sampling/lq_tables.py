"""Plans for isolated lots, indexed by limiting quality: ISO 2859-2:1985 Table A = GB/T 2828.2-2008, procedure A."""

from decimal import Decimal

from yuejingzhun.metrology.arguments import ArgumentError, whole
from yuejingzhun.metrology.sampling.plan import SinglePlan

LIMITING_QUALITIES = tuple(
    map(Decimal, ("0.50", "0.80", "1.25", "2.00", "3.15", "5.00", "8.00", "12.5", "20.0", "31.5"))
)

# Largest lot of the row; then n, Ac for each limiting quality. Not compared with a printed copy of the table; each plan
# passes a lot at its limiting quality in fewer than 13 % of the cases, as the standard says of them (tested). Lots
# below 281 items, whose figures are not certain enough to enter, go to `attributes.zero_acceptance_sample`.
_ROWS: tuple[tuple[int | None, tuple[tuple[int, int], ...]], ...] = (
    (500, ((280, 0), (220, 0), (155, 0), (105, 0), (80, 0), (50, 0), (32, 0), (32, 1), (20, 1), (20, 3))),
    (1200, ((380, 0), (255, 0), (170, 0), (125, 0), (125, 1), (80, 1), (50, 1), (32, 1), (32, 3), (32, 5))),
    (3200, ((430, 0), (280, 0), (200, 0), (200, 1), (125, 1), (125, 3), (80, 3), (50, 3), (50, 5), (50, 10))),
    (10_000, ((450, 0), (315, 0), (315, 1), (200, 1), (200, 3), (200, 5), (125, 5), (80, 5), (80, 10), (80, 18))),
    (35_000, ((500, 0), (500, 1), (315, 1), (315, 3), (315, 5), (315, 10), (200, 10), (125, 10), (125, 18), (80, 18))),
    (
        150_000,
        ((800, 1), (500, 1), (500, 3), (500, 5), (500, 10), (500, 18), (315, 18), (200, 18), (125, 18), (80, 18)),
    ),
    (
        500_000,
        ((800, 1), (800, 3), (800, 5), (800, 10), (800, 18), (500, 18), (315, 18), (200, 18), (125, 18), (80, 18)),
    ),
    (
        None,
        ((1250, 3), (1250, 5), (1250, 10), (1250, 18), (800, 18), (500, 18), (315, 18), (200, 18), (125, 18), (80, 18)),
    ),
)
SMALLEST_LOT = 281


def limiting_quality_plan(lot_size: int, limiting_quality: Decimal | str) -> SinglePlan:
    """The plan for an isolated lot from 281 items on; `limiting_quality` in percent, one of LIMITING_QUALITIES.

    Raises ArgumentError for a smaller lot (see `attributes.zero_acceptance_sample`) or another quality.
    """
    lot = whole("lot_size", lot_size, 1)
    if lot < SMALLEST_LOT:
        raise ArgumentError("lot_size", f"表自批量 {SMALLEST_LOT} 起，为 {lot}")
    try:
        column = LIMITING_QUALITIES.index(Decimal(limiting_quality))
    except (ValueError, ArithmeticError, TypeError) as error:
        names = "、".join(map(str, LIMITING_QUALITIES))
        raise ArgumentError("limiting_quality", f"应为 {names} 之一，为 {limiting_quality!r}") from error
    row = next(plans for largest, plans in _ROWS if largest is None or lot <= largest)
    return SinglePlan(*row[column])
