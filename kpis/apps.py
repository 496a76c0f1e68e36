from django.apps import AppConfig
from django.core import checks


class KpisConfig(AppConfig):
    name = "kpis"

    def ready(self) -> None:
        from caio_portal.accounts import ports as shell
        from caio_portal.audit import events
        from caio_portal.common import stamps
        from governance import ports as governance
        from kpis import actions, answers, published, tasks  # noqa: F401  # tasks registers its jobs
        from kpis.checks import check_catalogue, check_published
        from kpis.services.rollups import mark_business_days
        from kpis.vendor_values import measured_values
        from portfolio import ports as portfolio
        from vendors import ports as vendors

        events.register(actions.ACTIONS)
        checks.register(check_catalogue)
        checks.register(check_published, checks.Tags.database)
        stamps.register(stamps.Stamp("kpi_definitions", published.STAMP, published.told, published.read))
        shell.my_work.register(answers.work_of)
        shell.search.register(answers.search)
        shell.exports.register(answers.exports)
        portfolio.use_case_tabs.register(answers.use_case_tabs)
        vendors.vendor_panels.register(answers.vendor_panels)
        vendors.criterion_values.register(measured_values)
        governance.business_days_changed.register(mark_business_days)
