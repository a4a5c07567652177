"""The form by which a quality manager says with what a measurement standard was calibrated."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.registry.standards.errors import UnknownStandardError
from yuejingzhun.platform.registry.standards.queries import MeasurementStandard, visible_standard
from yuejingzhun.platform.registry.traceability.errors import TraceabilityError
from yuejingzhun.platform.registry.traceability.rules import Calibration, Kind
from yuejingzhun.platform.registry.traceability.services import link_standard
from yuejingzhun.platform.registry.traceability.uppers import upper_of

UPPERS = (Kind.STANDARD, Kind.NATIONAL, Kind.CERTIFICATE, Kind.MATERIAL)
NUMBER = {"max_digits": 24, "decimal_places": 12, "required": False}


def day(label: str, *, required: bool = True) -> forms.DateField:
    """A day, picked by the browser's own picker."""
    return forms.DateField(label=label, required=required, widget=forms.DateInput(attrs={"type": "date"}))


class LinkForm(forms.Form):
    """The upper item, the certificate, and what lets the effect of the upper's error be computed."""

    prefix = "link"
    kind = forms.ChoiceField(label="上级是", choices=[(kind.name, kind.value) for kind in UPPERS])
    number = forms.CharField(
        label="上级的编号", max_length=80, help_text="计量标准考核证书号、国家基准证书号、标准物质编号或外部证书号"
    )
    name = forms.CharField(
        label="上级的名称", max_length=400, required=False, help_text="国家基准与外部证书第一次登记时须填"
    )
    uncertainty = forms.CharField(
        label="上级的扩展不确定度", max_length=80, required=False, help_text="如 U = 0.01 %（k = 2）"
    )
    certificate = forms.CharField(label="检定或校准证书编号", max_length=80)
    made_on, until = day("检定或校准日期"), day("有效期至", required=False)
    part = forms.CharField(label="被校部分", max_length=120, required=False, help_text="由几件组成的标准，写明是哪一件")
    factor = forms.FloatField(
        label="灵敏系数", required=False, help_text="上级误差每 1 个单位使本标准改变多少；直接比较为 1"
    )
    mpe = forms.DecimalField(label="本标准的最大允许误差", **NUMBER)
    expanded_uncertainty = forms.DecimalField(label="证书给出的 U", **NUMBER)
    unit = forms.CharField(label="以上两项的单位", max_length=20, required=False)

    def calibration(self) -> Calibration:
        """What the certificate says."""
        names = ("made_on", "certificate", "until", "part", "factor", "mpe", "expanded_uncertainty", "unit")
        return Calibration(**{name: self.cleaned_data[name] for name in names})


@login_required
@require_POST
def link_page(request: HttpRequest, standard_id: int) -> HttpResponse:
    """Record it, and back to the standard; the form again with what was typed where something is wrong."""
    actor, form = current_actor(request), LinkForm(request.POST)
    try:
        standard: MeasurementStandard = visible_standard(actor, standard_id)
    except UnknownStandardError as error:
        raise Http404(str(error)) from error
    if form.is_valid():
        said: dict[str, Any] = form.cleaned_data
        try:
            upper = upper_of(Kind[said["kind"]], said["number"], said["name"], said["uncertainty"])
            link_standard(actor, standard, upper, form.calibration(), timezone.now())
        except TraceabilityError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"已登记：{standard.name} 溯源到 {upper.label}")
            return redirect("standards-page", standard_id=standard_id)
    return render(request, "traceability/link.html", {"standard": standard, "form": form}, status=422)
