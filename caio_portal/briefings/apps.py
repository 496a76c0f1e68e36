from django.apps import AppConfig


class BriefingsConfig(AppConfig):
    name = "caio_portal.briefings"
    label = "briefings"

    def ready(self) -> None:
        from caio_portal.audit import events
        from caio_portal.briefings import actions, tasks  # noqa: F401

        events.register(actions.ACTIONS)
