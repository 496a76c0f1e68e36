from django.apps import AppConfig


class BriefingsConfig(AppConfig):
    name = "caio_portal.briefings"
    label = "briefings"
