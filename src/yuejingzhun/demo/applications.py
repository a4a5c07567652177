"""Applications for mandatory verification in every state, and the counts of a year's results.

The lines of the applications on record are a part of what the tally counts: most of the year was tested before.
Amounts are not those of any price list; the tariff says so.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from yuejingzhun.demo.figures import SEED, Places, days_since_1970
from yuejingzhun.demo.institutes import Institute
from yuejingzhun.demo.instruments import Chunk
from yuejingzhun.demo.kinds import kinds
from yuejingzhun.platform.foundation.parties.divisions import PROVINCE
from yuejingzhun.platform.foundation.parties.models import Person
from yuejingzhun.platform.operations.mandatory.models import Application, ApplicationSeries, Line, Tally, Tariff
from yuejingzhun.platform.operations.mandatory.rules import WORKING_DAYS_TO_ANSWER, WORKING_DAYS_TO_TEST
from yuejingzhun.platform.operations.mandatory.services.apply import working_days

MONTHS = 12
MOST_LINES = 5
# Share of the applications in each state.
STATES = {"SUBMITTED": 0.2, "ACCEPTED": 0.15, "APPOINTED": 0.2, "TESTING": 0.25, "REFUSED": 0.05, "WITHDRAWN": 0.15}
SOURCE = "演示数据，不是收费文件"
ANSWERED = {"ACCEPTED", "APPOINTED", "TESTING", "REFUSED"}
OPEN = {"SUBMITTED", "ACCEPTED", "APPOINTED", "TESTING"}
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one application is for: instruments of one kind, holder and place."""

    keys: tuple[int, ...]
    holder: int
    kind: int
    place: int


@dataclass(slots=True)
class Collected:
    """What is gathered while the instruments go by: counts of results, and what will be applied for."""

    places: Places
    today: date
    applications: int
    instruments: int
    results: Ints = field(init=False)  # by month back, place, item, and 1 for a failure
    wanted: list[Wanted] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.results = np.zeros((MONTHS, len(self.places.codes), len(items()), 2), np.int64)

    def add(self, chunk: Chunk) -> None:
        """Take a chunk into account."""
        month = (chunk.tested.astype("datetime64[D]").astype("datetime64[M]")).astype(np.int64)
        back = (self.today.year - 1970) * 12 + self.today.month - 1 - month
        rows = np.flatnonzero((chunk.tested >= 0) & (back < MONTHS))
        item = np.array([items().index(kind.item) for kind in kinds()])[chunk.kind[rows]]
        at = np.ravel_multi_index((back[rows], chunk.place[rows], item, ~chunk.passed[rows] * 1), self.results.shape)
        self.results += np.bincount(at, minlength=self.results.size).reshape(self.results.shape)
        self.wanted += list(self._chosen(chunk))

    def _chosen(self, chunk: Chunk) -> Iterator[Wanted]:
        """The part of the applications that falls to this chunk."""
        asked = -(-self.applications * len(chunk.key) // self.instruments)
        generator = np.random.default_rng([SEED, 11, int(chunk.key[0] - chunk.key[0] % 2), len(chunk.key)])
        rows = np.flatnonzero(chunk.in_use & (chunk.tested < days_since_1970(self.today) - 60))
        rows = generator.choice(rows, min(len(rows), 2 * asked), replace=False)
        rows = rows[np.lexsort((chunk.key[rows], chunk.place[rows], chunk.kind[rows], chunk.holder[rows]))]
        same = np.stack([chunk.holder[rows], chunk.kind[rows], chunk.place[rows]], axis=1)
        groups = np.split(rows, np.flatnonzero((np.diff(same, axis=0) != 0).any(axis=1)) + 1)
        for place in generator.permutation(len(groups))[:asked]:
            own = groups[place][:MOST_LINES]
            first = own[0]
            keys = tuple(chunk.key[own].tolist())
            yield Wanted(keys, int(chunk.holder[first]), int(chunk.kind[first]), int(chunk.place[first]))


def items() -> tuple[str, ...]:
    """The items of the catalogue that the kinds belong to, each once."""
    return tuple(dict.fromkeys(kind.item for kind in kinds()))


def fee(item: str) -> int:
    """What a verification would cost, in yuan: an assumption."""
    return next(kind.fee for kind in kinds() if kind.item == item)


def competent(institutes: Sequence[Institute], region: str, item: str) -> int:
    """The legal institute that verifies the item there: the county's, else the city's, else the province's."""
    legal = {one.region: one for one in institutes if one.kind == "legal"}
    for reach in (region, f"{region[:4]}00"):
        if reach in legal and item in legal[reach].items:
            return legal[reach].key
    return legal[PROVINCE].key


def load_tallies(collected: Collected, institutes: Sequence[Institute]) -> None:
    """The results of twelve months, by month, county, item and institute."""
    for item in items():
        known = {"amount": Decimal(fee(item)), "source": SOURCE}
        Tariff.objects.get_or_create(item=item, valid_from=date(2017, 4, 1), defaults=known)
    codes = collected.places.codes
    of = [[competent(institutes, region, item) for item in items()] for region in codes]
    tested = collected.results.sum(axis=3)
    rows = []
    for back, place, item in np.argwhere(tested).tolist():
        number = int(tested[back, place, item])
        rows.append(
            Tally(
                month=_month(collected.today, back),
                region=codes[place],
                item=items()[item],
                institute_id=of[place][item],
                tested=number,
                failed=int(collected.results[back, place, item, 1]),
                waived=Decimal(fee(items()[item])) * number,
            )
        )
    Tally.objects.bulk_create(rows, batch_size=5_000)


def load_applications(collected: Collected, institutes: Sequence[Institute], by: Person, at: datetime) -> None:
    """One for each thing wanted, in all states that leave no result."""
    generator = np.random.default_rng([SEED, 12])
    states = generator.choice(list(STATES), len(collected.wanted), p=list(STATES.values()))
    last: Counter[str] = Counter(
        {one.city: one.last for one in ApplicationSeries.objects.filter(year=collected.today.year)}
    )
    rows = []
    for n, (wanted, state) in enumerate(zip(collected.wanted, states.tolist(), strict=True)):
        region = collected.places.codes[wanted.place]
        last[region[:4]] += 1
        institute = competent(institutes, region, kinds()[wanted.kind].item)
        ago = timedelta(days=int(generator.integers(0, 40)))
        rows.append(_application(wanted, state, region, last[region[:4]], institute, collected.today - ago, by, n))
    Application.objects.bulk_create(rows, batch_size=2_000)
    Line.objects.bulk_create(
        (line for wanted, row in zip(collected.wanted, rows, strict=True) for line in _lines(wanted, row, by)),
        batch_size=5_000,
    )
    for city, number in last.items():
        ApplicationSeries.objects.update_or_create(city=city, year=collected.today.year, defaults={"last": number})


def _application(
    wanted: Wanted, state: str, region: str, number: int, institute: int, day: date, by: Person, n: int
) -> Application:
    kind = kinds()[wanted.kind]
    applied = datetime.combine(day, time(2, n % 60), UTC)
    answered = state in ANSWERED
    return Application(
        number=f"Q{region[:4]}-{day.year}-{number:06}",
        key=f"demo-{n}",
        holder_id=wanted.holder,
        institute_id=institute,
        region=region,
        city=region[:4],
        item=kind.item,
        regulation=kind.regulation,
        delivery="ON_SITE" if kind.held_by in ("station", "charging", "power") else "DELIVERED",
        contact="演示经办人",
        phone="000-00000000",
        state=state,
        applied_at=applied,
        applied_by=by,
        answer_by=working_days().after(day, WORKING_DAYS_TO_ANSWER),
        answered_at=applied + timedelta(days=1) if answered else None,
        answered_by=by if answered else None,
        refusal_reason="所附型式批准证书号与铭牌不符，请核对后重新申请" if state == "REFUSED" else "",
        appointed_on=day + timedelta(days=5) if state in ("APPOINTED", "TESTING") else None,
        due_on=working_days().after(day + timedelta(days=5), WORKING_DAYS_TO_TEST) if state == "TESTING" else None,
    )


def _lines(wanted: Wanted, application: Application, by: Person) -> Iterator[Line]:
    """In test, every instrument was received; before, none."""
    received = application.state == "TESTING"
    for position, key in enumerate(wanted.keys, 1):
        yield Line(
            application=application,
            instrument_id=key,
            institute_id=application.institute_id,
            position=position,
            open=application.state in OPEN,
            sample=f"D{application.number[1:]}-{position:02}" if received else None,
            received_at=application.applied_at + timedelta(days=5) if received else None,
            received_by=by if received else None,
            received_state="外观完好" if received else "",
        )


def _month(today: date, back: int) -> date:
    months = today.year * 12 + today.month - 1 - back
    return date(months // 12, months % 12 + 1, 1)
