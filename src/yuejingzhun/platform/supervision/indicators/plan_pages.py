"""Pages of the plan's tasks and their milestones, and the regular notice."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from yuejingzhun.platform.foundation.parties.queries import authorities, current_actor
from yuejingzhun.platform.supervision.indicators import queries
from yuejingzhun.platform.supervision.indicators.errors import UnknownIndicatorError
from yuejingzhun.platform.supervision.indicators.forms import MilestoneForm, ProgressForm
from yuejingzhun.platform.supervision.indicators.page_parts import carry_out, day_of, today
from yuejingzhun.platform.supervision.indicators.report import as_docx, as_pdf, notice_of
from yuejingzhun.platform.supervision.indicators.rules import Progress, plan_tasks
from yuejingzhun.platform.supervision.indicators.services.plan import add_milestone, report_milestone

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@login_required
@require_GET
def tasks_page(request: HttpRequest) -> HttpResponse:
    """The tasks of boxes 2 to 6 with their milestones, what is late marked."""
    actor = current_actor(request)
    found = queries.tasks_for(actor, today())
    boxes: dict[int, list[object]] = {}
    for code, task in plan_tasks().items():
        boxes.setdefault(task.box, []).append((task, found[code]))
    standing = [one for rows in found.values() for one in rows]
    context = {
        "boxes": [(number, rows[0][0].box_title, rows) for number, rows in boxes.items()],  # type: ignore[index]
        "count": len(standing),
        "done": sum(one.progress is Progress.DONE for one in standing),
        "late": sum(one.late for one in standing),
        "province": queries.is_province(actor),
    }
    return render(request, "indicators/tasks.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def new_milestone_page(request: HttpRequest, code: str) -> HttpResponse:
    """Set a milestone of a task."""
    actor = current_actor(request)
    try:
        task = queries.task_of(code)
    except UnknownIndicatorError as error:
        raise Http404(str(error)) from error
    form = MilestoneForm(request.POST or None, owners=authorities())

    def act(at: object) -> object:
        said = form.cleaned_data
        return add_milestone(actor, code, said["title"], said["owner"], said["due_on"], at)  # type: ignore[arg-type]

    if request.method == "POST" and carry_out(request, form, act, "已设定里程碑"):
        return redirect("indicators-tasks")
    context = {"task": task, "form": form, "province": queries.is_province(actor)}
    return render(request, "indicators/new_milestone.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_http_methods(["GET", "POST"])
def milestone_page(request: HttpRequest, milestone_id: int) -> HttpResponse:
    """A milestone with its reports; handed in, another one."""
    actor = current_actor(request)
    try:
        found, reports = queries.milestone_for(actor, milestone_id)
    except UnknownIndicatorError as error:
        raise Http404(str(error)) from error
    form = ProgressForm(request.POST or None)

    def act(at: object) -> object:
        said = form.cleaned_data
        return report_milestone(actor, found.pk, Progress[said["progress"]], said["note"], at)  # type: ignore[arg-type]

    if request.method == "POST" and carry_out(request, form, act, "已报告进展"):
        return redirect("indicators-milestone", milestone_id=found.pk)
    context = {"milestone": found, "task": plan_tasks()[found.task], "reports": reports, "form": form}
    return render(request, "indicators/milestone.html", context, status=422 if request.method == "POST" else 200)


@login_required
@require_GET
def notice_file(request: HttpRequest, suffix: str) -> HttpResponse:
    """The notice of a day as PDF or Word document, for those who see the tasks."""
    at, on = timezone.now(), day_of(request)
    notice = notice_of(on, at, queries.tasks_for(current_actor(request), on))
    data, kind = (as_pdf(notice, at), "application/pdf") if suffix == "pdf" else (as_docx(notice), WORD)
    answer = HttpResponse(data, content_type=kind)
    answer["Content-Disposition"] = f'attachment; filename="notice-{on}.{suffix}"'
    return answer
