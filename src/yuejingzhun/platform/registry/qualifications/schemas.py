"""What the JSON interface gives of authorisations, registrations and coverage."""

from datetime import date

from ninja import Field, Schema


class CompetentOut(Schema):
    """An institute that may verify an item in a region."""

    institute_id: int = Field(title="机构编号")
    name: str = Field(title="机构")
    region: str = Field(title="机构所在行政区划")
    phone: str = Field(title="电话")
    kind: str = Field(title="类别：legal 法定、authorised 授权")
    level: str = Field(title="级别：province、city、county")
    number: str = Field(title="授权证书号")
    valid_until: date = Field(title="有效期至")
    reach: str = Field(title="授权区域")
    measuring_range: str = Field(title="测量范围")
    accuracy: str = Field(title="准确度等级或最大允许误差")


class AuthorisedLineOut(Schema):
    """One line of an authorisation."""

    item: str = Field(title="目录项目")
    regulation: str = Field(title="检定规程")
    measuring_range: str = Field(title="测量范围")
    accuracy: str = Field(title="准确度等级或最大允许误差")
    region: str = Field(title="授权区域")


class AuthorisationOut(Schema):
    """An authorisation as it stands on the day asked for."""

    id: int
    kind: str = Field(title="类别")
    level: str = Field(title="级别")
    number: str = Field(title="授权证书号")
    valid_from: date = Field(title="生效日期")
    valid_until: date = Field(title="截止日期")
    standing: str = Field(title="效力")
    supersedes: int | None = Field(title="换自")
    items: list[AuthorisedLineOut] = Field(title="授权项目")


class RegistrationOut(Schema):
    """A registration as it stands on the day asked for."""

    id: int
    institute_id: int = Field(title="执业单位编号")
    institute: str = Field(title="执业单位")
    level: str = Field(title="级别：first、second")
    number: str = Field(title="注册证编号")
    regulations: list[str] = Field(title="注册项目")
    act: str = Field(title="办理事项")
    valid_from: date = Field(title="生效日期")
    valid_until: date = Field(title="截止日期")
    standing: str = Field(title="效力")


class ShareOut(Schema):
    """A share of the items, exact as a fraction: covered of total."""

    covered: int = Field(title="已覆盖项目数")
    total: int = Field(title="强制检定项目数")


class CoverageOut(Schema):
    """The coverage of a division."""

    region: str = Field(title="行政区划代码")
    name: str = Field(title="行政区划")
    established: ShareOut = Field(title="建标覆盖")
    served: ShareOut = Field(title="全域可检")
    by_level: dict[str, ShareOut] = Field(title="按授权级别的建标覆盖")
    gaps: list[str] = Field(title="没有建标的项目代码")
    unserved: list[str] = Field(title="不能全域检定的项目代码")
