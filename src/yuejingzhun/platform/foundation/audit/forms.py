"""The filter of the trail, read from an address."""

from django import forms

from yuejingzhun.platform.foundation.audit.queries import Filter
from yuejingzhun.platform.foundation.audit.rules import SUBJECTS

LARGEST_KEY = 2**63 - 1


class FilterForm(forms.Form):
    """Every field may be empty."""

    subject = forms.ChoiceField(label="对象", required=False, choices=[("", "全部"), *SUBJECTS.items()])
    subject_id = forms.IntegerField(label="对象编号", required=False, min_value=1, max_value=LARGEST_KEY)
    person = forms.CharField(label="姓名或人员编号", required=False, max_length=80)
    action = forms.CharField(label="动作", required=False, max_length=60)
    day = forms.DateField(label="日期", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    before = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_KEY, widget=forms.HiddenInput)

    @property
    def wanted(self) -> Filter:
        """What a valid form asks for."""
        given = self.cleaned_data
        return Filter(given["subject"], given["subject_id"], given["person"], given["action"], given["day"])
