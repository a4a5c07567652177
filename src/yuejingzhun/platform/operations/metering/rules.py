"""Terms of the evaluation of meters in service, and what may be asked for. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import Enum

SHORTEST, LONGEST = 7, 92  # days of one evaluation
LEAST_MPE, MOST_MPE = Decimal("0.001"), Decimal("0.2")
LEAST_THRESHOLD, MOST_THRESHOLD = Decimal("0.05"), Decimal("0.99")


class Medium(Enum):
    """What is measured; the value is the kind of meter."""

    ELECTRICITY = "电能表"
    WATER = "水表"
    GAS = "燃气表"


AVAILABLE = (Medium.ELECTRICITY,)
"""Media that have a kernel."""
REGULATIONS = {Medium.ELECTRICITY: ("JJG 596",), Medium.WATER: ("JJG 162", "JJG 686"), Medium.GAS: ("JJG 577",)}
"""Verification regulations, without their year, whose results are the truth for the medium."""


class Standing(Enum):
    """How far a suspicious meter is on the work list."""

    OPEN = "待处理"
    WATCHED = "观察"
    SENT = "已送检"
    TESTED = "已有检定结果"
    DISMISSED = "已排除"


class Choice(Enum):
    """What an engineer decides about a suspicious meter."""

    SEND = "送检"
    WATCH = "观察"
    DISMISS = "排除"


AFTER = {Choice.SEND: Standing.SENT, Choice.WATCH: Standing.WATCHED, Choice.DISMISS: Standing.DISMISSED}


class Source(Enum):
    """Where a test result came from."""

    CERTIFICATE = "检定证书"
    BY_HAND = "手工录入"
    FILE = "表格导入"


class Study(Enum):
    """A study of all meters of an evaluation."""

    POPULATION = "误差分布与寿命"
    PLAN = "更换计划"
    SAMPLE = "随机抽检名单"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an evaluation is asked for. `mpe` is relative; a meter is suspicious from probability `threshold` on."""

    first_day: date
    days: int
    mpe: Decimal
    threshold: Decimal

    @property
    def last_day(self) -> date:
        """Included."""
        return self.first_day + timedelta(days=self.days - 1)


def refusal(medium: Medium, wanted: Wanted) -> str | None:
    """Why an evaluation can't be asked for, or None."""
    if medium not in AVAILABLE:
        return f"{medium.value}的评价方法尚未提供，目前可评价：{'、'.join(one.value for one in AVAILABLE)}"
    if not SHORTEST <= wanted.days <= LONGEST:
        return f"天数应在 {SHORTEST} 与 {LONGEST} 之间，为 {wanted.days}"
    if wanted.first_day.year < 2000 or wanted.first_day.year > 2099:
        return f"起始日应在 2000 年与 2099 年之间，为 {wanted.first_day}"
    if not LEAST_MPE <= wanted.mpe <= MOST_MPE:
        return f"最大允许误差应在 {LEAST_MPE:%} 与 {MOST_MPE:%} 之间，为 {wanted.mpe:%}"
    if not LEAST_THRESHOLD <= wanted.threshold <= MOST_THRESHOLD:
        return f"可疑的概率界限应在 {LEAST_THRESHOLD} 与 {MOST_THRESHOLD} 之间，为 {wanted.threshold}"
    return None


def refusal_to_choose(standing: Standing, choice: Choice, reason: str) -> str | None:
    """Why a meter of the work list can't be decided so, or None."""
    if choice is not Choice.SEND and not reason.strip():
        return f"{choice.value}须写明理由"
    if standing is Standing.SENT:
        return "已送检，等待检定结果"
    return None
