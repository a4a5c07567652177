"""What the JSON interface gives of the catalogue."""

from datetime import date

from ninja import Field, Schema


class IntervalOut(Schema):
    """How long a verification by a regulation holds."""

    regulation: str = Field(title="检定规程（不含年份）")
    edition: str = Field(title="规程年份")
    valid_from: date = Field(title="本周期自何日起用")
    months: int = Field(title="检定周期或使用期限（月）")
    condition: str = Field(title="适用条件")
    unsure: str = Field(title="待核对")


class EntryOut(Schema):
    """An entry as it is on the day asked for."""

    code: str = Field(title="代码")
    parent: str | None = Field(title="上级代码")
    name: str = Field(title="名称")
    type_approval: bool = Field(title="应办理型式批准")
    verification: str = Field(title="强制检定：none、first（只做首次）或 periodic（周期）")
    verification_from: date | None = Field(title="强制检定自何日起实行（空为随目录施行）")
    ending: str | None = Field(title="只做首次强制检定的：scrapped 失准报废、replaced 到期轮换")
    uses: list[str] = Field(title="实行强制检定的用途")
    scope: str = Field(title="强检范围")
    regulations: list[str] = Field(title="检定规程（不含年份）")
    unsure: str = Field(title="待核对")


class EntryDetail(EntryOut):
    """An entry with its intervals."""

    intervals: list[IntervalOut] = Field(title="检定周期或使用期限")


class CatalogueOut(Schema):
    """The edition in force with its entries."""

    title: str = Field(title="目录")
    document: str = Field(title="文件")
    source: str = Field(title="数据来源与核对情况")
    effective_from: date = Field(title="施行日期")
    entries: list[EntryOut] = Field(title="项目")
