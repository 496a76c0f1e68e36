from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "caio_portal.audit"
    label = "audit"
