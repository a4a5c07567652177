"""Forms of the pages: they read what was typed; what may be done with it is said by the rules."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from yuejingzhun.platform.foundation.files.store import FileRefusedError, check_size
from yuejingzhun.platform.registry.approvals.rules import MOST_SAMPLES, MOST_VARIANTS, Paper, Variant
from yuejingzhun.platform.registry.approvals.services.applications import Upload
from yuejingzhun.platform.registry.approvals.software import Algorithm
from yuejingzhun.platform.registry.catalogue.queries import entries

ACCEPTED = ".pdf,.png,.jpg,.jpeg"


def day(label: str) -> forms.DateField:
    """A day, picked by the browser's own picker."""
    return forms.DateField(
        label=label,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": "应为 年-月-日", "required": f"没有填写{label}"},
    )


def area(label: str, most: int, *, required: bool = True, rows: int = 3) -> forms.CharField:
    """Several lines of text."""
    return forms.CharField(label=label, max_length=most, required=required, widget=forms.Textarea(attrs={"rows": rows}))


class ChangeForm(forms.Form):
    """What a change of an approved type says, but for its models and papers."""

    name = forms.CharField(label="器具名称", max_length=120)
    samples = forms.IntegerField(label="样机数量", min_value=1, max_value=MOST_SAMPLES, initial=1)


class TypeForm(ChangeForm):
    """What an application for a new type says, but for its models and papers."""

    item = forms.ChoiceField(label="强制管理目录项目")
    sample_note = area("样机说明", 500, required=False, rows=2)
    field_order = ("item", "name", "samples", "sample_note")

    def __init__(self, *args: Any, on: date, **more: Any) -> None:
        super().__init__(*args, **more)
        kinds = [found for found in entries(on) if found.type_approval]
        self.fields["item"].choices = [  # type: ignore[attr-defined]
            ("", "请选择"),
            *((found.code, f"{found.code} {found.name}") for found in kinds),
        ]


class VariantForm(forms.Form):
    """One model of a series."""

    model = forms.CharField(label="型号", max_length=120, required=False)
    accuracy_class = forms.CharField(label="准确度等级", max_length=60, required=False)
    measuring_range = forms.CharField(label="测量范围", max_length=200, required=False)
    technical = forms.CharField(label="主要技术指标", max_length=1000, required=False)


Variants = forms.formset_factory(
    VariantForm, extra=3, max_num=MOST_VARIANTS, absolute_max=MOST_VARIANTS, validate_max=True
)


def variants(rows: Any) -> tuple[Variant, ...]:
    """What the valid lines say; one that was left empty says nothing."""
    given = [{name: text.strip() for name, text in row.cleaned_data.items()} for row in rows if row.cleaned_data]
    return tuple(Variant(**one) for one in given if any(one.values()))


class PapersForm(forms.Form):
    """The papers of an application, one file a kind and one more; their sizes are asked before they are read."""

    def __init__(self, *args: Any, needed: Iterable[Paper], **more: Any) -> None:
        super().__init__(*args, **more)
        for paper in Paper:
            self.fields[paper.name] = forms.FileField(
                label=paper.value,
                required=paper in set(needed),
                max_length=200,
                widget=forms.FileInput(attrs={"accept": ACCEPTED}),
                error_messages={"required": f"没有上传{paper.value}", "empty": "文件是空的"},
            )

    def clean(self) -> dict[str, Any]:
        """Every file that is too large is said at its field."""
        for name, file in list(self.cleaned_data.items()):
            if file and (problem := too_large(file)):
                self.add_error(name, problem)
        return self.cleaned_data

    def uploads(self) -> list[Upload]:
        """The files of a valid form."""
        return [Upload(name, file.name, file.read()) for name, file in self.cleaned_data.items() if file]


class DecisionForm(forms.Form):
    """A reason."""

    reason = area("原因", 1000)


class SamplesForm(forms.Form):
    """That samples arrived."""

    number = forms.IntegerField(label="收到样机（台）", min_value=1, max_value=MOST_SAMPLES)
    note = forms.CharField(label="样机状况", max_length=500, required=False)


class ReportForm(forms.Form):
    """The result of a type evaluation with its report."""

    report_number = forms.CharField(label="报告编号", max_length=60)
    passed = forms.ChoiceField(label="结论", choices=[("", "请选择"), ("yes", "合格"), ("no", "不合格")])
    findings = area("评价意见（不合格的写明不合格项目）", 4000, rows=4)
    report = forms.FileField(label="型式评价报告", max_length=200, widget=forms.FileInput(attrs={"accept": ACCEPTED}))

    def clean_report(self) -> UploadedFile:
        """The report, if it isn't too large."""
        file = self.cleaned_data["report"]
        if problem := too_large(file):
            raise forms.ValidationError(problem)
        return file  # type: ignore[no-any-return]


class EndingForm(forms.Form):
    """From when on and why something ends."""

    effective_from = day("自何日起")
    reason = area("原因", 1000, rows=2)


class SoftwareForm(forms.Form):
    """A version of the legally relevant software and its identification as the device displays it."""

    version = forms.CharField(label="软件版本（与器具显示的一致）", max_length=40)
    algorithm = forms.ChoiceField(label="标识算法", choices=[(one.name, one.value) for one in Algorithm])
    identification = forms.CharField(label="标识值（十六进制）", max_length=200)
    valid_from = day("启用日期")
    replaces = forms.ChoiceField(label="替换的版本", required=False)
    changes = area("变更说明", 1000, required=False)

    def __init__(self, *args: Any, earlier: Iterable[str], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["replaces"].choices = [("", "（没有）"), *((one, one) for one in earlier)]  # type: ignore[attr-defined]


class CompareForm(forms.Form):
    """What a device displays of its software."""

    version = forms.CharField(label="器具显示的版本", max_length=40)
    identification = forms.CharField(label="器具显示的标识值", max_length=200)


class SeenForm(CompareForm):
    """The same, of a device in the hands of whoever tests or supervises it."""

    number = forms.CharField(label="型式批准编号", max_length=20)
    field_order = ("number", "version", "identification")


def too_large(file: UploadedFile) -> str | None:
    """Why an upload can't be taken for its size, in Chinese; None where it can."""
    try:
        check_size(file.name or "", file.size or 0)
    except FileRefusedError as error:
        return str(error)
    return None


class NothingForm(forms.Form):
    """An act that says nothing but itself."""


class StartForm(forms.Form):
    """From when on a certificate holds."""

    valid_from = day("生效日期")
