"""A plan of testing and replacing meters within a budget, and its table to take away."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from yuejingzhun.metrology.fleet.expected_charge import expected_charge
from yuejingzhun.metrology.fleet.replacement import Action, Prices, plan_replacement
from yuejingzhun.platform.foundation.tables.table import Cell
from yuejingzhun.platform.operations.metering.errors import MeteringError
from yuejingzhun.platform.operations.metering.fleet_columns import Fleet

HEADINGS = (
    "表号", "台区", "计划", "超差概率", "年电量（kWh）", "预期费用（元）", "避免多计（元）", "避免少计（元）",
)  # fmt: skip
MICRO, FEN = Decimal("0.000001"), Decimal("0.01")
SHOWN = 30


def study_folder(analysis_id: int) -> Path:
    """Where a study's table is."""
    return Path(settings.DATA) / "metering" / "studies" / str(analysis_id)


def plan(fleet: Fleet, days: int, arguments: dict[str, Any], analysis_id: int) -> dict[str, Any]:
    """Make the plan, write its table once, and give its totals for the page; money exactly, as text."""
    classes = fleet.words["tariff"]
    named = {name: Decimal(price) for name, price in arguments["tariffs"]}
    tariffs = (Decimal(arguments["tariff"]), *named.values())
    place = {name: number for number, name in enumerate(named, 1)}
    of_class = np.array([place.get(name, 0) for name in classes.names], dtype=np.int64)[classes.code]
    energy = np.maximum(fleet.energy_kwh, 0) * (365 / days)
    charge = expected_charge(fleet.prior, fleet.mean, fleet.variance, fleet.mpe)
    prices = Prices(Decimal(arguments["test"]), Decimal(arguments["replacement"]), tariffs)
    years = float(arguments["years"])
    found = plan_replacement(charge, energy, of_class, prices, Decimal(arguments["budget"]), years)
    chosen = np.flatnonzero(found.action != Action.KEEP)
    worth = (found.over_micro_yuan + found.under_micro_yuan)[chosen] / np.maximum(found.cost_fen[chosen], 1)
    chosen = chosen[np.argsort(-worth, kind="stable")]
    table = pa.table(
        {
            "meter": fleet.meter.take(pa.array(chosen)),
            "district": fleet.district.take(pa.array(chosen)),
            "action": [Action(int(one)).text for one in found.action[chosen]],
            "exceeds": charge.exceeds[chosen],
            "energy_kwh": energy[chosen],
            "cost_fen": found.cost_fen[chosen],
            "over_micro_yuan": found.over_micro_yuan[chosen],
            "under_micro_yuan": found.under_micro_yuan[chosen],
        }
    )
    _write(table, analysis_id)
    unknown = [name for name in named if name not in classes.names]
    return {
        "test": found.count(Action.TEST),
        "replace": found.count(Action.REPLACE),
        "keep": found.count(Action.KEEP),
        "cost": str(found.cost),
        "cost_deviation": str(found.cost_deviation),
        "gap": found.gap,
        "unknown_classes": unknown,
        "avoided": _charge(found.avoided),
        "unavoided": _charge(found.unavoided),
        "rows": len(chosen),
        "first": [list(row) for row in _shown(table.slice(0, SHOWN))],
    }


def plan_rows(analysis_id: int) -> Iterator[list[Cell]]:
    """The whole table in the order in which it is worth the money; raises MeteringError where its file is gone."""
    try:
        with pq.ParquetFile(study_folder(analysis_id) / "plan.parquet") as file:
            for batch in file.iter_batches(batch_size=5_000):
                for row in batch.to_pylist():
                    yield [
                        row["meter"], row["district"], row["action"], round(row["exceeds"], 4),
                        round(row["energy_kwh"], 1), float(row["cost_fen"] * FEN),
                        float((row["over_micro_yuan"] * MICRO).quantize(FEN)),
                        float((row["under_micro_yuan"] * MICRO).quantize(FEN)),
                    ]  # fmt: skip
    except OSError as error:
        raise MeteringError("计划的文件已不在，请重新计算") from error


def _shown(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    for row in table.to_pylist():
        yield (
            row["meter"], row["district"], row["action"], row["exceeds"], row["energy_kwh"],
            str(row["cost_fen"] * FEN), str((row["over_micro_yuan"] * MICRO).quantize(FEN)),
            str((row["under_micro_yuan"] * MICRO).quantize(FEN)),
        )  # fmt: skip


def _charge(found: Any) -> dict[str, str]:
    kwh = {name: str(getattr(found, name).quantize(Decimal("0.1"))) for name in ("over_kwh", "under_kwh")}
    return kwh | {name: str(getattr(found, name).quantize(FEN)) for name in ("over_yuan", "under_yuan")}


def _write(table: pa.Table, analysis_id: int) -> None:
    folder = study_folder(analysis_id)
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "plan.new"
    pq.write_table(table, draft, compression="zstd")
    draft.replace(folder / "plan.parquet")
