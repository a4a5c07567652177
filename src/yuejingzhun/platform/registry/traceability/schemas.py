"""What the JSON interface takes and gives for traceability."""

from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from ninja import Field, Schema


class LinkOut(Schema):
    """One calibration in a chain."""

    level: int = Field(title="级", description="离起点的最大级数，1 为紧邻")
    lower: str = Field(title="对象")
    lower_kind: str = Field(title="对象类别")
    part: str = Field(title="被校部分")
    upper: str = Field(title="上级")
    upper_kind: str = Field(title="上级类别")
    upper_key: str = Field(title="上级登记号")
    upper_holder: str | None = Field(title="上级归属单位")
    upper_uncertainty: str = Field(title="上级的扩展不确定度")
    certificate: str = Field(title="证书编号")
    made_on: date = Field(title="检定或校准日期")
    until: date | None = Field(title="有效期至")


class CalibrationIn(Schema):
    """With what a main instrument of a measurement standard was calibrated, and what the certificate says."""

    kind: Literal["standard", "national", "certificate", "material"] = Field(title="上级是")
    number: str = Field(title="上级的编号", min_length=1, max_length=80)
    name: str = Field("", title="上级的名称", description="国家基准与外部证书第一次登记时须填", max_length=400)
    uncertainty: str = Field("", title="上级的扩展不确定度", max_length=80)
    certificate: str = Field(title="检定或校准证书编号", min_length=1, max_length=80)
    made_on: date = Field(title="检定或校准日期")
    until: date | None = Field(None, title="有效期至")
    part: str = Field("", title="被校部分", max_length=120)
    factor: float | None = Field(None, title="灵敏系数")
    mpe: str | None = Field(None, title="本标准的最大允许误差", description="十进制数", max_length=40)
    expanded_uncertainty: str | None = Field(None, title="证书给出的 U", description="十进制数", max_length=40)
    unit: str = Field("", title="以上两项的单位", max_length=20)


class ChainOut(Schema):
    """What stands behind an item or a certificate, the nearest first."""

    start: str = Field(title="起点")
    certificate: str = Field(title="起点的证书")
    complete: bool = Field(title="全部通到国家计量基准")
    roots: list[str] = Field(title="止于")
    links: list[LinkOut] = Field(title="溯源关系")


class RecallIn(Schema):
    """What was found."""

    kind: str = Field(title="类别", description="standard、national、material 或 certificate", max_length=20)
    key: str = Field(title="登记号", max_length=80)
    from_day: date = Field(title="自（含）")
    to_day: date | None = Field(None, title="至（不含）")
    error: str | None = Field(None, title="发现的误差", description="十进制数", max_length=40)
    unit: str = Field("", title="误差的单位", max_length=20)
    reason: str = Field(title="发现", max_length=2000)


class RegionOut(Schema):
    """Counts of a region."""

    region: str = Field(title="行政区划")
    certificates: int = Field(title="证书")
    instruments: int = Field(title="计量器具")
    grave: int = Field(title="结论可能改变或超过最大允许误差")


class HolderOut(RegionOut):
    """Counts of a holder in a region."""

    holder: str | None = Field(title="使用单位")


class RecallOut(Schema):
    """A recall, and its counts once its list is made: of what the caller may see."""

    id: int = Field(title="编号")
    source: str = Field(title="失准的标准")
    from_day: date = Field(title="自（含）")
    to_day: date | None = Field(title="至（不含）")
    error: Decimal | None = Field(title="发现的误差")
    unit: str = Field(title="单位")
    reason: str = Field(title="发现")
    declared_at: datetime = Field(title="宣布时间")
    state: str = Field(title="状态")
    found: int = Field(title="受影响的溯源关系")
    listed: int = Field(title="已列出")
    regions: list[RegionOut] = Field(title="按地区")
    holders: list[HolderOut] = Field(title="按单位（最多 100 家）")


class AffectedOut(Schema):
    """One affected certificate."""

    rank: int = Field(title="序号")
    certificate: str = Field(title="证书编号")
    item: str = Field(title="对象")
    holder: str | None = Field(title="使用单位")
    institute: str | None = Field(title="签发机构")
    region: str = Field(title="行政区划")
    made_on: date = Field(title="检定或校准日期")
    ended: date | None = Field(title="受影响至（不含）")
    error: float | None = Field(title="引入的误差")
    mpe: Decimal | None = Field(title="最大允许误差")
    expanded_uncertainty: Decimal | None = Field(title="扩展不确定度 U")
    unit: str = Field(title="单位")
    to_mpe: float | None = Field(title="与最大允许误差之比")
    to_u: float | None = Field(title="与 U 之比")
    weight: int = Field(title="影响", description="0 至 4，越大越重")
    weight_name: str = Field(title="影响")
    certificate_state: str = Field(title="证书现状", description="已撤销、已被替换，或空")
