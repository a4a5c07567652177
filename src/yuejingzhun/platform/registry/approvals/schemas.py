"""What the JSON interface gives and takes of type approvals and filed software."""

from datetime import date, datetime

from ninja import Field, Schema


class ApprovedModelOut(Schema):
    """A model that a certificate covers."""

    model: str = Field(title="型号")
    accuracy_class: str = Field(title="准确度等级")
    measuring_range: str = Field(title="测量范围")
    technical: str = Field(title="主要技术指标")


class TypeOut(Schema):
    """A type approval as it stands on the day asked for."""

    number: str = Field(title="型式批准编号")
    edition: int = Field(title="证书版次")
    item: str = Field(title="强制管理目录项目")
    name: str = Field(title="器具名称")
    maker: str = Field(title="制造单位")
    authority: str = Field(title="批准机关")
    institute: str = Field(title="型式评价机构")
    report_number: str = Field(title="型式评价报告")
    valid_from: date = Field(title="生效日期")
    standing: str = Field(title="效力")
    withdrawn_from: date | None = Field(title="撤销日期")
    variants: list[ApprovedModelOut] = Field(title="型号")


class OfTypeOut(Schema):
    """Whether an instrument is of an approved type; `reason` says why not."""

    approved: bool = Field(title="符合")
    reason: str = Field(title="原因")


class SoftwareOut(Schema):
    """A filed version of legally relevant software."""

    number: str = Field(title="备案号")
    version: str = Field(title="软件版本")
    algorithm: str = Field(title="标识算法")
    identification: str = Field(title="标识值")
    valid_from: date = Field(title="启用日期")
    standing: str = Field(title="效力")
    replaces: str = Field(title="替换的版本")
    blocked_from: date | None = Field(title="禁用日期")
    block_reason: str = Field(title="禁用原因")


class ComparedOut(Schema):
    """The verdict on what a device displays."""

    verdict: str = Field(title="结论：SAME 一致、DIFFERS 不一致、UNKNOWN 未备案、BLOCKED 已禁用")
    detail: str = Field(title="说明")


class SeenIn(Schema):
    """What a device displays of its software."""

    version: str = Field(title="器具显示的版本", max_length=40)
    identification: str = Field(title="器具显示的标识值", max_length=200)
    tag: str = Field("", title="器具标签", max_length=12)


class ComparisonOut(ComparedOut):
    """A comparison in a device's history."""

    id: int
    number: str = Field(title="型式批准编号")
    version: str = Field(title="器具显示的版本")
    identification: str = Field(title="器具显示的标识值")
    tag: str = Field(title="器具标签")
    at: datetime = Field(title="时间")
