from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "caio_portal.accounts"
    label = "accounts"

    def ready(self) -> None:
        from caio_portal.accounts import access, actions, tasks  # noqa: F401  (tasks registers its jobs)
        from caio_portal.audit import events
        from caio_portal.common import nav

        events.register(actions.ACTIONS)
        nav.may_open.register(access.may_open)
