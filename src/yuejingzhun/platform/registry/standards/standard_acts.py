"""What can be done from the page of a standard: records, new certificates, suspension, declarations. Posts only."""

from collections.abc import Callable
from datetime import date, datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Actor
from yuejingzhun.platform.registry.standards import forms
from yuejingzhun.platform.registry.standards.errors import ProposalError, StandardError, UnknownStandardError
from yuejingzhun.platform.registry.standards.services import declarations, interruptions, records

Act = Callable[[Actor, datetime], object]


@login_required
@require_POST
def act_on_standard(request: HttpRequest, standard_id: int, act: str) -> HttpResponse:
    """Add a record, complete the report, suspend, resume or cancel; back to the standard with what came of it."""
    reason = request.POST.get("reason", "")[:1000]
    acts: dict[str, tuple[Act, str]] = {
        "suspend": (lambda by, at: interruptions.suspend(by, standard_id, reason, at), "已封存或暂停使用"),
        "cancel": (lambda by, at: interruptions.cancel(by, standard_id, reason, at), "已撤销"),
        "resume": (lambda by, at: interruptions.resume(by, standard_id, at), "已恢复使用"),
        "repeatability": (lambda by, at: _record(request, by, standard_id, at, is_group=False), "重复性试验已记录"),
        "stability": (lambda by, at: _record(request, by, standard_id, at, is_group=True), "稳定性考核已记录"),
        "report": (lambda by, at: _complete(request, by, standard_id, at), "技术报告数据已补录"),
    }
    if act not in acts:
        raise Http404("没有这个操作")
    attempt(request, *acts[act])
    return redirect("standards-page", standard_id=standard_id)


@login_required
@require_POST
def renew_certificate(request: HttpRequest, standard_id: int, equipment_id: int) -> HttpResponse:
    """A new calibration certificate of one of the instruments."""

    def renew(actor: Actor, at: datetime) -> object:
        given = _valid(forms.EquipmentForm(request.POST))
        until: date = given["valid_until"]
        return records.renew_equipment(actor, equipment_id, given["certificate"], until, at)

    attempt(request, renew, "溯源证书已更新")
    return redirect("standards-page", standard_id=standard_id)


@login_required
@require_POST
def act_on_declaration(request: HttpRequest, standard_id: int, declaration_id: int, act: str) -> HttpResponse:
    """Withdraw, contest, or decide a contested declaration."""
    reason = request.POST.get("reason", "")[:1000]
    acts: dict[str, tuple[Act, str]] = {
        "withdraw": (lambda by, at: declarations.withdraw_declaration(by, declaration_id, reason, at), "声明已撤回"),
        "contest": (lambda by, at: declarations.contest(by, declaration_id, reason, at), "异议已提出"),
        "uphold": (
            lambda by, at: declarations.settle(by, declaration_id, upheld=True, reason=reason, at=at),
            "异议成立，声明失效",
        ),
        "dismiss": (
            lambda by, at: declarations.settle(by, declaration_id, upheld=False, reason=reason, at=at),
            "异议不成立，声明继续有效",
        ),
    }
    if act not in acts:
        raise Http404("没有这个操作")
    attempt(request, *acts[act])
    return redirect("standards-page", standard_id=standard_id)


def attempt(request: HttpRequest, act: Act, done: str) -> bool:
    """Do it as the person signed in; say what came of it. Whether it was done."""
    try:
        act(current_actor(request), timezone.now())
    except (StandardError, UnknownStandardError) as error:
        messages.error(request, str(error))
    except ProposalError as error:
        for problem in error.problems[:10]:
            messages.error(request, problem)
    else:
        messages.success(request, done)
        return True
    return False


def _record(request: HttpRequest, actor: Actor, standard_id: int, at: datetime, *, is_group: bool) -> object:
    given = _valid(forms.RecordForm(request.POST))
    record = records.record_stability if is_group else records.record_repeatability
    return record(actor, standard_id, given["measured_on"], forms.words_of(given["readings"]), at)


def _complete(request: HttpRequest, actor: Actor, standard_id: int, at: datetime) -> object:
    given = _valid(forms.ReportForm(request.POST))
    return records.complete_report(actor, standard_id, given["s"], given["allowed_change"], at)


def _valid(form: Form) -> dict[str, object] | dict[str, str]:
    if not form.is_valid():
        raise ProposalError(
            tuple(f"{form.fields[name].label}：{' '.join(errors)}" for name, errors in form.errors.items())
        )
    return form.cleaned_data
