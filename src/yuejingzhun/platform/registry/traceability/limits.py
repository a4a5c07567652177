"""What of a verification an error of the standard is compared with, carried there as the regulation declares it."""

from dataclasses import dataclass
from decimal import Decimal

from yuejingzhun.procedures.catalogue import procedure
from yuejingzhun.procedures.evaluation import Evaluation
from yuejingzhun.procedures.procedure import PointResult
from yuejingzhun.procedures.record import Parameters


@dataclass(frozen=True, slots=True)
class Limit:
    """The point at which an error of the standard matters most, in the unit of that point's errors.

    `factor` is what one unit of the standard's error does to the point's error. U and margin are the smallest of all
    points, each scaled to this one by the factors: below them an error stays so at every point.
    """

    factor: Decimal
    mpe: Decimal
    expanded_uncertainty: Decimal
    margin: Decimal
    unit: str


def tightest_limit(evaluation: Evaluation, parameters: Parameters, unit: str) -> Limit | None:
    """The limit for an error of a standard whose U is in `unit`; None where nothing says how it enters.

    The regulation declares how U in its unit enters the error of each point, in proportion: weights known to so many
    percent, an error in grams at each load. A point that the standard doesn't enter sets no limit. The margin is
    negative where a point failed: the worst one has to be made good before the conclusion is another.
    """
    regulation = procedure(evaluation.regulation)
    if regulation.standard_unit != unit:
        return None
    shares = [(found, _share(found, regulation.find(found.test).from_standard, parameters))
              for found in evaluation.points if found.mpe > 0]  # fmt: skip
    entered = [(found, share) for found, share in shares if share]
    if not entered:
        return None
    tightest, factor = min(entered, key=lambda pair: pair[0].mpe / abs(pair[1]))
    scales = [(found, abs(factor / share)) for found, share in entered]
    return Limit(
        factor=factor,
        mpe=tightest.mpe,
        expanded_uncertainty=min(found.expanded_uncertainty * scale for found, scale in scales),
        margin=min((found.mpe - abs(found.rounded)) * scale for found, scale in scales),
        unit=tightest.unit,
    )


def _share(found: PointResult, from_standard: object, parameters: Parameters) -> Decimal:
    return Decimal(from_standard(Decimal(1), parameters, found.point)) if callable(from_standard) else Decimal(0)
