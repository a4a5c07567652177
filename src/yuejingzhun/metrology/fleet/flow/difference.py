"""The account of supply and sales of an area: 供销差 of gas, 产销差 of water."""

from dataclasses import dataclass

from yuejingzhun.metrology.fleet.flow.estimate import ZoneEstimates


@dataclass(frozen=True, slots=True)
class Difference:
    """Of one area over the period, m3; of gas at base conditions."""

    supplied_m3: float  # inlet less the change of line pack
    sold_m3: float  # as registered, converted
    leak_m3: float  # as estimated
    metering_m3: float  # what the meters' estimated errors account for: positive where they register too little

    @property
    def rate(self) -> float:
        """Difference over supply (供销差率、产销差率)."""
        return (self.supplied_m3 - self.sold_m3) / self.supplied_m3

    @property
    def unexplained_m3(self) -> float:
        """What neither leak nor meters account for."""
        return self.supplied_m3 - self.sold_m3 - self.leak_m3 - self.metering_m3


def differences(found: ZoneEstimates) -> tuple[Difference, ...]:
    """The account of every area of a batch."""
    result = []
    for each in found.areas:
        count = len(each.columns.scale)
        raw, supplied = each.columns.raw, float(each.readings.inflow.sum())
        leak = float(each.leak_m3.sum())
        gap = float(raw[-1].sum())
        left = float(each.residual_m3.sum())
        others = float(each.terms @ raw[count : count + len(each.terms)].sum(axis=1)) + float(
            each.levels @ raw[count + len(each.terms) : -1].sum(axis=1)
        )
        result.append(Difference(supplied, supplied - gap, leak, gap - left - others))
    return tuple(result)
