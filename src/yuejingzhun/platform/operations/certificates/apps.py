from django.apps import AppConfig


class CertificatesConfig(AppConfig):
    name = "yuejingzhun.platform.operations.certificates"
    label = "certificates"
    verbose_name = "证书"
