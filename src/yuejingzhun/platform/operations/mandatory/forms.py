"""Forms of the pages: they read what was typed; what may be done with it is said by the rules."""

import secrets
from collections.abc import Sequence

from django import forms
from django.core.files.uploadedfile import UploadedFile

from yuejingzhun.platform.operations.mandatory.choosing import Proposal
from yuejingzhun.platform.operations.mandatory.rules import Delivery, Keep
from yuejingzhun.platform.operations.verification.bench import MOST_ROWS

MOST_BYTES_OF_A_LIST = 64_000  # of days off; one has some 700


def day(label: str, *, required: bool = True) -> forms.DateField:
    """A day, picked by the browser's own picker."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, error_messages={"invalid": "应为 年-月-日"})


def text(label: str, most: int, *, required: bool = True, rows: int = 0) -> forms.CharField:
    """A line of text, or an area of so many rows."""
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(label=label, max_length=most, required=required, widget=widget)


def fresh_key() -> str:
    """What tells one form from another, so that the same form sent twice is one application."""
    return secrets.token_urlsafe(24)


class ApplyForm(forms.Form):
    """What a holder says besides the choice of instruments."""

    institute = forms.TypedChoiceField(label="检定机构", coerce=int, widget=forms.RadioSelect)
    delivery = forms.ChoiceField(label="检定方式", choices=[(one.name, one.value) for one in Delivery])
    contact = text("联系人", 80)
    phone = text("联系电话", 40)
    wanted_on = day("希望日期", required=False)
    remark = text("说明", 500, required=False, rows=2)
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *given: object, institutes: Sequence[Proposal], **more: object) -> None:
        super().__init__(*given, **more)  # type: ignore[arg-type]
        field = self.fields["institute"]
        field.choices = [(one.institute.institute_id, one.institute.name) for one in institutes]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """Why something is refused, referred or ended."""

    reason = text("原因", 300, rows=2)


class ReferForm(ReasonForm):
    """Where an application goes, and why."""

    to = forms.TypedChoiceField(label="转入机构", coerce=int)

    def __init__(self, *given: object, institutes: Sequence[Proposal], **more: object) -> None:
        super().__init__(*given, **more)  # type: ignore[arg-type]
        field = self.fields["to"]
        field.choices = [(one.institute.institute_id, one.institute.name) for one in institutes]  # type: ignore[attr-defined]
        self.order_fields(("to", "reason"))


class AppointForm(forms.Form):
    """The day agreed on."""

    day = day("预约日期")


class ReceiveForm(forms.Form):
    """In which condition instruments came in."""

    condition = text("收样状态", 200, required=False)


class GiveBackForm(forms.Form):
    """Who fetched instruments."""

    to = text("取件人", 80)


class SealForm(forms.Form):
    """The number of a seal or label."""

    number = text("封印或标签编号", 40)


class BatchForm(forms.Form):
    """A bench's file."""

    table = forms.FileField(label="检定台数据（CSV 或 xlsx）")
    instruments = forms.IntegerField(label="台数（核对用）", min_value=1, max_value=MOST_ROWS)
    keep = forms.ChoiceField(label="有问题的行", choices=[(one.name, one.value) for one in Keep])


class DaysOffForm(forms.Form):
    """A year's days off."""

    table = forms.FileField(label="放假安排（CSV）", max_length=200)
    replace = forms.BooleanField(required=False)

    def clean_table(self) -> UploadedFile:
        """A list of a year is short; what is longer is something else."""
        table: UploadedFile = self.cleaned_data["table"]
        if (table.size or 0) > MOST_BYTES_OF_A_LIST:
            raise forms.ValidationError(f"一年的放假安排不会超过 {MOST_BYTES_OF_A_LIST // 1000} kB")
        return table


class TariffForm(forms.Form):
    """A price from a day on."""

    item = forms.ChoiceField(label="强制管理目录项目")
    amount = forms.DecimalField(label="检定费（元/台件）", min_value=0, max_digits=12, decimal_places=2)
    valid_from = day("施行日期")
    source = text("依据", 200)

    def __init__(self, *given: object, items: Sequence[tuple[str, str]], **more: object) -> None:
        super().__init__(*given, **more)  # type: ignore[arg-type]
        self.fields["item"].choices = [("", "请选择"), *items]  # type: ignore[attr-defined]
