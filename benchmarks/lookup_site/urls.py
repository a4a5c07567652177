"""The product's addresses and the constant view."""

from django.http import HttpRequest, JsonResponse
from django.urls import path

from yuejingzhun.project.urls import handler403, handler404, handler500, urlpatterns

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]


def constant(request: HttpRequest) -> JsonResponse:
    """The least that a view in this server can do."""
    return JsonResponse({"constant": True})


urlpatterns = [path("constant", constant), *urlpatterns]
