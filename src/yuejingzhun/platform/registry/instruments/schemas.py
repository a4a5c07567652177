"""What the JSON interface takes and gives of instruments."""

from datetime import date

from ninja import Field, Schema

from yuejingzhun.platform.registry.instruments.rules import LENGTHS, Standing

STANDINGS = "、".join(f"{standing.name} {standing.value}" for standing in Standing)


def _text(key: str, *, required: bool = False) -> str:
    label, most = LENGTHS[key]
    return Field(... if required else "", title=label, max_length=most)  # type: ignore[no-any-return]


class StateOut(Schema):
    """What anyone may know of an instrument by its label: nothing of the holder."""

    tag: str = Field(title="标签")
    name: str = Field(title="名称")
    model: str = Field(title="型号")
    serial: str = Field(title="出厂编号")
    maker: str = Field(title="制造单位")
    accuracy_class: str = Field(title="准确度等级")
    region: str = Field(title="所在行政区划")
    standing: str = Field(title="状态")
    last_certificate: str = Field(title="最近一份证书")
    valid_until: date | None = Field(title="检定有效期至")


class FiledOut(StateOut):
    """An instrument for those it concerns."""

    id: int = Field(title="编号")
    holder: str = Field(title="使用单位")
    holder_credit_code: str | None = Field(title="使用单位统一社会信用代码")
    holder_number: str = Field(title="使用单位编号")
    regulation: str = Field(title="适用检定规程")
    item: str = Field(title="强制管理目录项目")
    use: str = Field(title="用途")
    in_use: str = Field(title="使用状态")
    measuring_range: str = Field(title="测量范围")
    type_approval: str = Field(title="型式批准证书号")
    place: str = Field(title="安装地点")


class OwnIn(Schema):
    """How the list of one's own instruments is narrowed, and where the page begins."""

    holder: int | None = Field(None, title="使用单位编号；不给为第一个", ge=1, le=2**63 - 1)
    standing: str = Field("", title="状态", description=f"{STANDINGS}；不给为全部在用", max_length=12)
    item: str = Field("", title="强制管理目录项目", max_length=12)
    region: str = Field("", title="所在行政区划代码", max_length=6)
    first: date | None = Field(None, alias="from", title="到期日自")
    last: date | None = Field(None, alias="until", title="到期日至")
    text: str = Field("", title="编号、型号、名称或制造单位的一段", max_length=60)
    after: str = Field("", title="上一页给出的 next", max_length=40)


class DueIn(Schema):
    """What falls due where, until when, and where the page begins."""

    region: str = Field(title="市或县（市、区）的行政区划代码", max_length=6)
    until: date | None = Field(None, title="到期日不晚于；不给为 30 天以后")
    after: str = Field("", title="上一页给出的 next", max_length=40)


class PageOut(Schema):
    """A page of a list; `next` is the `after` of the next one, empty behind the last."""

    instruments: list[FiledOut] = Field(title="器具")
    next: str = Field("", title="下一页")


class FoundOut(Schema):
    """What a search found."""

    instruments: list[FiledOut] = Field(title="器具，至多 50 台")
    mistyped: bool = Field(title="没有完全相符的，以下是相近的")
    more: bool = Field(title="还有更多")


class FilingIn(Schema):
    """What is filed; `holder` is needed by a receptionist only, a holder files for its own."""

    name: str = _text("name", required=True)
    model: str = _text("model", required=True)
    serial: str = _text("serial", required=True)
    maker: str = _text("maker", required=True)
    region: str = Field(title="所在行政区划代码", max_length=6)
    use: str = Field("trade", title="用途：trade、medical、safety、environment、other", max_length=12)
    item: str = _text("item")
    regulation: str = _text("regulation")
    accuracy_class: str = _text("accuracy_class")
    measuring_range: str = _text("measuring_range")
    type_approval: str = _text("type_approval")
    holder_number: str = _text("holder_number")
    place: str = _text("place")
    holder: str = Field("", title="使用单位统一社会信用代码，不给则为本单位", max_length=18)


class PlaceIn(Schema):
    """Where an instrument is now."""

    region: str = Field(title="所在行政区划代码", max_length=6)
    place: str = _text("place")


class UseIn(Schema):
    """Whether an instrument is used, and why that changes."""

    in_use: str = Field(title="使用状态：in_use、stopped、scrapped", max_length=10)
    reason: str = Field(title="原因", max_length=300)


class HolderIn(Schema):
    """Who has an instrument from now on."""

    credit_code: str = Field(title="接收单位的统一社会信用代码", max_length=18)
