"""What the JSON interface takes and gives for verifications. Decimals are strings, so that no digit is lost."""

from datetime import date, datetime
from typing import Any

from ninja import Field, Schema


class ReferenceIn(Schema):
    """The reference standard that was used, as it was then."""

    name: str = Field(title="名称")
    number: str = Field(title="计量标准考核证书号")
    certificate: str = Field(title="溯源证书号")
    valid_until: date = Field(title="有效期至")
    expanded_uncertainty: str = Field(title="扩展不确定度")
    coverage_factor: str = Field("2", title="包含因子")


class EvaluateIn(Schema):
    """A raw record to be evaluated and not stored."""

    record: dict[str, Any] = Field(title="原始记录")
    reference: ReferenceIn = Field(title="计量标准")


class JobIn(Schema):
    """A raw record to be handed in."""

    institute_id: int = Field(title="检定机构编号", ge=1, le=2**31)
    holder_id: int = Field(title="送检单位编号", ge=1, le=2**31)
    standard: str = Field(title="计量标准考核证书号")
    received_on: date = Field(title="收样日期")
    record: dict[str, Any] = Field(title="原始记录")


class ReasonIn(Schema):
    """Why something is done."""

    reason: str = Field(title="原因", max_length=1000)


class PointOut(Schema):
    """What came out at one point."""

    test: str
    point: str = Field(title="检定点")
    error: str = Field(title="修约后误差")
    mpe: str = Field(title="最大允许误差")
    expanded_uncertainty: str = Field(title="扩展不确定度")
    coverage_factor: str = Field(title="包含因子")
    unit: str = Field(title="单位")
    passed: bool = Field(title="合格")


class RequirementOut(Schema):
    """What came of a requirement other than the error at a point."""

    label: str = Field(title="要求")
    found: str = Field(title="结果")
    limit: str = Field(title="限值")
    passed: bool = Field(title="合格")


class EvaluationOut(Schema):
    """The evaluation of a record."""

    regulation: str = Field(title="检定规程")
    passed: bool = Field(title="合格")
    valid_until: date | None = Field(title="有效期至")
    reasons: list[str] = Field(title="不合格原因")
    points: list[PointOut] = Field(title="各点")
    requirements: list[RequirementOut] = Field(title="其他要求")


class JobOut(Schema):
    """A verification on its way."""

    id: int
    regulation: str = Field(title="检定规程")
    state: str = Field(title="状态")
    state_name: str = Field(title="状态名称")
    passed: bool = Field(title="合格")
    instrument_id: int = Field(title="器具编号")
    instrument: str = Field(title="器具")
    institute: str = Field(title="检定机构")
    holder: str = Field(title="送检单位")
    tested_on: date = Field(title="检定日期")
    tested_by: str = Field(title="检定员")
    tested_at: datetime = Field(title="提交时间")
    return_reason: str = Field(title="退回原因")


class JobDetail(JobOut):
    """A verification with its record and evaluation."""

    record: dict[str, Any] = Field(title="原始记录")
    reference: dict[str, str] = Field(title="计量标准")
    evaluation: EvaluationOut = Field(title="评定")


class InstrumentOut(Schema):
    """An instrument with its verifications, the newest first."""

    id: int
    name: str = Field(title="名称")
    model: str = Field(title="型号")
    serial: str = Field(title="出厂编号")
    maker: str = Field(title="制造单位")
    regulation: str = Field(title="适用检定规程")
    holder: str = Field(title="使用单位")
    type_approval: str = Field(title="型式批准证书号")
    warnings: list[str] = Field(title="型式批准与软件备案的提示")
    jobs: list[JobOut] = Field(title="检定历史")


class RegulationOut(Schema):
    """A regulation that can be worked by."""

    code: str = Field(title="编号")
    title: str = Field(title="名称")
    instrument: str = Field(title="器具")
    scope: str = Field(title="适用范围")


class RecordOut(Schema):
    """What a filled workbook says."""

    record: dict[str, Any] = Field(title="原始记录")
    reference: dict[str, str] = Field(title="计量标准")
