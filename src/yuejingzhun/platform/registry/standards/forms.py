"""Forms of measurement standards. Lists are typed line by line; proposal.py says what is wrong with them."""

import re
from typing import Any

from django import forms

from yuejingzhun.platform.foundation.parties.divisions import divisions
from yuejingzhun.platform.registry.standards.models import Equipment, MeasurementStandard, plain
from yuejingzhun.platform.registry.standards.rules import Kind, Level

LONGEST = 20_000
METHODS = (
    ("transfer", "传递比较法：本单位一行，高一级计量标准一行"),
    ("comparison", "比对法：本单位在前，每个实验室一行"),
)


def _lines(label: str, hint: str, *, required: bool = True, rows: int = 3) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, help_text=hint, max_length=LONGEST, required=required, widget=area)


def _date(label: str) -> forms.DateField:
    return forms.DateField(label=label, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))


class ProposalForm(forms.Form):
    """What an application or a declaration says."""

    level = forms.ChoiceField(label="级别", choices=[(level.name, level.value) for level in Level])
    name = forms.CharField(label="计量标准名称", max_length=120)
    measuring_range = forms.CharField(label="测量范围", max_length=120)
    accuracy = forms.CharField(label="准确度等级或最大允许误差", max_length=120, required=False)
    expanded_uncertainty = forms.CharField(label="扩展不确定度 U", max_length=40)
    unit = forms.CharField(label="U 的单位", max_length=20)
    coverage_factor = forms.CharField(label="包含因子 k", max_length=10, initial="2")
    traceable_to = forms.CharField(label="溯源至", max_length=120)
    certificate = forms.CharField(label="主标准器检定或校准证书号", max_length=80)
    regulations = _lines("可开展的检定项目", "每行一部规程，如 JJG 596-2012")
    items = _lines("强制管理目录项目", "每行一个目录编号，可不填", required=False, rows=2)
    devices = _lines(
        "计量标准器与主要配套设备", "每行一台：主 或 辅 | 名称 | 型号 | 出厂编号 | 证书号 | 有效期（年-月-日）"
    )
    materials = _lines("所用标准物质", "每行一个编号，如 GBW13101，可不填", required=False, rows=2)
    readings = _lines("重复性读数", "至少 10 个，单位与 U 相同，用空格或换行分开")
    allowed_change = forms.CharField(
        label="稳定性允许变化", max_length=40, help_text="按标称值使用时为 |最大允许误差|，加修正值使用时为 U（k = 2）"
    )
    groups = _lines("稳定性", "每行一组：日期: 至少 10 个读数。新建至少 4 组，相邻两组间隔大于一个月", rows=5)
    method = forms.ChoiceField(label="不确定度的验证", choices=METHODS)
    results = _lines("验证结果", "每行：测得值 U", rows=3)

    def content(self) -> dict[str, Any]:
        """As proposal_from_json reads it; only of a valid form."""
        given = self.cleaned_data
        texts = ("level", "name", "measuring_range", "accuracy", "expanded_uncertainty", "unit", "coverage_factor")
        return {key: given[key] for key in (*texts, "traceable_to", "certificate", "allowed_change")} | {
            "regulations": _rows(given["regulations"]),
            "items": _rows(given["items"]),
            "materials": _rows(given["materials"]),
            "devices": [_device(row) for row in _rows(given["devices"])],
            "readings": words_of(given["readings"]),
            "groups": [_group(row) for row in _rows(given["groups"])],
            "verification": {"method": given["method"], "results": [row.split() for row in _rows(given["results"])]},
        }


class ApplicationForm(ProposalForm):
    """An application for assessment; `standard` empty for a new one."""

    kind = forms.ChoiceField(label="类别", choices=[(kind.name, kind.value) for kind in Kind])
    standard = forms.TypedChoiceField(label="原计量标准", required=False, coerce=int, empty_value=None)
    field_order = ("kind", "standard")

    def __init__(self, *args: Any, standards: list[MeasurementStandard], **more: Any) -> None:
        super().__init__(*args, **more)
        choices = [(found.pk, f"{found.name} {found.number}") for found in standards]
        self.fields["standard"].choices = [("", "（新建，没有）"), *choices]  # type: ignore[attr-defined]


class DeclarationForm(ProposalForm):
    """A self-declaration and until when it shall hold."""

    ends_on = _date("声明有效期至")
    field_order = ("ends_on",)


class RecordForm(forms.Form):
    """Readings of one day."""

    measured_on = _date("日期")
    readings = _lines("读数", "至少 10 个，用空格或换行分开")


class ReportForm(forms.Form):
    """The figures of an old technical report."""

    s = forms.CharField(label="技术报告的重复性 s", max_length=40)
    allowed_change = forms.CharField(label="稳定性允许变化", max_length=40)


class EquipmentForm(forms.Form):
    """A new certificate of an instrument."""

    certificate = forms.CharField(label="新证书号", max_length=80)
    valid_until = _date("有效期至")


def start_values(standard: MeasurementStandard, equipment: list[Equipment], materials: list[str]) -> dict[str, Any]:
    """The form of a renewal or change, filled with what is on record."""
    used = [row for row in equipment if row.removed_on is None]
    fields = ("level", "name", "measuring_range", "accuracy", "unit", "traceable_to", "certificate")
    return {field: getattr(standard, field) for field in fields} | {
        "standard": standard.pk,
        "kind": Kind.RENEWAL.name,
        "expanded_uncertainty": plain(standard.expanded_uncertainty),
        "coverage_factor": plain(standard.coverage_factor),
        "allowed_change": plain(standard.allowed_change or standard.expanded_uncertainty),
        "regulations": "\n".join(standard.regulations),
        "items": "\n".join(standard.items),
        "materials": "\n".join(materials),
        "devices": "\n".join(
            f"{'主' if row.is_main else '辅'} | {row.name} | {row.model} | {row.serial} | {row.certificate} | "
            f"{row.valid_until}"
            for row in used
        ),
    }


def words_of(text: str) -> list[str]:
    """Numbers as typed: apart by blanks, commas or new lines."""
    return [word for word in re.split(r"[\s,，、;；]+", text) if word]


def region_choices() -> list[tuple[str, str]]:
    """The province and its cities."""
    return [(code, found.name) for code, found in divisions().items() if code.endswith("00")]


def _rows(text: str) -> list[str]:
    return [row.strip() for row in text.splitlines() if row.strip()]


def _device(row: str) -> dict[str, Any]:
    cells = [cell.strip() for cell in re.split(r"[|｜]", row)]
    names = ("role", "name", "model", "serial", "certificate", "valid_until")
    given = dict(zip(names, cells, strict=False))
    return given | {"is_main": given.get("role", "").startswith("主")}


def _group(row: str) -> dict[str, Any]:
    day, _, readings = row.replace("：", ":").partition(":")
    return {"on": day.strip(), "readings": words_of(readings)}
