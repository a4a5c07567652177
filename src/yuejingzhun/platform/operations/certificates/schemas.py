"""What the JSON interface takes and gives for certificates."""

from datetime import date, datetime

from ninja import Field, Schema


class CertificateOut(Schema):
    """What anyone may know of a certificate: nothing of the holder."""

    number: str = Field(title="证书编号")
    kind: str = Field(title="类别")
    institute_name: str = Field(title="检定机构")
    instrument_name: str = Field(title="器具")
    model: str = Field(title="型号")
    serial: str = Field(title="出厂编号")
    regulation: str = Field(title="检定规程")
    passed: bool = Field(title="合格")
    conclusion: str = Field(title="结论")
    tested_on: date = Field(title="检定日期")
    valid_until: date | None = Field(title="有效期至")
    issued_at: datetime = Field(title="签发时间")
    supersedes: str | None = Field(title="替换的证书")
    superseded_by: str | None = Field(title="被其替换")
    revoked_at: datetime | None = Field(title="撤销时间")
    revocation_reason: str | None = Field(title="撤销原因")
    standing: str = Field(title="今天的效力")


class ApproveIn(Schema):
    """Approval, perhaps in place of an earlier certificate."""

    supersedes: str | None = Field(None, title="被替换的证书编号", max_length=60)


class RevokeIn(Schema):
    """Revocation, with the reason that will be public."""

    reason: str = Field(title="撤销原因", max_length=1000)


class IssuedOut(Schema):
    """The certificate that was issued."""

    number: str = Field(title="证书编号")


class CheckOut(Schema):
    """One check of a file."""

    name: str
    label: str = Field(title="检查")
    status: str = Field(title="结果")
    detail: str = Field(title="说明")


class ReportOut(Schema):
    """All checks of a file, and the verdict."""

    valid: bool = Field(title="核验通过")
    checks: list[CheckOut] = Field(title="各项检查")
