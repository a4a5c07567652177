"""Forms of reference materials."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from yuejingzhun.platform.registry.materials.errors import MaterialError
from yuejingzhun.platform.registry.materials.services import ValueIn

LARGEST = Decimal(10) ** 12


def _date(label: str) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class MaterialForm(forms.Form):
    """A material of the national list."""

    number = forms.CharField(label="编号", max_length=20, help_text="GBW 加 5 位数字，或 GBW(E) 加 6 位数字")
    name = forms.CharField(label="名称", max_length=200)
    producer = forms.CharField(label="研制（生产）单位", max_length=200)


class BatchForm(forms.Form):
    """A batch with the values of its certificate, one a line."""

    owner = forms.TypedChoiceField(label="保管单位", coerce=int)
    number = forms.CharField(label="批号或瓶号", max_length=60)
    certificate = forms.CharField(label="标准物质证书号", max_length=80, required=False)
    place = forms.CharField(label="存放地点", max_length=200)
    received_on = _date("入库日期")
    expires_on = _date("有效期至")
    values = forms.CharField(
        label="标准值",
        max_length=10_000,
        help_text="每行一项：特性量 | 标准值 | U | k | 单位",
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, owners: list[tuple[int, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["owner"].choices = owners  # type: ignore[attr-defined]


def values_of(text: str) -> list[ValueIn]:
    """The certified values as typed; raises MaterialError that names the line."""
    rows = [row for row in text.replace("｜", "|").splitlines() if row.strip()]
    return [_value(row, place) for place, row in enumerate(rows, 1)]


def _value(row: str, place: int) -> ValueIn:
    cells = [cell.strip() for cell in row.split("|")]
    if len(cells) != 5 or not cells[0] or not cells[4] or len(cells[0]) > 120 or len(cells[4]) > 40:
        raise MaterialError(f"标准值第 {place} 行：为 {row[:60]!r}，应为 特性量 | 标准值 | U | k | 单位")
    value, u, k = (_number(cell, f"标准值第 {place} 行") for cell in cells[1:4])
    if k != round(k, 3):
        raise MaterialError(f"标准值第 {place} 行：k 为 {k}，小数应不超过 3 位")
    return ValueIn(cells[0], value, u, k, cells[4])


def _number(text: str, label: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= LARGEST or number != round(number, 12):
        raise MaterialError(f"{label}：为 {text[:40]!r}，应为十进制数（小数不超过 12 位）")
    return number
