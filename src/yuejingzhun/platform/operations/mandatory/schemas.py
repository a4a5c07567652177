"""What the JSON interface takes and gives for mandatory verification. Amounts are strings, so that no digit is lost."""

from datetime import date, datetime
from typing import Annotated, Literal

from ninja import Field, Schema

LARGEST = 2**31 - 1
Key = Annotated[int, Field(ge=1, le=LARGEST)]


class ApplyIn(Schema):
    """What a holder asks for: instruments of one kind at one place."""

    holder_id: Key = Field(title="使用单位编号")
    institute_id: Key = Field(title="检定机构编号")
    instruments: list[Key] = Field(title="器具编号", max_length=20_000)
    delivery: Literal["DELIVERED", "ON_SITE"] = Field("DELIVERED", title="DELIVERED 送检，ON_SITE 现场检定")
    contact: str = Field(title="联系人", max_length=80)
    phone: str = Field(title="联系电话", max_length=40)
    key: str = Field(
        title="提交标识", description="每份申请自取一个；重复提交得到同一份申请", min_length=8, max_length=64
    )
    wanted_on: date | None = Field(None, title="希望日期")
    remark: str = Field("", title="说明", max_length=500)


class ReferIn(Schema):
    """Where an application goes, and why."""

    to: Key = Field(title="转入机构编号")
    reason: str = Field(title="原因", max_length=300)


class RefuseIn(Schema):
    """Why an application is declined."""

    reason: str = Field(title="原因", max_length=300)


class AppointIn(Schema):
    """The day agreed on."""

    day: date = Field(title="预约日期")


class ReceiveIn(Schema):
    """Which instruments came in, and how they were."""

    positions: list[Key] = Field([], title="序号；不给则为所有未收的", max_length=20_000)
    condition: str = Field("", title="收样状态", max_length=200)


class GiveBackIn(Schema):
    """Which instruments were fetched, and by whom."""

    positions: list[Key] = Field([], title="序号；不给则为所有可以取回的", max_length=20_000)
    to: str = Field(title="取件人", max_length=80)


class ApplicationOut(Schema):
    """An application on its way."""

    id: int
    number: str = Field(title="申请编号")
    state: str = Field(title="状态")
    state_name: str = Field(title="状态名称")
    holder: str = Field(title="使用单位")
    institute_id: int = Field(title="检定机构编号")
    institute: str = Field(title="检定机构")
    region: str = Field(title="器具所在地")
    item: str = Field(title="强制管理目录项目")
    regulation: str = Field(title="检定规程")
    delivery: str = Field(title="检定方式")
    applied_at: datetime = Field(title="申请时间")
    answer_by: date = Field(title="答复期限")
    appointed_on: date | None = Field(title="预约日期")
    due_on: date | None = Field(title="检定期限")
    provisional: bool = Field(title="期限为暂计", description="期限跨入放假安排尚未载入的年份，载入后重算")
    refusal_reason: str = Field(title="不予受理的原因")


class LineOut(Schema):
    """One instrument of an application."""

    position: int = Field(title="序号")
    instrument_id: int = Field(title="器具编号")
    instrument: str = Field(title="器具")
    step: str = Field(title="进度")
    step_name: str = Field(title="进度名称")
    sample: str | None = Field(title="样品编号")
    certificate: str = Field(title="证书编号")
    passed: bool | None = Field(title="合格")


class ApplicationDetail(ApplicationOut):
    """An application with a page of its instruments; `next` is where the next page begins, null at the end."""

    instruments: int = Field(title="台件数")
    lines: list[LineOut] = Field(title="器具")
    next: int | None = Field(title="下一页的 after")


class TotalOut(Schema):
    """Counts of results."""

    key: str = Field(title="项目、地区、机构或月份")
    tested: int = Field(title="检定台件")
    failed: int = Field(title="不合格台件")
    waived: str = Field(title="免收的检定费（元）")
    unpriced: int = Field(title="没有收费标准的台件")
