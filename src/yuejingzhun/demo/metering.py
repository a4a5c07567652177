"""The demonstration's power utility has readings: simulated districts of its registered meters, in its own lake.

They go through the same import as anyone's. The electricity meters that the utility has on record by then come first;
the others are put on record here, so that a suspicious one can be sent to be verified.
"""

import tempfile
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from yuejingzhun.demo.copying import copy, digits, joined, reserve_keys
from yuejingzhun.demo.figures import SEED, days_since_1970
from yuejingzhun.demo.fleet.district import Design, simulate
from yuejingzhun.demo.fleet.fault import Fault
from yuejingzhun.demo.fleet.table import Placed, readings
from yuejingzhun.demo.kinds import Kind, kinds
from yuejingzhun.demo.loading import INSTRUMENTS
from yuejingzhun.platform.foundation.parties.divisions import full_name
from yuejingzhun.platform.foundation.parties.models import Organisation
from yuejingzhun.platform.operations.metering.lakes import lake_of
from yuejingzhun.platform.registry.approvals.models import TypeApproval
from yuejingzhun.platform.registry.instruments.models import TAG_ALPHABET, TAG_LENGTH, Instrument, InUse
from yuejingzhun.procedures.local_date import local_date
from yuejingzhun.telemetry.importing import import_readings

ITEM, MODEL = "19.1", "DDZY-Y1"
DAYS = 30
SIZES = (40, 44, 48, 52, 56, 60, 64, 68, 72, 76, 80, 46)  # meters of a district, by turns
FAULTS = (*((),) * 14, *((fault,) for fault in Fault))
"""Of each district: most have none, and each fault is there once."""


def load_metering(utility: Organisation, maker: Organisation, at: datetime) -> int:
    """Readings of the last thirty days, until yesterday; how many rows. In the caller's transaction, and last: files
    are not taken back, but the same readings are never there twice."""
    first_day = local_date(at) - timedelta(days=DAYS)
    sizes = [SIZES[number % len(SIZES)] for number in range(len(FAULTS))]
    known = _on_record(utility)
    numbers = [*known, *_put_on_record(utility, maker, sum(sizes) - len(known), at)][: sum(sizes)]
    # Meters of one district stand where they come; which one is bad is drawn anew in each.
    bounds = np.concatenate([[0], np.cumsum(sizes)])
    with tempfile.TemporaryDirectory() as folder:
        paths = [
            _written(Path(folder), utility.region, place, tuple(numbers[begin:end]), first_day)
            for place, (begin, end) in enumerate(pairwise(bounds))
        ]
        return import_readings(lake_of(utility.pk), paths, at).stored


def _on_record(utility: Organisation) -> list[str]:
    """Numbers of its single-phase meters in use, the own ones where there are."""
    own = Instrument.objects.filter(holder=utility, item=ITEM, in_use=InUse.IN_USE).order_by("pk")
    numbers = [mine or serial for mine, serial in own.values_list("holder_number", "serial")]
    return [number for number in numbers if numbers.count(number) == 1]


def _put_on_record(utility: Organisation, maker: Organisation, count: int, at: datetime) -> Sequence[str]:
    """So many new meters, verified some time in the last six years; their numbers as the utility gives them."""
    kind = next(one for one in kinds() if one.item == ITEM)
    generator, places = np.random.default_rng([SEED, 7]), np.arange(1, count + 1)
    numbers = joined("44010600", digits(places, 8))
    approval = TypeApproval.objects.filter(maker=maker, item=ITEM).order_by("pk").values_list("number", flat=True)
    copy(
        INSTRUMENTS,
        {
            "id": pa.array(reserve_keys(INSTRUMENTS, count) + places - 1),
            "holder_id": pa.array(np.full(count, utility.pk)),
            "serial": joined("Y1", digits(200_000 + places, 9)),
            "holder_number": numbers,
            "place": joined(f"{full_name(utility.region)}演示小区", digits(places // 20 + 1, 3), "栋"),
            **_same(kind, utility.region, maker.name, approval.first() or "", count),
            **_verified(kind, local_date(at), generator, count),
            "tag": pa.array(["".join(generator.choice(list(TAG_ALPHABET), TAG_LENGTH)) for _ in range(count)]),
        },
    )
    return [str(number) for number in numbers.to_pylist()]


def _same(kind: Kind, region: str, maker: str, approval: str, count: int) -> dict[str, pa.Array]:
    words = {
        "name": kind.name,
        "maker": maker,
        "model": MODEL,
        "regulation": kind.regulation,
        "regulation_series": kind.series,
        "item": kind.item,
        "accuracy_class": kind.accuracy_class,
        "measuring_range": kind.measuring_range,
        "use": kind.use,
        "type_approval": approval,
        "region": region,
        "city": region[:4],
        "in_use": InUse.IN_USE.value,
    }
    return {column: pa.repeat(pa.scalar(word), count) for column, word in words.items()}


def _verified(kind: Kind, today: date, generator: np.random.Generator, count: int) -> dict[str, pa.Array]:
    tested = days_since_1970(today) - generator.integers(200, kind.days - 700, count)
    year = (tested.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970).clip(1970)
    return {
        "filed_at": pa.array(tested * 86_400 + 3_600 * 6).cast(pa.timestamp("s", "UTC")),
        "last_certificate": joined("P440106-", digits(year, 4), "-", digits(np.arange(count), 8)),
        "last_passed": pa.repeat(pa.scalar(True), count),
        "valid_until": pa.array((tested + kind.days).astype(np.int32)).cast(pa.date32()),
    }


def _written(folder: Path, region: str, place: int, numbers: tuple[str, ...], first_day: date) -> Path:
    design = Design(meters=len(numbers), days=DAYS)
    simulated = simulate(SEED + place, FAULTS[place], design)
    # One that is fed here but listed elsewhere has no readings here.
    listed = numbers[: int((simulated.signs > 0).sum())]
    name = f"{region}-{place + 1:03}"
    path = folder / f"{name}.parquet"
    pq.write_table(readings(Placed(simulated, name, region[:4], first_day, listed)), path)
    return path
