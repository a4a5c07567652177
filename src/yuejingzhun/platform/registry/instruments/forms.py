"""Forms of filing."""

from datetime import date

from django import forms

from yuejingzhun.platform.foundation.parties.divisions import Level, divisions, full_name
from yuejingzhun.platform.registry.catalogue.queries import entries
from yuejingzhun.platform.registry.instruments.models import InUse, Use
from yuejingzhun.platform.registry.instruments.rules import LENGTHS, REQUIRED, Filing
from yuejingzhun.procedures.catalogue import procedures


def regions() -> list[tuple[str, str]]:
    """Cities and counties by their whole names, as choices."""
    return [(code, full_name(code)) for code, found in divisions().items() if found.level is not Level.PROVINCE]


def items(on: date) -> list[tuple[str, str]]:
    """The catalogue's entries of the second level, as choices, with the one for what is in none."""
    listed = [(found.code, f"{found.code} {found.name}") for found in entries(on) if found.parent is not None]
    return [("", "不在目录内"), *listed]


class FilingForm(forms.Form):
    """What a holder files of an instrument."""

    def __init__(self, *args: object, on: date, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        for key, (label, most) in LENGTHS.items():
            if key not in ("item", "regulation"):
                self.fields[key] = forms.CharField(label=label, max_length=most, required=key in REQUIRED)
        codes = [("", "没有，或不在此列"), *((code, f"{code} {p.instrument}") for code, p in procedures().items())]
        self.fields["item"] = forms.ChoiceField(label="强制管理目录项目", choices=items(on), required=False)
        self.fields["regulation"] = forms.ChoiceField(label="适用检定规程", choices=codes, required=False)
        self.fields["use"] = forms.ChoiceField(label="用途", choices=Use.choices)
        self.fields["region"] = forms.ChoiceField(label="所在行政区划", choices=[("", "请选择"), *regions()])
        order = ("name", "model", "serial", "maker", "item", "regulation", "use", "region", "place")
        self.order_fields(order)

    def filing(self) -> Filing:
        """The filing of a valid form."""
        return Filing(**self.cleaned_data)


class PlaceForm(forms.Form):
    """Where an instrument is now."""

    region = forms.ChoiceField(label="所在行政区划", choices=regions)
    place = forms.CharField(label="安装地点", max_length=300, required=False)


class InUseForm(forms.Form):
    """Whether an instrument is used."""

    in_use = forms.ChoiceField(label="使用状态", choices=InUse.choices)
    reason = forms.CharField(label="原因", max_length=300)


class HandOverForm(forms.Form):
    """Who has an instrument from now on."""

    credit_code = forms.CharField(label="接收单位的统一社会信用代码", min_length=18, max_length=18)
