"""What the JSON interface takes and gives for evaluations of meters in service. Errors are relative, energies kWh."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from ninja import Field, Schema

LARGEST = 2**31 - 1
Key = Annotated[int, Field(ge=1, le=LARGEST)]


class EvaluateIn(Schema):
    """What an evaluation is asked for."""

    holder_id: Key = Field(title="供用单位编号")
    medium: Literal["ELECTRICITY", "WATER", "GAS"] = Field("ELECTRICITY", title="计量对象")
    first_day: date = Field(title="起始日")
    days: int = Field(title="天数", ge=1, le=366)
    mpe: Decimal = Field(Decimal("0.02"), title="最大允许误差（相对）", ge=0, le=1, max_digits=5, decimal_places=4)
    threshold: Decimal = Field(Decimal("0.5"), title="可疑的超差概率", ge=0, le=1, max_digits=3, decimal_places=2)


class EvaluationOut(Schema):
    """An evaluation; the counts are null until it is finished."""

    id: int
    holder_id: int
    holder: str
    medium: str
    first_day: date
    days: int
    mpe: str
    threshold: str
    commit: int = Field(title="读数库提交")
    method: str = Field(title="方法版本")
    task_id: int | None
    state: str
    percent: int
    asked_at: datetime
    finished_at: datetime | None
    districts: int | None
    kept: int | None
    meters: int | None
    stated: int | None
    suspicious: int | None
    failed_parts: int


class HoldingOut(Schema):
    """What the lake holds for a period; null for nothing."""

    commit: int
    first_day: date
    last_day: date
    days: int
    cities: list[str]
    districts: int
    meters: int
    exact: bool = Field(title="器具与台区是否逐个清点")


class DistrictRowOut(Schema):
    """The summary of a district."""

    district: str
    city: str
    reason: str = Field(title="不予估计的原因，空为可估计")
    meters: int
    stated: int
    suspicious: int
    total_kwh: float | None
    loss_share: float | None
    power: float | None


class StatedOut(Schema):
    """What is stated of a meter; null where nothing can be said."""

    meter: str
    feeds_in: bool
    group: str
    energy_kwh: float
    remark: str
    error: float | None
    uncertainty: float | None
    low: float | None
    high: float | None
    exceeds: float | None


class DistrictOut(Schema):
    """A district with its balance and its meters."""

    summary: DistrictRowOut
    sum_kwh: float | None
    fixed_loss_kwh: float | None
    groups: list[str]
    group_loss_kwh: list[float]
    residual_kwh: list[float] = Field(title="一天里各时段的平均剩余")
    meters: list[StatedOut]


class EstimateOut(Schema):
    """What one evaluation stated of a meter."""

    evaluation_id: int
    first_day: date
    last_day: date
    district: str
    stated: StatedOut


class TruthOut(Schema):
    """A test result with what had been stated before."""

    id: int
    meter: str
    tested_on: date
    error: str | None
    passed: bool
    counts: bool = Field(title="是否有效：未撤回、未更正")
    source: str
    certificate: str
    evaluation_id: int | None
    exceeds: float | None


class MeterOut(Schema):
    """A meter over time."""

    meter: str
    estimates: list[EstimateOut]
    truths: list[TruthOut]
    standing: str | None = Field(title="可疑器具的进展")


class WorkItemOut(Schema):
    """A suspicious meter on the work list."""

    id: int
    meter: str
    district: str
    standing: str
    error: float
    low: float
    high: float
    exceeds: float
    application: str


class DecideIn(Schema):
    """Watch or dismiss meters of the work list."""

    items: list[Key] = Field(min_length=1, max_length=200)
    choice: Literal["WATCH", "DISMISS"]
    reason: str = Field(min_length=1, max_length=300)


class DecidedOut(Schema):
    """How many were decided."""

    number: int


class TruthIn(Schema):
    """A test made elsewhere."""

    meter: str = Field(min_length=1, max_length=64)
    tested_on: date
    error: Decimal | None = Field(None, title="误差（相对）", ge=-1, le=9, max_digits=9, decimal_places=7)
    passed: bool
    remark: str = Field("", max_length=300)
    supersedes: Key | None = None


class ShareOut(Schema):
    """A share with its 95 % interval; the value is null where nothing was counted."""

    value: float | None
    low: float
    high: float


class RecordOut(Schema):
    """How good the method has been against some tested meters."""

    tested: int
    beyond: int
    threshold: float
    recall: ShareOut
    precision: ShareOut
    average_precision: float | None
    brier: float
    brier_of_share: float
    text: str


class TracksOut(Schema):
    """Against all tested meters, and against those drawn by lot."""

    all: RecordOut | None
    drawn: RecordOut | None
    unstated: int = Field(title="检定之前没有评价的结果")


class StudyOut(Schema):
    """A study of all meters of an evaluation."""

    id: int
    evaluation_id: int
    kind: str
    arguments: dict[str, object]
    finished_at: datetime | None
    result: dict[str, object] | None
