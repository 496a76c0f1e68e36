from django.apps import AppConfig


class GovernanceConfig(AppConfig):
    name = "governance"

    def ready(self) -> None:
        from django.core import checks

        from caio_portal.audit import events
        from governance import actions, providers, tasks  # noqa: F401  (tasks registers its jobs)
        from governance.checks import check_calendars, check_frameworks, check_gates, check_policies

        events.register(actions.ACTIONS)
        providers.register()
        checks.register(check_policies)
        checks.register(check_frameworks)
        checks.register(check_calendars)
        checks.register(check_gates)
