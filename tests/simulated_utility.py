"""A utility with a lake of simulated districts, and what it takes to evaluate them in a test."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from yuejingzhun.demo.fleet.district import MISSING, Design, District, simulate
from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.operations.metering.lakes import lake_of
from yuejingzhun.platform.operations.metering.models import Evaluation
from yuejingzhun.platform.operations.metering.rules import Medium, Wanted
from yuejingzhun.platform.operations.metering.services.evaluate import ask_evaluation
from yuejingzhun.telemetry.importing import import_readings
from yuejingzhun.telemetry.rows import register_lists

FIRST, DAYS, METERS = date(2026, 10, 1), 22, 30
AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
DESIGN = Design(meters=METERS, days=DAYS)
WANTED = Wanted(FIRST, DAYS, Decimal("0.02"), Decimal("0.5"))


def simulated(count: int, faults: Collection[Fault] = (), seed: int = 0) -> list[District]:
    return [simulate(seed + number, faults, DESIGN) for number in range(count)]


def as_table(name: str, district: District, first: date = FIRST, city: str = "4401") -> pa.Table:
    """Rows as a collection system gives them: a register and day, 00:00 to 23:45."""
    steps = np.vstack([district.registers, district.total])[:, :-1].reshape(-1, 96)
    count = len(district.signs)
    days = len(steps) // (count + 1)
    meters = [*meters_of(name, count), f"{name}-Z"]
    roles = [*np.where(district.signs > 0, "meter", "feed_in").tolist(), "total"]
    return pa.table(
        {
            "city": [city] * len(steps),
            "district": [name] * len(steps),
            "meter": np.repeat(meters, days),
            "role": np.repeat(roles, days),
            "day": [first + timedelta(days=day) for day in range(days)] * (count + 1),
            "branch": np.repeat([*(f"{group // 3 + 1}" for group in district.groups), ""], days),
            "phase": np.repeat([*("ABC"[group % 3] for group in district.groups), ""], days),
            "scaler": np.repeat([-2] * count + [-4], days),
            "multiplier": np.repeat([1] * count + [80], days),
            "registers": register_lists(steps, steps != MISSING),
        }
    )


def meters_of(name: str, count: int = METERS) -> list[str]:
    return [f"{name}-{number:04}" for number in range(count)]


def fill_lake(organisation_id: int, folder: Path, districts: Sequence[tuple[str, District]]) -> None:
    """Import the districts into the lake of the utility."""
    paths = []
    for name, district in districts:
        path = folder / f"{name}.parquet"
        pq.write_table(as_table(name, district), path)
        paths.append(path)
    import_readings(lake_of(organisation_id), paths, AT)


def asked(actor: Actor, organisation_id: int, wanted: Wanted = WANTED, at: datetime = AT) -> Evaluation:
    return ask_evaluation(actor, organisation_id, Medium.ELECTRICITY, wanted, at)
