from django.apps import AppConfig
from django.core import checks


class PortfolioConfig(AppConfig):
    name = "portfolio"

    def ready(self) -> None:
        from caio_portal.accounts import ports as shell
        from caio_portal.audit import events
        from caio_portal.common import stamps
        from portfolio import documents, own_facts, ports
        from portfolio import tasks as own_tasks  # noqa: F401  # registers its jobs
        from portfolio.actions import ACTIONS
        from portfolio.assets import selectors as assets
        from portfolio.checks import check_profiles, check_questionnaire
        from portfolio.facts import CATALOGUE
        from portfolio.guest_tokens import address_for
        from portfolio.home import my_work, offered_exports, search, search_assets
        from portfolio.inventory import dossier, tasks  # noqa: F401  # tasks registers its jobs
        from portfolio.light import running
        from portfolio.vendor_panels import use_cases_relying
        from vendors.ports import vendor_panels

        CATALOGUE.source = own_facts.read
        stamps.register(stamps.Stamp("own_facts", own_facts.STAMP, own_facts.told, own_facts.read))
        events.register(ACTIONS)
        checks.register(check_questionnaire)
        checks.register(check_profiles)
        shell.my_work.register(my_work)
        shell.search.register(search)
        shell.search.register(search_assets)
        shell.exports.register(offered_exports)
        shell.guest_address.register(address_for)
        ports.use_case_tabs.register(dossier.tabs)
        ports.use_case_tabs.register(assets.tabs)
        ports.use_case_tabs.register(documents.tabs)
        ports.documents.register(documents.documents)
        ports.standing.register(running.standings)
        vendor_panels.register(use_cases_relying)
