"""What is noteworthy about a meter beside its error."""

from enum import StrEnum

from yuejingzhun.metrology.fleet.district import District


class Remark(StrEnum):
    """The values are for the screen."""

    FOREIGN = "疑不由本台区供电，已从平衡中剔除"
    CLOCK = "时钟不准，已按估计的偏差移正"
    FALLING = "示值有下降，下降之处未采用"
    UNREAD = "示值缺失过多，未计入平衡"
    IDLE = "几乎不走字，读数不能说明其误差"


def remarks(solved: District, row: int, measured: bool, falling: bool = False) -> tuple[Remark, ...]:
    """Of the meter in that row of a solved district. A register that falls is known from the readings alone, as the
    points where it does so have been set aside (districts.py)."""
    foreign, unread = row in solved.corrections.dropped, row in solved.unread
    holds = {
        Remark.FOREIGN: foreign,
        Remark.CLOCK: row in solved.corrections.late,
        Remark.FALLING: falling or row in solved.falling,
        Remark.UNREAD: unread,
        Remark.IDLE: not (measured or foreign or unread),
    }
    return tuple(remark for remark, is_so in holds.items() if is_so)
