"""Forms of the pages: they read what was typed; what may be done with it is said by the rules."""

import secrets
from collections.abc import Sequence
from decimal import Decimal

from django import forms

from yuejingzhun.metrology.sampling.lq_tables import LIMITING_QUALITIES
from yuejingzhun.platform.operations.mandatory.choosing import Proposal
from yuejingzhun.platform.operations.mandatory.rules import Delivery
from yuejingzhun.platform.operations.metering.rules import AVAILABLE, LONGEST, SHORTEST, Choice, Medium, Wanted
from yuejingzhun.platform.operations.metering.services.analyse import MOST_DRAWN, PlanRequest, PopulationRequest

HUNDRED = Decimal(100)


def day(label: str, *, required: bool = True) -> forms.DateField:
    """A day, picked by the browser's own picker."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget, error_messages={"invalid": "应为 年-月-日"})


def text(label: str, most: int, *, required: bool = True, rows: int = 0) -> forms.CharField:
    """A line of text, or an area of so many rows."""
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(label=label, max_length=most, required=required, widget=widget)


class EvaluateForm(forms.Form):
    """What is evaluated; MPE and probability in percent."""

    medium = forms.ChoiceField(label="计量对象", choices=[(one.name, one.value) for one in AVAILABLE])
    first_day = day("起始日")
    days = forms.IntegerField(label="天数", min_value=SHORTEST, max_value=LONGEST)
    mpe = forms.DecimalField(label="最大允许误差，±%", max_digits=4, decimal_places=2, min_value=Decimal("0.1"),
                             max_value=Decimal(20), initial=Decimal(2))  # fmt: skip
    threshold = forms.DecimalField(label="可疑的超差概率，%", max_digits=2, decimal_places=0, min_value=5, max_value=99,
                                   initial=50)  # fmt: skip

    def wanted(self) -> tuple[Medium, Wanted]:
        """What a valid form asks for."""
        said = self.cleaned_data
        mpe, threshold = said["mpe"] / HUNDRED, said["threshold"] / HUNDRED
        return Medium[said["medium"]], Wanted(said["first_day"], said["days"], mpe, threshold)


class DecideForm(forms.Form):
    """A decision that ends the matter here."""

    choice = forms.ChoiceField(choices=[(one.name, one.value) for one in (Choice.WATCH, Choice.DISMISS)])
    reason = text("理由", 300)


class SendForm(forms.Form):
    """What is said besides the meters when they are sent to be tested."""

    institute = forms.TypedChoiceField(label="检定机构", coerce=int, widget=forms.RadioSelect)
    delivery = forms.ChoiceField(label="检定方式", choices=[(one.name, one.value) for one in Delivery])
    contact = text("联系人", 80)
    phone = text("联系电话", 40)
    key = forms.CharField(max_length=64, widget=forms.HiddenInput)

    def __init__(self, *given: object, institutes: Sequence[Proposal], **more: object) -> None:
        super().__init__(*given, **more)  # type: ignore[arg-type]
        choices = [(one.institute.institute_id, one.institute.name) for one in institutes]
        self.fields["institute"].choices = choices  # type: ignore[attr-defined]


def fresh_key() -> str:
    """What tells one form from another, so that the same form sent twice is one application."""
    return secrets.token_urlsafe(24)


class TruthForm(forms.Form):
    """A test made elsewhere; error in percent."""

    meter = text("表号", 64)
    tested_on = day("检定日期")
    error = forms.DecimalField(label="误差，%", max_digits=7, decimal_places=4, min_value=-100, max_value=900)
    passed = forms.TypedChoiceField(
        label="结论", choices=(("1", "合格"), ("0", "不合格")), coerce=lambda one: one == "1"
    )
    remark = text("说明（检定单位、检定点等）", 300, required=False)


class WithdrawForm(forms.Form):
    """Why a result doesn't count."""

    reason = text("原因", 300)


class PopulationForm(forms.Form):
    """A study of the population."""

    limit = forms.DecimalField(label="点名的界限：超差比例超过，%", min_value=Decimal("0.1"), max_value=50,
                               max_digits=4, decimal_places=1, initial=5)  # fmt: skip
    limiting_quality = forms.ChoiceField(
        label="抽样的极限质量 LQ（GB/T 2828.2），%", choices=[(str(one), str(one)) for one in LIMITING_QUALITIES],
        initial="5.00",
    )  # fmt: skip
    least_lot = forms.IntegerField(label="小于多少只的批合并", min_value=1, max_value=100_000, initial=100)

    def wanted(self) -> PopulationRequest:
        """What a valid form asks for."""
        said = self.cleaned_data
        return PopulationRequest(said["limit"] / HUNDRED, Decimal(said["limiting_quality"]), said["least_lot"])


def _money(label: str, initial: str, *, digits: int = 2, least: str = "0") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=Decimal(least), max_value=Decimal(10) ** 10, max_digits=16, decimal_places=digits,
        initial=Decimal(initial),
    )  # fmt: skip


class PlanForm(forms.Form):
    """A plan of replacement."""

    budget = _money("预算，元", "100000")
    test = _money("现场检验一只，元", "60")
    replacement = _money("更换一只，元", "300", least="0.01")
    tariff = _money("电价，元/kWh", "0.60", digits=6)
    years = forms.IntegerField(label="不更换还会用几年", min_value=1, max_value=20, initial=5)
    tariffs = forms.CharField(
        label="各用户类别的电价，一行一类，如“商业 0.80”（类别同档案）", required=False, max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip

    def clean_tariffs(self) -> tuple[tuple[str, Decimal], ...]:
        """Class and price of each line."""
        found: dict[str, Decimal] = {}
        for number, line in enumerate(self.cleaned_data["tariffs"].splitlines(), 1):
            name, _, price = line.strip().rpartition(" ")
            if not line.strip():
                continue
            try:
                value = Decimal(price)
            except ArithmeticError:
                value = Decimal("NaN")
            if not name.strip() or not value.is_finite() or not 0 <= value <= 1000 or value != round(value, 6):
                raise forms.ValidationError(f"第 {number} 行“{line[:40]}”应为类别、空格、电价（元，至多六位小数）")
            if name.strip() in found:
                raise forms.ValidationError(f"第 {number} 行：“{name.strip()[:40]}”出现两次")
            found[name.strip()] = value
        return tuple(found.items())

    def wanted(self) -> PlanRequest:
        """What a valid form asks for."""
        said = self.cleaned_data
        return PlanRequest(
            said["budget"], said["test"], said["replacement"], said["tariff"], said["tariffs"], said["years"]
        )


class SampleForm(forms.Form):
    """How many meters are drawn by lot."""

    size = forms.IntegerField(label="抽取的只数", min_value=1, max_value=MOST_DRAWN, initial=200)
