from django.apps import AppConfig
from django.core import checks


class VendorsConfig(AppConfig):
    name = "vendors"

    def ready(self) -> None:
        from caio_portal.audit import events
        from vendors import actions, tasks  # noqa: F401
        from vendors.checks import check_criteria

        checks.register(check_criteria)
        events.register(actions.ACTIONS)
