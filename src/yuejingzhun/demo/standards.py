"""The 7,055 public measurement standards of the synthetic province, with the level of each."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import numpy as np

from yuejingzhun.demo.figures import NATIONAL_STANDARDS, PUBLIC_STANDARDS, SEED
from yuejingzhun.demo.institutes import Institute
from yuejingzhun.platform.registry.catalogue.editions import intervals
from yuejingzhun.platform.registry.catalogue.queries import entry
from yuejingzhun.platform.registry.standards.models import MeasurementStandard
from yuejingzhun.platform.registry.standards.rules import Level
from yuejingzhun.procedures.catalogue import procedures
from yuejingzhun.procedures.sample import sample_parameters, sample_standard

LAPSED = 0.03
WEIGHTS = {"province": 20.0, "city": 5.0, "county": 1.0}


def load_standards(institutes: Sequence[Institute], today: date) -> None:
    """As many as are missing; each serves one item of its institute, the first of an item is the highest there."""
    generator = np.random.default_rng([SEED, 10])
    count = PUBLIC_STANDARDS - MeasurementStandard.objects.count()
    legal = [one for one in institutes if one.kind == "legal"]
    pairs = [(one, code) for one in legal for code in one.items if entry(code, today).regulations]
    weights = np.array([WEIGHTS[one.level] for one, _ in pairs])
    # Each authorised item has one, or it could not be verified; the rest where most is tested.
    more = generator.choice(len(pairs), count - len(pairs), p=weights / weights.sum())
    chosen = [*range(len(pairs)), *(int(place) for place in more)]
    highest: set[tuple[int, str]] = set()
    rows = []
    for n, place in enumerate(chosen, 1):
        institute, code = pairs[place]
        first = (institute.key, code) not in highest and institute.level != "county"
        highest.add((institute.key, code))
        level = Level.PUBLIC_HIGHEST if first else Level.PUBLIC_OTHER
        rows.append(
            _standard(n, institute, code, Level.NATIONAL if n <= NATIONAL_STANDARDS else level, generator, today)
        )
    MeasurementStandard.objects.bulk_create(rows, batch_size=2000)


def _standard(
    n: int, institute: Institute, code: str, level: Level, generator: np.random.Generator, today: date
) -> MeasurementStandard:
    item = entry(code, today)
    left = int(generator.integers(1, 5 * 365)) if generator.random() >= LAPSED else -int(generator.integers(1, 400))
    regulation = item.regulations[int(generator.integers(len(item.regulations)))]
    code_of_edition = _with_year(regulation)
    expanded_u, unit = _uncertainty(code_of_edition, generator, today)
    return MeasurementStandard(
        owner_id=institute.key,
        name=f"{item.name}检定装置",
        number=f"[演示]粤社量标{institute.region}证字第{n:05}号",
        regulations=[code_of_edition],
        expanded_uncertainty=expanded_u,
        unit=unit,
        certificate=f"DEMO-V-{n:05}",
        valid_until=today + timedelta(days=left),
        traceable_to="国家计量基准" if level in (Level.NATIONAL, Level.PUBLIC_HIGHEST) else "省级社会公用计量标准",
        level=level.name,
        items=[code],
    )


def _uncertainty(code: str, generator: np.random.Generator, today: date) -> tuple[Decimal, str]:
    """U and its unit: for a regulation that is declared what its smallest MPE asks for, or it could not be used."""
    drawn = Decimal(int(generator.integers(5, 100))) / 1000
    declared = procedures().get(code)
    if declared is None:
        return drawn, "%"
    return sample_standard(declared, sample_parameters(declared), today).expanded_uncertainty, declared.standard_unit


def _with_year(regulation: str) -> str:
    known = next((one.edition for one in intervals() if one.regulation == regulation), None)
    return regulation if known is None else f"{regulation}-{known}"
