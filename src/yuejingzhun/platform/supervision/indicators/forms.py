"""Forms of the pages: they read what was typed; what may be done with it is said by the services."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms

from yuejingzhun.platform.foundation.parties.divisions import divisions
from yuejingzhun.platform.foundation.parties.rules import Actor, may_see_region
from yuejingzhun.platform.supervision.indicators.rules import FIRST_YEAR, LAST_YEAR, Progress
from yuejingzhun.platform.supervision.indicators.services.items import Draft


def day(label: str, *, required: bool = True) -> forms.DateField:
    """A day, picked by the browser's own picker."""
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "应为 年-月-日", "required": f"没有填写{label}"},
    )


class ItemForm(forms.Form):
    """An item that counts."""

    name = forms.CharField(label="名称", max_length=200)
    holder = forms.CharField(label="单位", max_length=200)
    region = forms.ChoiceField(label="所在地")
    document = forms.CharField(label="依据的文件或编号", max_length=120)
    counts_from = day("计入日期")
    ends_on = day("不再计入日期（没有则空）", required=False)

    def __init__(self, actor: Actor, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        places = [(code, one.name) for code, one in divisions().items() if may_see_region(actor, code)]
        self.fields["region"].choices = places  # type: ignore[attr-defined]

    def draft(self) -> Draft:
        """What a valid form says."""
        return Draft(**{name: self.cleaned_data[name] for name in Draft.__slots__})


class ReasonForm(forms.Form):
    """Why an item is corrected or withdrawn."""

    reason = forms.CharField(label="理由", max_length=500)


class CorrectionForm(ItemForm):
    """Another item in the place of an earlier one."""

    reason = forms.CharField(label="更正的理由", max_length=500)


class ListForm(forms.Form):
    """A table of items."""

    file = forms.FileField(label="表格（xlsx 或 csv）")


class TargetForm(forms.Form):
    """What an indicator is to reach."""

    year = forms.IntegerField(label="年", min_value=FIRST_YEAR + 1, max_value=LAST_YEAR)
    value = forms.DecimalField(label="目标值", max_digits=12, decimal_places=2, min_value=Decimal(0))
    reason = forms.CharField(label="依据", max_length=500)


class MilestoneForm(forms.Form):
    """A step of a task."""

    title = forms.CharField(label="里程碑", max_length=200)
    owner = forms.TypedChoiceField(label="责任单位", coerce=int)
    due_on = day("完成期限")

    def __init__(self, *given: Any, owners: Sequence[Any], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["owner"].choices = [(one.pk, one.name) for one in owners]  # type: ignore[attr-defined]


class ProgressForm(forms.Form):
    """How a milestone stands."""

    progress = forms.ChoiceField(label="进展", choices=[(one.name, one.value) for one in Progress])
    note = forms.CharField(label="说明", max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
