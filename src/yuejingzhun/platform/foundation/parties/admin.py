"""Organisations, people and grants of roles in the back office."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelChoiceField
from django.http import HttpRequest

from yuejingzhun.platform.foundation.office.tables import ChangedTable
from yuejingzhun.platform.foundation.parties.models import Organisation, Person, RoleGrant


@admin.register(Organisation)
class OrganisationTable(ChangedTable):
    subject = "organisation"
    list_display = ("name", "kind", "region", "credit_code", "authorisation")
    list_filter = ("kind",)
    search_fields = ("name", "=credit_code")


@admin.register(Person)
class PersonTable(ChangedTable):
    subject = "person"
    list_display = ("name", "organisation", "user")
    search_fields = ("name", "organisation__name", "=user__username")
    autocomplete_fields = ("organisation",)
    raw_id_fields = ("user",)


@admin.register(RoleGrant)
class RoleGrantTable(ChangedTable):
    """Another role, person or place is another grant; nobody grants to themselves."""

    subject = "grant"
    list_display = ("person", "role", "organisation", "valid_from", "valid_until")
    list_filter = ("role",)
    search_fields = ("person__name", "organisation__name")
    autocomplete_fields = ("person", "organisation")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        return () if obj is None else ("person", "role", "organisation")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        own = obj is not None and obj.person.user_id == request.user.pk
        return not own and super().has_change_permission(request, obj)

    def formfield_for_foreignkey(self, field: Any, request: HttpRequest, **kwargs: Any) -> ModelChoiceField | None:
        if field.name == "person":
            kwargs["queryset"] = Person.objects.exclude(user_id=request.user.pk)
        return super().formfield_for_foreignkey(field, request, **kwargs)
