"""Certificates in the back office, to be read."""

from django.contrib import admin

from yuejingzhun.platform.foundation.office.tables import OfficeTable
from yuejingzhun.platform.operations.certificates.models import Certificate


@admin.register(Certificate)
class CertificateTable(OfficeTable):
    subject = "certificate"
    list_display = ("number", "kind", "institute_name", "instrument_name", "serial", "tested_on", "valid_until")
    search_fields = ("number__exact",)
    exclude = ("signed_xml", "paper_key")
