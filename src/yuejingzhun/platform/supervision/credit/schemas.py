"""What the JSON interface gives and takes of credit."""

from datetime import date, datetime

from ninja import Field, Schema


class CreditFactOut(Schema):
    """A fact as a published rating rests on it."""

    id: int = Field(title="编号")
    kind: str = Field(title="种类")
    label: str = Field(title="种类名称")
    occurred_on: date = Field(title="发生日期")
    quantity: int = Field(title="数量")
    contested: bool = Field(title="异议处理中")
    repaired_on: date | None = Field(title="信用修复日期")


class CreditGradeOut(Schema):
    """A party's published grade."""

    credit_code: str = Field(title="统一社会信用代码")
    name: str = Field(title="名称")
    region: str = Field(title="行政区划")
    grade: str = Field(title="级别")
    score: int = Field(title="分数（千分之一分）")
    on: date = Field(title="评价日期")
    since: date = Field(title="自何日起")
    rules: str = Field(title="规则版次")
    facts: list[CreditFactOut] = Field(title="事实")


class CreditRulesOut(Schema):
    """A rule set; `content` is the JSON that is hashed."""

    version: int = Field(title="版次")
    name: str = Field(title="名称")
    effective_from: date | None = Field(title="生效日期")
    sha256: str = Field(title="SHA-256")
    content: str = Field(title="规则")


class CreditFactIn(Schema):
    """A fact to be recorded by a regulator."""

    party_id: int = Field(title="单位编号", ge=1, le=2**62)
    kind: str = Field(title="种类", max_length=40)
    source: str = Field(title="来源", max_length=120)
    occurred_on: date = Field(title="发生日期")
    summary: str = Field(title="摘要", max_length=500)
    quantity: int = Field(1, title="数量", ge=1, le=1_000_000)


class CreditRecordedOut(Schema):
    """A recorded fact."""

    id: int = Field(title="编号")
    kind: str = Field(title="种类")
    occurred_on: date = Field(title="发生日期")
    recorded_at: datetime = Field(title="记录时间")


class CreditRoundOut(Schema):
    """A round of ratings with its files."""

    id: int = Field(title="序号", description="下次的 after")
    number: str = Field(title="批次")
    on: date = Field(title="日期")
    size: int = Field(title="单位数")
    json_sha256: str = Field(title="JSON 文件的 SHA-256")
    csv_sha256: str = Field(title="CSV 文件的 SHA-256")
