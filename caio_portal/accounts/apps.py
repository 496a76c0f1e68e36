from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "caio_portal.accounts"
    label = "accounts"

    def ready(self) -> None:
        from caio_portal.accounts import actions, tasks  # noqa: F401  (tasks registers its jobs)
        from caio_portal.audit import events

        events.register(actions.ACTIONS)
