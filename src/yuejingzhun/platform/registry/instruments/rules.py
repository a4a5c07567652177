"""Filing of measuring instruments 器具备案: what a filing must say, and whether an instrument may be used today."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import Enum

SOON = timedelta(days=30)
LENGTHS = {
    "name": ("名称", 120),
    "model": ("型号", 120),
    "serial": ("出厂编号", 120),
    "maker": ("制造单位", 200),
    "regulation": ("适用检定规程", 40),
    "item": ("强制管理目录项目", 12),
    "accuracy_class": ("准确度等级", 40),
    "measuring_range": ("测量范围", 120),
    "type_approval": ("型式批准证书号", 40),
    "holder_number": ("使用单位编号", 80),
    "place": ("安装地点", 300),
}
REQUIRED = ("name", "model", "serial", "maker")


class Standing(Enum):
    """Whether an instrument may be used, as far as verification says; the value is the term on the screen."""

    VALID = "在有效期内"
    SOON = "即将到期"
    OVERDUE = "已超期"
    FAILED = "检定不合格"
    NEVER = "未检定"
    NOT_USED = "停用或报废"


@dataclass(frozen=True, slots=True)
class Filing:
    """What a holder files of an instrument; texts as typed."""

    name: str
    model: str
    serial: str
    maker: str
    region: str
    use: str = "trade"
    item: str = ""
    regulation: str = ""
    accuracy_class: str = ""
    measuring_range: str = ""
    type_approval: str = ""
    holder_number: str = ""
    place: str = ""


def standing(in_use: bool, passed: bool | None, valid_until: date | None, on: date) -> Standing:
    """What the last verification says of an instrument on that day.

    A pass without an end holds for good: such an instrument is verified once, and replaced at its term.
    """
    if not in_use:
        return Standing.NOT_USED
    if passed is None:
        return Standing.NEVER
    if not passed:
        return Standing.FAILED
    if valid_until is None or valid_until > on + SOON:
        return Standing.VALID
    return Standing.SOON if valid_until >= on else Standing.OVERDUE


def problems_of(fields: Mapping[str, str]) -> tuple[str, ...]:
    """What is missing or too long among the texts of a filing, each in Chinese with its field."""
    found = [f"{LENGTHS[key][0]}：没有填写" for key in REQUIRED if not fields.get(key, "").strip()]
    for key, (label, most) in LENGTHS.items():
        if (length := len(fields.get(key, "").strip())) > most:
            found.append(f"{label}：至多 {most} 个字，为 {length} 个")
    return tuple(found)
