from django.apps import AppConfig


class LocalConfig(AppConfig):
    name = "caio_portal.local"
    label = "local"
