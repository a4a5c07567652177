"""How a table stands in the back office: to be read, or changed with an event in the trail; never to be deleted."""

from datetime import date
from typing import Any

from django.contrib.admin import ShowFacets
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from unfold.admin import ModelAdmin
from unfold.paginator import InfinitePaginator

from yuejingzhun.platform.foundation.audit.services import record_event
from yuejingzhun.platform.foundation.parties.errors import NotPermittedError
from yuejingzhun.platform.foundation.parties.queries import current_actor
from yuejingzhun.platform.foundation.parties.rules import Actor

PLAIN = str | int | float | bool | None


class OfficeTable(ModelAdmin):
    """A table for reading. `subject` is its word in the trail. Large ones are neither counted nor sorted by whim."""

    subject = ""
    list_per_page = 50
    show_full_result_count = False
    paginator = InfinitePaginator
    actions = None
    list_select_related = True
    ordering = ("-pk",)
    sortable_by: tuple[str, ...] = ()
    show_facets = ShowFacets.NEVER

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff  # type: ignore[union-attr]

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_staff  # type: ignore[union-attr]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """The trail knows it."""
        return redirect(f"{reverse('audit')}?{urlencode({'subject': self.subject, 'subject_id': object_id})}")


class ChangedTable(OfficeTable):
    """A table whose rows staff add and change; each change is an event with what was before and after."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_staff  # type: ignore[union-attr]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_staff  # type: ignore[union-attr]

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """Inside the transaction of the request's view."""
        super().save_model(request, obj, form, change)
        before = {name: plain(form.initial.get(name)) for name in form.changed_data}
        after = {name: plain(form.cleaned_data[name]) for name in form.changed_data}
        # Where a field has a default, a form that doesn't send it along counts as changed what is the same.
        names = [name for name in form.changed_data if not change or before[name] != after[name]]
        if not names:
            return
        record_event(
            actor_at_office(request),
            f"后台{'更改' if change else '登记'}{self.opts.verbose_name}",
            self.subject,
            obj.pk,
            timezone.now(),
            before={name: before[name] for name in names} if change else None,
            after={name: after[name] for name in names},
        )

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """The trail has it; Django's own log, which can be edited, is not kept."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:
        """As above."""


def actor_at_office(request: HttpRequest) -> Actor:
    """The person of a staff account; an account that isn't a person's, such as the first, acts under its own name."""
    try:
        return current_actor(request)
    except NotPermittedError:
        return Actor(0, f"账户 {request.user.get_username()}", ())


def plain(value: Any) -> Any:
    """A field's value as JSON tells it."""
    if isinstance(value, Model):
        return value.pk
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, PLAIN) else str(value)
