"""Addresses of traceability."""

from django.urls import path, re_path

from yuejingzhun.platform.registry.traceability import link_pages, pages

urlpatterns = [
    path("traceability/recalls", pages.recalls_page, name="traceability-recalls"),
    path("traceability/recalls/<int:recall_id>", pages.recall_page, name="traceability-recall"),
    re_path(
        r"^traceability/recalls/(?P<recall_id>[0-9]{1,18})/affected\.(?P<suffix>csv|xlsx)$",
        pages.affected_file,
        name="traceability-affected",
    ),
    path("traceability/standard/<int:standard_id>/link", link_pages.link_page, name="traceability-link"),
    path("traceability/<str:kind>/<path:key>/recall", pages.new_recall, name="traceability-recall-new"),
    path("traceability/<str:kind>/<path:key>", pages.chain_page, name="traceability-chain"),
]
