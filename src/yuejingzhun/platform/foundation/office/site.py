"""The site of the back office: for staff accounts, who sign in where everyone does."""

from collections.abc import Callable
from typing import Any

from csp.constants import UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from unfold.sites import UnfoldAdminSite

from yuejingzhun.platform.foundation.office.tables import OfficeTable

View = Callable[..., HttpResponse]
# What django-unfold can't do without: Alpine.js evaluates attributes, and the colours stand in the page. Scripts in the
# page stay forbidden, and everywhere else the policy stays as it is.
NEEDED = {"script-src": [UNSAFE_EVAL], "style-src": [UNSAFE_INLINE]}


class OfficeSite(UnfoldAdminSite):
    """Signing in, its second factor, lock-out and passwords are those of everyone."""

    site_title = site_header = "粤精准后台"
    index_title = "基础数据与登记簿"
    empty_value_display = "—"

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only tables that were made for this office: libraries would register their own, secrets among them."""
        if (
            isinstance(admin_class, type)
            and issubclass(admin_class, OfficeTable)
            and issubclass(admin_class, ModelAdmin)
        ):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return request.user.is_active and request.user.is_staff  # type: ignore[union-attr]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect(f"{reverse('sign-in')}?{urlencode({'next': request.GET.get('next', reverse('admin:index'))})}")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return HttpResponseRedirect(reverse("sign-out"))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return redirect("account_change_password")

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        return csp_update(NEEDED)(super().admin_view(view, cacheable))  # type: ignore[no-any-return]
