from django.apps import AppConfig
from django.core import checks


class KpisConfig(AppConfig):
    name = "kpis"

    def ready(self) -> None:
        from caio_portal.audit import events
        from kpis import actions, tasks  # noqa: F401  # tasks registers its jobs
        from kpis.checks import check_catalogue

        events.register(actions.ACTIONS)
        checks.register(check_catalogue)
