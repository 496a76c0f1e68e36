"""What the apps below ask of figures: a tab of the dossier, a panel of a vendor, search and exports."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django.db.models import Q, Sum
from django.urls import reverse

from caio_portal.accounts.models import User
from caio_portal.accounts.ports import Export, SearchHit, WorkEntry
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import words as plain
from kpis import catalogue, rules
from kpis.models import Alert, KpiValue
from kpis.selectors.scorecard import default_month
from kpis.selectors.use_case import use_case_readings
from portfolio.models import UseCase
from portfolio.ports import UseCaseTab
from vendors.models import Vendor
from vendors.ports import Cell, VendorPanel

WORK_SHOWN = 10  # the list of alerts has the rest


def use_case_tabs(use_case: UseCase, user: User) -> list[UseCaseTab]:
    """The figures of a use case; whoever sees the use case sees them."""
    return [UseCaseTab("figures", "Figures", "kpis/use_case_tab.html", partial(_figures, use_case, user), position=60)]


def _figures(use_case: UseCase, user: User) -> Mapping[str, Any]:
    month = default_month()
    may_open = roles_of(user).has(*rules.VIEWERS)
    return {"readings": use_case_readings(use_case, month), "month": month, "may_open": may_open}


def vendor_panels(vendor: Vendor, user: User) -> list[VendorPanel]:
    """What a vendor costs, month by month, as far as cost files name it."""
    if not roles_of(user).has(*rules.VIEWERS):
        return []
    spent = _spending(vendor.pk)
    rows = tuple((Cell(f"{month:%B %Y}"), Cell(plain.money(amount), number=True)) for month, amount in spent[:12])
    summary = f"{plain.money(sum(amount for _, amount in spent[:12]), short=True)} in the last twelve months known."
    return [
        VendorPanel(
            "spend", "Spend", summary if spent else "", ("Month", "Effective cost"), rows,
            "No cost file names this vendor yet.", position=70,
        )
    ]  # fmt: skip


def _spending(vendor_id: int) -> list[tuple[Any, Decimal]]:
    """Effective cost by month, the newest first."""
    kpi = catalogue.current().by_key["budget_variance"]
    rows = KpiValue.objects.filter(kpi=kpi.key, number=kpi.counted_by, vendor_id=vendor_id, inputs__gt=0)
    return list(rows.values_list("month").annotate(Sum("num")).order_by("-month"))


def work_of(user: User) -> list[WorkEntry]:
    """The alerts that wait for a person: their own, and for the office those that nobody owns; in one query."""
    kept = roles_of(user).unit_ids(*rules.KEEPERS)
    waiting = Alert.objects.waiting().filter(Q(owner=user) | Q(owner=None, unit__in=kept)).select_related("unit")
    return [
        WorkEntry(alert.text, alert.get_absolute_url(), "Look at an alert", alert.unit.name if alert.unit else "")
        for alert in waiting.order_by("-grave", "raised_at")[:WORK_SHOWN]
    ]


def search(text: str, user: User) -> list[SearchHit]:
    """KPIs by name, question or number."""
    if not roles_of(user).has(*rules.VIEWERS):
        return []
    wanted = text.lower()
    return [
        SearchHit("KPI", kpi.name, reverse("kpis:kpi_detail", args=[kpi.key]), kpi.question)
        for kpi in catalogue.current().kpis
        if wanted in kpi.name.lower() or wanted in kpi.question.lower() or wanted == str(kpi.number)
    ][:5]


def exports(user: User) -> list[Export]:
    if not roles_of(user).has(*rules.VIEWERS):
        return []
    return [
        Export("KPI scorecard", f"{reverse('kpis:scorecard')}?format=xlsx"),
        Export("KPI definitions", f"{reverse('kpis:definition_list')}?format=xlsx"),
    ]
