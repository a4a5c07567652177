"""Forms of the pages: they read what was typed; what may be done with it is said by the rules."""

from typing import Any

from django import forms

from yuejingzhun.platform.foundation.parties.divisions import divisions
from yuejingzhun.platform.supervision.credit.kinds import fact_kinds
from yuejingzhun.platform.supervision.credit.models import LARGEST_QUANTITY
from yuejingzhun.platform.supervision.credit.rules import Decision


def day(label: str, *, required: bool = True) -> forms.DateField:
    """A day, picked by the browser's own picker."""
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "应为 年-月-日", "required": f"没有填写{label}"},
    )


def area(label: str, most: int, *, required: bool = True, rows: int = 3) -> forms.CharField:
    """Several lines of text."""
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(
        label=label, max_length=most, required=required, widget=widget, error_messages={"required": f"没有填写{label}"}
    )


class FactForm(forms.Form):
    """A fact that a regulator records."""

    kind = forms.ChoiceField(label="事实种类")
    source = forms.CharField(label="来源（检查记录、决定书等的文号）", max_length=120)
    occurred_on = day("发生日期")
    quantity = forms.IntegerField(label="数量", min_value=1, max_value=LARGEST_QUANTITY, initial=1)
    region = forms.ChoiceField(label="发生地", required=False)
    summary = area("摘要（不写个人信息）", 500)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        manual = [(kind.code, f"{kind.label}（{kind.tone.value}）") for kind in fact_kinds().values() if kind.manual]
        places = [(code, found.name) for code, found in divisions().items()]
        self.fields["kind"].choices = [("", "请选择"), *manual]  # type: ignore[attr-defined]
        self.fields["region"].choices = [("", "单位所在地"), *places]  # type: ignore[attr-defined]


class ReasonForm(forms.Form):
    """A reason, of a contest or of whatever needs one."""

    reason = area("理由", 1000)


class DecisionForm(ReasonForm):
    """The decision of a contest; day and quantity where the fact is corrected."""

    decision = forms.ChoiceField(label="决定", choices=[(one.name, one.value) for one in Decision])
    occurred_on = day("更正后的发生日期", required=False)
    quantity = forms.IntegerField(label="更正后的数量", min_value=1, max_value=LARGEST_QUANTITY, required=False)


class RepairForm(forms.Form):
    """What the party did, and promises."""

    statement = area("整改情况与承诺", 2000, rows=4)


class RepairDecisionForm(ReasonForm):
    """Whether credit is repaired."""

    grant = forms.ChoiceField(label="决定", choices=[("yes", "准予修复"), ("no", "不予修复")])


class RuleSetForm(forms.Form):
    """A rule set as text."""

    content = forms.CharField(
        label="规则（JSON）", max_length=64 * 1024, widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false"})
    )
    note = area("说明", 1000, required=False, rows=2)


class DayForm(forms.Form):
    """A day."""

    on = day("日期")
