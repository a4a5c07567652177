"""From read rows to rows that may be stored: whose they are, once in the file only, and what is usual for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from yuejingzhun.platform.foundation.parties.queries import (
    Organisation,
    organisation,
    organisations_of_credit_codes,
)
from yuejingzhun.platform.foundation.tables.columns import Column, Problem, ReadRow, mapped_columns
from yuejingzhun.platform.registry.approvals.conformity import misfits
from yuejingzhun.platform.registry.catalogue.queries import item_of_regulation
from yuejingzhun.platform.registry.instruments.desks import Desk
from yuejingzhun.platform.registry.instruments.seen import Seen
from yuejingzhun.platform.registry.instruments.staging import Staged
from yuejingzhun.platform.registry.instruments.transfer_columns import FILED, HOLDER, REGION, REGULATION

HOLDERS_REMEMBERED = 100_000
TYPES_REMEMBERED = 100_000
HOLDER_LABEL = "使用单位统一社会信用代码"
_DETAILS = ("name", "item", "accuracy_class", "measuring_range", "use", "type_approval", "holder_number", "place")


class Holder(NamedTuple):
    """A holder whose instruments are read, and why they can't be brought from this desk ("" where they can)."""

    id: int
    region: str
    refusal: str


@dataclass(slots=True)
class Intake:
    """One reading of a file. `stage` takes its chunks in order, since a repetition is one of an earlier row."""

    desk: Desk
    columns: Sequence[Column]
    mapping: Mapping[str, int]
    on: date
    seen: Seen = field(default_factory=Seen)
    holders: dict[str, Holder] = field(default_factory=dict)
    types: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def stage(self, chunk: Sequence[ReadRow]) -> tuple[list[Staged], list[tuple[int, Problem]]]:
        """The rows that may be stored, and the problems of the others."""
        places = {column.key: place for place, column in enumerate(mapped_columns(self.columns, self.mapping))}
        self._look_up_holders(chunk, places.get(HOLDER))
        staged: list[Staged] = []
        problems: list[tuple[int, Problem]] = []
        for read in chunk:
            if read.problems:
                problems += ((read.number, problem) for problem in read.problems)
                continue
            holder = self.holders[read.values[places[HOLDER]] if HOLDER in places else ""]
            if holder.refusal:
                code = read.values[places[HOLDER]] if HOLDER in places else ""
                problems.append((read.number, Problem(HOLDER_LABEL, code or "空白", holder.refusal)))
            else:
                staged.append(_staged(read, places, holder, self.on))
        staged = self._of_their_types(staged, problems)
        return self._once(staged, problems), problems

    def _of_their_types(self, staged: list[Staged], problems: list[tuple[int, Problem]]) -> list[Staged]:
        """Without the rows whose type approval is on record for another maker or without the model."""
        asked = {(row.type_approval, row.maker, row.model) for row in staged if row.type_approval}
        if not asked:
            return staged
        if len(self.types) > TYPES_REMEMBERED:
            self.types.clear()
        new = asked - self.types.keys()
        if new:
            self.types |= dict.fromkeys(new, "") | misfits(new)
        wrong = {key for key in asked if self.types[key]}
        if not wrong:
            return staged
        kept = []
        for row in staged:
            key = row.type_approval, row.maker, row.model
            if key in wrong:
                problems.append((row.row, Problem("型式批准证书号", row.type_approval or "", self.types[key])))
            else:
                kept.append(row)
        return kept

    def _once(self, staged: list[Staged], problems: list[tuple[int, Problem]]) -> list[Staged]:
        keys = [row[1:5] for row in staged]  # maker, model, serial, series
        repeated = self.seen.repetitions(keys, [row.row for row in staged])
        for place, first in repeated.items():
            same = "制造单位、型号、出厂编号与规程都相同，一台器具只能有一行"
            problems.append(
                (staged[place].row, Problem("出厂编号", staged[place].serial, f"不与第 {first} 行重复：{same}"))
            )
        return [row for place, row in enumerate(staged) if place not in repeated] if repeated else staged

    def _look_up_holders(self, chunk: Sequence[ReadRow], place: int | None) -> None:
        if len(self.holders) > HOLDERS_REMEMBERED:
            self.holders.clear()
        codes = {""} if place is None else {row.values[place] for row in chunk if not row.problems}
        unknown = codes - self.holders.keys()
        own = self.desk.organisation_id if "" in unknown else None
        for found in _organisations(unknown - {""}, own):
            refusal = self.desk.refusal(found.pk, found.region) or ""
            holder = Holder(found.pk, found.region, refusal)
            if found.credit_code:
                self.holders[found.credit_code] = holder
            if found.pk == own:
                self.holders[""] = self._own(holder)
        for code in unknown - self.holders.keys():
            self.holders[code] = Holder(0, "", "已登记的使用单位的代码：没有登记这个代码的单位")

    def _own(self, holder: Holder) -> Holder:
        """What an empty cell means: a holder's own instruments; others must say whose they are."""
        if self.desk.role.name == "HOLDER":
            return holder
        return Holder(0, "", "使用单位的 18 位代码：代其他单位导入时必须填写")


def _organisations(codes: set[str], own: int | None) -> list[Organisation]:
    return organisations_of_credit_codes(codes) + ([] if own is None else [organisation(own)])


def _staged(read: ReadRow, places: dict[str, int], holder: Holder, on: date) -> Staged:
    values = read.values
    code = values[places[REGULATION]]
    given = {key: values[places[key]] if key in places else None for key in (*_DETAILS, REGION, "in_use", FILED)}
    return Staged(
        row=read.number,
        maker=values[places["maker"]],
        model=values[places["model"]],
        serial=values[places["serial"]],
        regulation_series=code.rpartition("-")[0],
        regulation=code,
        holder_id=holder.id,
        holder_region=holder.region,
        usual_item=_usual_item(code, on),
        **given,
    )


@lru_cache(maxsize=4096)
def _usual_item(code: str, on: date) -> str:
    return item_of_regulation(code, on) or ""
