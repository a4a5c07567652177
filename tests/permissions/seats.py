"""Where somebody may stand to what an act is about: the seats of the matrix, and somebody on each of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from yuejingzhun.platform.foundation.parties.rules import Role


class Seat(Enum):
    """A place relative to the matter; the value is what the page says in a cell."""

    INSTITUTE = "办"
    PARTY = "本"
    SISTER = "同"
    AWAY = "外"
    SELF = "己"
    COUNTY = "县"
    CITY = "市"
    PROVINCE = "省"
    OTHER_COUNTY = "邻县"
    OTHER_CITY = "外市"


MEANINGS = {
    Seat.INSTITUTE: "承办的计量技术机构（市级机构），或以它为归属单位的事",
    Seat.PARTY: "事情所涉及的使用单位、企业（在该市一个县区）",
    Seat.SISTER: "同一市的另一单位",
    Seat.AWAY: "外市的单位",
    Seat.SELF: "本人：被指定、提出或办理这件事的那个人，任职于外市单位",
    Seat.COUNTY: "使用单位、器具所在县区的监管部门",
    Seat.CITY: "所在市的监管部门",
    Seat.PROVINCE: "省级监管部门",
    Seat.OTHER_COUNTY: "同市另一县区的监管部门",
    Seat.OTHER_CITY: "外市的监管部门",
}
OF_REGULATORS = (Seat.COUNTY, Seat.CITY, Seat.PROVINCE, Seat.OTHER_COUNTY, Seat.OTHER_CITY, Seat.SELF)
OF_OTHERS = (Seat.INSTITUTE, Seat.PARTY, Seat.SISTER, Seat.AWAY, Seat.SELF)
OF_NOBODY = (Seat.AWAY, Seat.SELF)


@dataclass(frozen=True, slots=True)
class Cell:
    """A role, or none, on a seat."""

    role: Role | None
    seat: Seat

    def __str__(self) -> str:
        return f"{self.role.value if self.role else '无角色'}@{self.seat.name}"


def cells() -> Iterator[Cell]:
    """Every combination there is."""
    for role in Role:
        for seat in OF_REGULATORS if role is Role.REGULATOR else OF_OTHERS:
            yield Cell(role, seat)
    for seat in OF_NOBODY:
        yield Cell(None, seat)
