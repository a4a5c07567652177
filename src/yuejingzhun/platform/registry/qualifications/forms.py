"""Forms of the pages: they read what was typed; what may be done with it is said by the rules."""

import re
from datetime import date
from typing import Any

from django import forms

from yuejingzhun.platform.foundation.parties.divisions import divisions, full_name
from yuejingzhun.platform.registry.catalogue.queries import entries
from yuejingzhun.platform.registry.qualifications.models import Authorisation, Registration
from yuejingzhun.platform.registry.qualifications.rules import Certificate, Entitlement, Line, Scope

MOST_LINES = 400
SAYING = ("item", "regulation", "measuring_range", "accuracy")


def day(label: str) -> forms.DateField:
    """A day, picked by the browser's own picker."""
    return forms.DateField(
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "应为 年-月-日", "required": f"没有填写{label}"},
    )


def regions() -> list[tuple[str, str]]:
    """All divisions, for a choice."""
    return [(code, full_name(code)) for code in divisions()]


def items(on: date) -> list[tuple[str, str]]:
    """The entries of the catalogue, for a choice; empty where only the regulation counts."""
    return [("", "—"), *((found.code, f"{found.code} {found.name}") for found in entries(on))]


class CertificateForm(forms.Form):
    """What an authorisation certificate says, but for its lines."""

    kind = forms.ChoiceField(label="类别", choices=Authorisation.Kind.choices)
    level = forms.ChoiceField(label="级别", choices=Authorisation.Level.choices)
    number = forms.CharField(label="授权证书号", max_length=80)
    valid_from = day("生效日期")
    valid_until = day("截止日期")


class LineForm(forms.Form):
    """One line of a certificate."""

    item = forms.ChoiceField(label="目录项目", required=False)
    regulation = forms.CharField(label="检定规程", max_length=40, required=False)
    measuring_range = forms.CharField(label="测量范围", max_length=200, required=False)
    accuracy = forms.CharField(label="准确度等级或最大允许误差", max_length=120, required=False)
    region = forms.ChoiceField(label="授权区域")

    def __init__(self, *args: Any, on: date, region: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["item"].choices = items(on)  # type: ignore[attr-defined]
        self.fields["region"].choices = regions()  # type: ignore[attr-defined]
        self.fields["region"].initial = region
        self.fields["regulation"].widget.attrs["placeholder"] = "JJG 596-2012"

    def has_changed(self) -> bool:
        """A line with nothing but its preset region says nothing."""
        return any(name != "region" for name in self.changed_data)


class LinesFormSet(forms.BaseFormSet):  # type: ignore[type-arg]
    """Says in our words when what the browser sends can't be read as a number of lines."""

    default_error_messages = {  # noqa: RUF012 - as Django has it
        **forms.BaseFormSet.default_error_messages,
        "missing_management_form": "授权项目的行数读不出来，请返回、刷新后重新填写",
        "too_many_forms": f"授权项目超过 {MOST_LINES} 项，请分几份证书办理",
    }


Lines = forms.formset_factory(LineForm, formset=LinesFormSet, extra=4, max_num=MOST_LINES, validate_max=True)


def certificate(form: CertificateForm, lines: Any) -> Certificate:
    """What two valid forms say."""
    said = form.cleaned_data
    given = [line.cleaned_data for line in lines if line.cleaned_data]
    # A line of which everything but the preset region was emptied is one that was struck out.
    given = [one for one in given if any(one[name].strip() for name in SAYING)]
    return Certificate(
        kind=said["kind"],
        level=said["level"],
        number=said["number"],
        valid_from=said["valid_from"],
        valid_until=said["valid_until"],
        lines=tuple(
            Line(Scope(one["item"], one["regulation"].strip(), one["region"]), one["measuring_range"], one["accuracy"])
            for one in given
        ),
    )


class EndingForm(forms.Form):
    """When and why something ends before its term."""

    effective_from = day("自何日起失效")
    reason = forms.CharField(label="原因", max_length=500)


class EntitlementForm(forms.Form):
    """What a registration certificate says."""

    level = forms.ChoiceField(label="级别", choices=Registration.Level.choices)
    number = forms.CharField(label="注册证编号", max_length=80)
    regulations = forms.CharField(
        label="注册项目（检定规程，一行一个）", max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    valid_from = day("生效日期")
    valid_until = day("截止日期")

    def entitlement(self, institute_id: int) -> Entitlement:
        """What the valid form says."""
        said = self.cleaned_data
        names = dict.fromkeys(name.strip() for name in re.split(r"[\n;；、,，]+", said["regulations"]))
        regulations = tuple(name for name in names if name)
        return Entitlement(
            institute_id, said["level"], said["number"], regulations, said["valid_from"], said["valid_until"]
        )


class RegisterForm(EntitlementForm):
    """A registration of someone who works in the institute."""

    person = forms.TypedChoiceField(label="人员", coerce=int)
    field_order = ("person", "level", "number", "regulations", "valid_from", "valid_until")


class TrainingForm(forms.Form):
    """A course that was completed."""

    title = forms.CharField(label="培训内容", max_length=200)
    organiser = forms.CharField(label="举办单位", max_length=200)
    hours = forms.IntegerField(label="学时", min_value=1, max_value=2000)
    completed_on = day("完成日期")
    passed = forms.BooleanField(label="考核合格", required=False)


class PeerReviewForm(forms.Form):
    """A confirmation of competence."""

    reviewer = forms.TypedChoiceField(label="评审人", coerce=int)
    regulation = forms.CharField(label="检定规程", max_length=40)
    method = forms.CharField(label="确认方式", max_length=200)
    reviewed_on = day("评审日期")
    confirmed = forms.BooleanField(label="能力得到确认", required=False)
    remarks = forms.CharField(label="意见", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3}))
