from django.apps import AppConfig
from django.core import checks


class VendorsConfig(AppConfig):
    name = "vendors"

    def ready(self) -> None:
        from caio_portal.accounts import ports
        from caio_portal.audit import events
        from vendors import actions, answers, tasks  # noqa: F401
        from vendors.checks import check_criteria

        checks.register(check_criteria)
        events.register(actions.ACTIONS)
        ports.my_work.register(answers.work_of)
        ports.search.register(answers.search)
        ports.exports.register(answers.exports_of)
