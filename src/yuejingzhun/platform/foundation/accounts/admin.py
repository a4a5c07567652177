"""Accounts in the back office: who may sign in, and who may enter the office; for superusers."""

from django.contrib import admin
from django.db.models import Model
from django.forms import ModelForm
from django.http import HttpRequest

from yuejingzhun.platform.foundation.accounts.models import User
from yuejingzhun.platform.foundation.office.tables import ChangedTable


@admin.register(User)
class UserTable(ChangedTable):
    """A new account has no password: its owner sets the first one, or signs in by the provider."""

    subject = "account"
    list_display = ("username", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("username",)
    fields = ("username", "is_active", "is_staff", "last_login")
    readonly_fields = ("last_login",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.is_superuser  # type: ignore[union-attr]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return request.user.is_superuser  # type: ignore[union-attr]

    def save_model(self, request: HttpRequest, obj: User, form: ModelForm, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
