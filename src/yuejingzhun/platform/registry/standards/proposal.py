"""What an application says: the standard as it would be, its instruments, and the figures of the technical report.

From and to JSON, where decimals are strings. A proposal that parses has every figure that JJF 1033-2023 4.2 asks for;
whether the figures suffice is said by figures.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from yuejingzhun.metrology.measurement_standard import LEAST_READINGS
from yuejingzhun.platform.registry.standards.errors import ProposalError
from yuejingzhun.platform.registry.standards.rules import Level

LARGEST = Decimal(10) ** 12
TEXTS = {
    "name": ("计量标准名称", 120, True),
    "measuring_range": ("测量范围", 120, True),
    "accuracy": ("准确度等级或最大允许误差", 120, False),
    "unit": ("U 的单位", 20, True),
    "certificate": ("主标准器检定或校准证书号", 80, True),
    "traceable_to": ("溯源至", 120, True),
}
NUMBERS = {
    "expanded_uncertainty": "扩展不确定度 U",
    "coverage_factor": "包含因子 k",
    "allowed_change": "稳定性允许变化",
}


@dataclass(frozen=True, slots=True)
class DeviceIn:
    """An instrument of the standard: serial, its certificate, and until when that holds."""

    is_main: bool
    name: str
    model: str
    serial: str
    certificate: str
    valid_until: date


@dataclass(frozen=True, slots=True)
class Group:
    """Readings of the check standard on one day, in the unit of U."""

    on: date
    readings: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Verification of U: own result first, then the higher standard (transfer) or the other laboratories."""

    is_transfer: bool
    results: tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """The whole of an application; U, readings and the allowed change in `unit`."""

    level: Level
    name: str
    measuring_range: str
    accuracy: str
    unit: str
    certificate: str
    traceable_to: str
    expanded_uncertainty: Decimal
    coverage_factor: Decimal
    allowed_change: Decimal
    regulations: tuple[str, ...]
    items: tuple[str, ...]
    materials: tuple[str, ...]
    devices: tuple[DeviceIn, ...]
    readings: tuple[Decimal, ...]
    groups: tuple[Group, ...]
    verification: Comparison


def proposal_from_json(content: dict[str, Any]) -> Proposal:
    """Raises ProposalError with every problem at once, none of them twice."""
    problems: list[str] = []

    def read(build: Callable[[], Any], otherwise: Any) -> Any:
        try:
            return build()
        except ProposalError as error:
            problems.extend(error.problems)
            return otherwise

    fields = {key: read(lambda key=key: _text(content, key), "") for key in TEXTS}
    fields |= {
        key: read(lambda key=key, label=label: decimal_of(content.get(key), label, positive=True), Decimal(1))
        for key, label in NUMBERS.items()
    }
    found = Proposal(
        level=read(lambda: _level(content.get("level")), Level.INNER_OTHER),
        regulations=read(lambda: _names(content, "regulations", "可开展的检定项目", 40, 1), ()),
        items=read(lambda: _names(content, "items", "强制管理目录项目", 12, 0), ()),
        materials=read(lambda: _names(content, "materials", "标准物质", 20, 0), ()),
        devices=read(lambda: _devices(content.get("devices")), ()),
        readings=read(lambda: readings_of(content.get("readings"), "重复性读数"), ()),
        groups=read(lambda: _groups(content.get("groups")), ()),
        verification=read(lambda: _comparison(content.get("verification")), Comparison(True, ())),
        **fields,
    )
    if found.coverage_factor >= 1000 or found.coverage_factor != round(found.coverage_factor, 3):
        problems.append(f"包含因子 k：为 {found.coverage_factor}，应小于 1000，小数不超过 3 位")
    if problems:
        raise ProposalError(tuple(dict.fromkeys(problems)))
    return found


def proposal_to_json(given: Proposal) -> dict[str, Any]:
    """What proposal_from_json reads."""
    return {
        "level": given.level.name,
        **{key: getattr(given, key) for key in TEXTS},
        **{key: str(getattr(given, key)) for key in NUMBERS},
        "regulations": list(given.regulations),
        "items": list(given.items),
        "materials": list(given.materials),
        "devices": [
            {
                "is_main": device.is_main,
                "name": device.name,
                "model": device.model,
                "serial": device.serial,
                "certificate": device.certificate,
                "valid_until": device.valid_until.isoformat(),
            }
            for device in given.devices
        ],
        "readings": [str(value) for value in given.readings],
        "groups": [
            {"on": group.on.isoformat(), "readings": [str(value) for value in group.readings]} for group in given.groups
        ],
        "verification": {
            "method": "transfer" if given.verification.is_transfer else "comparison",
            "results": [[str(value), str(u)] for value, u in given.verification.results],
        },
    }


def decimal_of(value: object, label: str, *, positive: bool = False) -> Decimal:
    """A finite decimal below 1e12 with at most 12 places; raises ProposalError."""
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        number = Decimal("NaN")
    fits = number.is_finite() and abs(number) < LARGEST and number == round(number, 12)
    if not fits or (positive and number <= 0):
        wanted = "正的十进制数" if positive else "十进制数"
        raise ProposalError((f"{label}：为 {str(value)[:40]!r}，应为{wanted}（小数不超过 12 位）",))
    return number


def readings_of(value: object, label: str) -> tuple[Decimal, ...]:
    """Ten or more readings of one quantity; raises ProposalError."""
    if not isinstance(value, list) or not LEAST_READINGS <= len(value) <= 1000:
        count = len(value) if isinstance(value, list) else 0
        raise ProposalError((f"{label}：有 {count} 个，应为 {LEAST_READINGS}～1000 个",))
    return tuple(decimal_of(reading, f"{label}第 {place} 个") for place, reading in enumerate(value, 1))


def _text(content: dict[str, Any], key: str) -> str:
    label, longest, required = TEXTS[key]
    return _short(content.get(key), label, longest, required=required)


def _short(value: object, label: str, longest: int, *, required: bool = True) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if required and not text:
        raise ProposalError((f"{label}：未填写",))
    if len(text) > longest:
        raise ProposalError((f"{label}：有 {len(text)} 个字符，应不超过 {longest} 个",))
    return text


def _level(value: object) -> Level:
    if not isinstance(value, str) or value not in Level.__members__:
        raise ProposalError((f"级别：为 {str(value)[:40]!r}，应为 {'、'.join(Level.__members__)} 之一",))
    return Level[value]


def _names(content: dict[str, Any], key: str, label: str, longest: int, least: int) -> tuple[str, ...]:
    value = content.get(key, [])
    if not isinstance(value, list) or not least <= len(value) <= 100:
        raise ProposalError((f"{label}：应为 {least}～100 项的列表",))
    return tuple(dict.fromkeys(_short(name, label, longest) for name in value))


def _devices(value: object) -> tuple[DeviceIn, ...]:
    rows = value if isinstance(value, list) and len(value) <= 100 else []
    devices = tuple(_device(row, f"设备第 {place} 台") for place, row in enumerate(rows, 1))
    if not any(device.is_main for device in devices):
        raise ProposalError(("设备：至少应有一台计量标准器，总数不超过 100 台",))
    return devices


def _device(row: object, label: str) -> DeviceIn:
    if not isinstance(row, dict):
        raise ProposalError((f"{label}：应为一台设备的各项",))
    return DeviceIn(
        bool(row.get("is_main")),
        _short(row.get("name"), f"{label}的名称", 120),
        _short(row.get("model"), f"{label}的型号", 120),
        _short(row.get("serial"), f"{label}的出厂编号", 120),
        _short(row.get("certificate"), f"{label}的证书号", 80),
        date_of(row.get("valid_until"), f"{label}的有效期"),
    )


def date_of(value: object, label: str) -> date:
    """A day as 年-月-日; raises ProposalError."""
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as error:
        raise ProposalError((f"{label}：为 {str(value)[:40]!r}，应为 年-月-日",)) from error


def _groups(value: object) -> tuple[Group, ...]:
    rows = value if isinstance(value, list) and len(value) <= 100 else []
    groups = []
    for place, row in enumerate(rows, 1):
        label, given = f"稳定性第 {place} 组", row if isinstance(row, dict) else {}
        groups.append(Group(date_of(given.get("on"), f"{label}日期"), readings_of(given.get("readings"), label)))
    return tuple(sorted(groups, key=lambda group: group.on))


def _comparison(value: object) -> Comparison:
    given = value if isinstance(value, dict) else {}
    method, rows = given.get("method"), given.get("results")
    if method not in {"transfer", "comparison"} or not isinstance(rows, list):
        raise ProposalError(("不确定度的验证：应选择传递比较法或比对法，并给出结果",))
    least, most = (2, 2) if method == "transfer" else (3, 50)
    if not least <= len(rows) <= most:
        raise ProposalError((f"不确定度的验证：有 {len(rows)} 个结果，应为 {least}～{most} 个，本单位的在前",))
    results = []
    for place, row in enumerate(rows, 1):
        if not isinstance(row, list) or len(row) != 2:
            raise ProposalError((f"不确定度的验证第 {place} 个结果：应为 测得值 和 U",))
        label = f"不确定度的验证第 {place} 个"
        results.append((decimal_of(row[0], f"{label}测得值"), decimal_of(row[1], f"{label} U", positive=True)))
    return Comparison(method == "transfer", tuple(results))
