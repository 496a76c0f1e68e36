from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "caio_portal.accounts"
    label = "accounts"

    def ready(self) -> None:
        from caio_portal.accounts import actions  # noqa: F401  # registers its job
        from caio_portal.audit import events

        events.register(actions.ACTIONS)
