"""The kinds of instrument of the synthetic province.

Items and regulations are the catalogue's. Shares, fees and ranges are assumptions: neither is published by kind. The
months are those of the regulations (catalogue/intervals.csv), for what is verified once the limit of its use.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind with its share of all instruments (per mille, before scaling to 1) and what is true of its types."""

    item: str
    name: str
    regulation: str
    share: float
    use: str
    held_by: str
    model: str
    accuracy_class: str
    measuring_range: str
    months: int
    fee: int

    @property
    def series(self) -> str:
        """The regulation without its year."""
        return self.regulation.rpartition("-")[0]

    @property
    def days(self) -> int:
        """How long a pass holds."""
        return round(self.months * 365.25 / 12)


@cache
def kinds() -> tuple[Kind, ...]:
    """All kinds, the catalogue's item first."""
    with Path(__file__).with_name("kinds.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Kind(
                item=row["item"],
                name=row["name"],
                regulation=row["regulation"],
                share=float(row["share"]),
                use=row["use"],
                held_by=row["held_by"],
                model=row["model"],
                accuracy_class=row["class"],
                measuring_range=row["range"],
                months=int(row["months"]),
                fee=int(row["fee"]),
            )
            for row in csv.DictReader(file)
        )
