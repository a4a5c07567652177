"""What the JSON interface takes and gives for measurement standards. Decimals are strings, so that no digit is lost."""

from datetime import date

from ninja import Field, Schema


class ReadingsIn(Schema):
    """Readings of one day, in the unit of U."""

    measured_on: date = Field(title="日期")
    readings: list[str] = Field(title="读数", max_length=1000)


class FailureOut(Schema):
    """A predicate of validity and what is wrong with it."""

    predicate: str = Field(title="条件")
    text: str = Field(title="原因")


class StandardOut(Schema):
    """A measurement standard in a list."""

    id: int
    number: str = Field(title="计量标准考核证书号")
    name: str = Field(title="名称")
    owner: str = Field(title="建标单位")
    region: str = Field(title="行政区划")
    level: str = Field(title="级别")
    level_name: str = Field(title="级别名称")
    regulations: list[str] = Field(title="可开展的检定项目")
    items: list[str] = Field(title="强制管理目录项目")
    measuring_range: str = Field(title="测量范围")
    accuracy: str = Field(title="准确度等级或最大允许误差")
    expanded_uncertainty: str = Field(title="扩展不确定度")
    coverage_factor: str = Field(title="包含因子")
    unit: str = Field(title="单位")
    traceable_to: str = Field(title="溯源至")
    valid_until: date = Field(title="有效期至")
    failing: list[FailureOut] = Field(title="不符合的条件")


class StandardsOut(Schema):
    """A page of standards; `after` is handed in again for the next one, empty at the end."""

    standards: list[StandardOut] = Field(title="计量标准")
    after: str = Field(title="下一页")


class EquipmentOut(Schema):
    """An instrument of a standard."""

    is_main: bool = Field(title="计量标准器")
    name: str = Field(title="名称")
    model: str = Field(title="型号")
    serial: str = Field(title="出厂编号")
    certificate: str = Field(title="证书号")
    valid_until: date = Field(title="有效期至")
    removed_on: date | None = Field(title="停用日期")


class RepeatabilityOut(Schema):
    """A repeatability test."""

    measured_on: date = Field(title="试验日期")
    readings: list[str] = Field(title="读数")
    s: float = Field(title="实验标准偏差")
    limit: float = Field(title="技术报告的 s")
    passed: bool = Field(title="合格")


class StabilityOut(Schema):
    """A group of the check standard."""

    measured_on: date = Field(title="考核日期")
    readings: list[str] = Field(title="读数")
    mean: float = Field(title="平均值")
    change: float | None = Field(title="与上一组之差")
    limit: str = Field(title="允许变化")
    passed: bool | None = Field(title="合格")


class StandardDetail(StandardOut):
    """A standard with what makes it up and its records."""

    warnings: list[FailureOut] = Field(title="提醒")
    equipment: list[EquipmentOut] = Field(title="标准器与配套设备")
    materials: list[str] = Field(title="标准物质")
    repeatability: list[RepeatabilityOut] = Field(title="重复性试验")
    stability: list[StabilityOut] = Field(title="稳定性考核")
