"""Addresses of reference materials."""

from django.urls import path

from yuejingzhun.platform.registry.materials import pages

urlpatterns = [
    path("materials", pages.material_list, name="materials-list"),
    path("materials/batches/<int:batch_id>/withdraw", pages.withdraw, name="materials-withdraw"),
    path("materials/<str:number>", pages.material_page, name="materials-page"),
]
