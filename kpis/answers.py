"""What the apps below ask of figures: a tab of the dossier, a panel and values of a vendor, search and exports."""

from collections.abc import Mapping
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Sum
from django.urls import reverse

from caio_portal.accounts.models import User
from caio_portal.accounts.ports import Export, SearchHit
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import words as plain
from caio_portal.common.quarters import Quarter
from kpis import catalogue, months, rules
from kpis.models import KpiValue
from kpis.selectors.scorecard import default_month
from kpis.selectors.use_case import use_case_readings
from portfolio.models import UseCase
from portfolio.ports import UseCaseTab
from vendors.models import Contract, Vendor
from vendors.ports import Cell, CriterionValue, VendorPanel


def use_case_tabs(use_case: UseCase, user: User) -> list[UseCaseTab]:
    """The figures of a use case; whoever sees the use case sees them."""
    return [UseCaseTab("figures", "Figures", "kpis/use_case_tab.html", partial(_figures, use_case, user), position=60)]


def _figures(use_case: UseCase, user: User) -> Mapping[str, Any]:
    month = default_month()
    may_open = roles_of(user).has(*rules.VIEWERS)
    return {"readings": use_case_readings(use_case.pk, month), "month": month, "may_open": may_open}


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
    rows = KpiValue.objects.filter(kpi=kpi.key, number=kpi.version, vendor_id=vendor_id, inputs__gt=0)
    return list(rows.values_list("month").annotate(Sum("num")).order_by("-month"))


def criterion_values(vendor: Vendor, quarter: str) -> list[CriterionValue]:
    """How available a vendor's services were against its contract, and what it cost against it."""
    wanted = Quarter(quarter)
    contracts = list(
        Contract.objects.filter(vendor=vendor, starts_on__lte=wanted.last_day, ends_on__gte=wanted.first_day)
    )
    found = (_availability_margin(vendor, wanted, contracts), _spend_ratio(vendor, wanted, contracts))
    return [value for value in found if value]


_REQUESTS = """
SELECT sum(num)::numeric, sum(den)::numeric FROM observation
WHERE vendor_id = %s AND measure = %s AND observed_at >= %s AND observed_at < %s
"""


def _availability_margin(vendor: Vendor, quarter: Quarter, contracts: list[Contract]) -> CriterionValue | None:
    """Percentage points above or below the highest availability promised."""
    promised = max((each.availability for each in contracts if each.availability is not None), default=None)
    if promised is None:
        return None
    measure = catalogue.current().measures["service_requests"].id
    first, *_, last = quarter.months
    with connection.cursor() as cursor:
        cursor.execute(_REQUESTS, [vendor.pk, measure, months.start(first), months.end(last)])
        good, valid = cursor.fetchone()
    if not valid:
        return None
    measured = good / valid * 100
    source = f"{measured:.3f}% of {valid:,.0f} requests, {promised:f}% promised"
    return CriterionValue("availability_margin", measured - promised, source, quarter.last_day)


def _spend_ratio(vendor: Vendor, quarter: Quarter, contracts: list[Contract]) -> CriterionValue | None:
    """Effective cost of the quarter in percent of the contract value phased evenly over its days."""
    spent = dict(_spending(vendor.pk))
    known = [spent[month] for month in quarter.months if month in spent]
    phased = sum((_phased(contract, quarter) for contract in contracts), Decimal(0))
    if not known or not phased:
        return None
    source = f"{plain.money(sum(known))} in cost files, {plain.money(phased)} phased"
    return CriterionValue("spend_ratio", sum(known) / phased * 100, source, quarter.last_day)


def _phased(contract: Contract, quarter: Quarter) -> Decimal:
    first, last = max(contract.starts_on, quarter.first_day), min(contract.ends_on, quarter.last_day)
    return contract.value * ((last - first).days + 1) / ((contract.ends_on - contract.starts_on).days + 1)


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
    return [Export("KPI scorecard", f"{reverse('kpis:scorecard')}?format=xlsx")]
