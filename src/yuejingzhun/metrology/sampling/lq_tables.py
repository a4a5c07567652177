"""Plans for isolated lots, indexed by limiting quality: ISO 2859-2:1985 Table A = GB/T 2828.2-2008, procedure A."""

from decimal import Decimal

from yuejingzhun.metrology.arguments import ArgumentError, whole
from yuejingzhun.metrology.sampling.plan import SinglePlan

LIMITING_QUALITIES = tuple(
    map(Decimal, ("0.50", "0.80", "1.25", "2.00", "3.15", "5.00", "8.00", "12.5", "20.0", "31.5"))
)

# Largest lot of the row; then n, Ac for each limiting quality, None where the standard has no plan or none that is
# certain. From 2.00 % on as in the software GeoPEC (Brazilian cartography, which prescribes ISO 2859-2), whose 50 items
# for lots of 51 to 90 at 2.00 % are left out: they accept 19 % of such lots. The columns 0.50, 0.80, 1.25:
# from memory, to be read against the standard. All plans accept a lot at its limiting quality in fewer than 13 % of
# the cases, as the standard says of them (tested).
_ROWS: tuple[tuple[int | None, tuple[tuple[int, int] | None, ...]], ...] = (
    (25, (*[None] * 6, (17, 0), (13, 0), (9, 0), (6, 0))),
    (50, (*[None] * 5, (28, 0), (22, 0), (15, 0), (10, 0), (6, 0))),
    (90, (*[None] * 4, (44, 0), (34, 0), (24, 0), (16, 0), (10, 0), (8, 0))),
    (150, (*[None] * 3, (80, 0), (55, 0), (38, 0), (26, 0), (18, 0), (13, 0), (13, 1))),
    (280, (*[None] * 3, (95, 0), (65, 0), (42, 0), (28, 0), (20, 0), (20, 1), (13, 1))),
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
SMALLEST_LOT = 16


def has_plan(lot_size: int, limiting_quality: Decimal | str) -> bool:
    """Whether the table has a plan for that lot; raises ArgumentError for a quality that it lacks altogether."""
    return _cell(whole("lot_size", lot_size, 1), limiting_quality) is not None


def limiting_quality_plan(lot_size: int, limiting_quality: Decimal | str) -> SinglePlan:
    """The plan for an isolated lot; `limiting_quality` in percent, one of LIMITING_QUALITIES.

    Where the sample would be the lot or more, every item is inspected. Raises ArgumentError for a lot without a plan
    (see `has_plan` and `attributes.zero_acceptance_sample`) or another quality.
    """
    lot = whole("lot_size", lot_size, 1)
    cell = _cell(lot, limiting_quality)
    if cell is None:
        raise ArgumentError("lot_size", f"极限质量 {limiting_quality} 的表中没有批量 {lot} 的方案")
    return SinglePlan(min(cell[0], lot), cell[1])


def _cell(lot: int, limiting_quality: Decimal | str) -> tuple[int, int] | None:
    try:
        column = LIMITING_QUALITIES.index(Decimal(limiting_quality))
    except (ValueError, ArithmeticError, TypeError) as error:
        names = "、".join(map(str, LIMITING_QUALITIES))
        raise ArgumentError("limiting_quality", f"应为 {names} 之一，为 {limiting_quality!r}") from error
    if lot < SMALLEST_LOT:
        return None
    return next(plans for largest, plans in _ROWS if largest is None or lot <= largest)[column]
