"""Targets and budgets: what is wanted and planned."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from caio_portal.accounts.access import policy
from caio_portal.accounts.models import OrgUnit
from caio_portal.accounts.selectors import roles_of, units_with_depth
from caio_portal.common import words as plain
from caio_portal.common.errors import Invalid
from caio_portal.common.http import Request
from caio_portal.common.pages import form_page, render_page
from kpis import access, charts, months, rules, selectors, words
from kpis.catalogue import Kpi
from kpis.forms import TargetForm
from kpis.forms.budget import BudgetForm
from kpis.models import AlertKind
from kpis.selectors.costs import costs
from kpis.selectors.outlook import outlook
from kpis.selectors.targets import targets
from kpis.selectors.twice import twice
from kpis.services.budgets import set_budget as save_budget
from kpis.services.targets import set_target as save_target

ALERTS_SHOWN = 5
BOTH = ("GET", "POST")


@policy(*rules.KEEPERS, methods=BOTH)
def set_target(request: Request, key: str) -> HttpResponse:
    """Set the target of a KPI for a unit and period."""
    kpi = access.kpi_or_404(key)
    everywhere = roles_of(request.user).everywhere(*rules.KEEPERS)
    form = TargetForm(
        request.POST or None, kpi=kpi, units=_kept_units(request), everywhere=everywhere, initial=_initial(request, kpi)
    )
    if request.method == "POST" and form.is_valid():
        try:
            save_target(key, by=request.user, **form.cleaned_data)
        except Invalid as invalid:
            form.add_error(invalid.field, invalid.sentence)
        else:
            messages.success(request, f"The target of {kpi.name} is set.")
            return redirect("kpis:kpi_detail", key)
    crumbs = ["KPIs", reverse("kpis:scorecard"), kpi.name, reverse("kpis:kpi_detail", args=[key]), "Target"]
    return form_page(request, form, f"Target: {kpi.name}", "Set the target", crumbs, lede=kpi.good)


@policy(*rules.VIEWERS)
def budget(request: Request) -> HttpResponse:
    """Planned, committed, actual and forecast spending of a quarter."""
    scope = access.scope_of(request.user, request.GET.get("unit", ""))
    newest = months.quarter(selectors.default_month())
    offered = [months.quarter(months.add(months.of_quarter(newest)[0], -3 * step)) for step in range(-1, 8)]
    quarter = request.GET.get("quarter", "") if request.GET.get("quarter", "") in offered else newest
    found = selectors.budget(scope.unit_ids, quarter)
    kpi = access.kpi_or_404("budget_variance")
    running = access.alerts_of(request.user).running()
    wanted = running.filter(kind__in=[AlertKind.BUDGET, AlertKind.SPIKE], unit__in=scope.unit_ids)
    alerts = list(wanted[:ALERTS_SHOWN])
    context = {
        "budget": found, "scope": scope, "quarters": offered, "chart": charts.spending(found),
        "outlook": outlook(found), "costs": costs(found, scope.unit_ids, request.user),
        "alerts": alerts, "alerts_tone": "bad" if any(alert.grave for alert in alerts) else "warn",
        "alerts_title": " · ".join(dict.fromkeys(str(alert.get_kind_display()) for alert in alerts)),
        "twice": twice(scope.unit_ids, [month.month for month in found.months], request.user),
        "netting": charts.netting(found), "variance": words.value(kpi, found.variance),
        "target": words.target(kpi, found.bands),
        "is_keeper": roles_of(request.user).has(*rules.KEEPERS),
        "may_allocate": roles_of(request.user).has(*rules.READERS),
    }  # fmt: skip
    return render_page(request, "kpis/budget.html", context, partials=["budget"])


@policy(*rules.KEEPERS, methods=BOTH)
def set_budget(request: Request) -> HttpResponse:
    """Set what a unit plans to spend in a month."""
    form = BudgetForm(request.POST or None, units=_kept_units(request), user=request.user)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        unit = data.pop("unit")
        lines = form.lines
        try:
            save_budget(unit, lines, by=request.user)
        except Invalid as invalid:
            form.add_error(invalid.field, invalid.sentence)
        else:
            messages.success(request, f"The budget of {unit} is set for {plain.plural(len(lines), 'month')}.")
            return redirect("kpis:budget")
    crumbs = ["KPIs", reverse("kpis:scorecard"), "Budget", reverse("kpis:budget"), "Plan"]
    lede = "Lines add up: what is planned for a use case, vendor or category comes on top of the rest of the unit."
    return form_page(request, form, "Plan", "Set the budget", crumbs, lede=lede)


def _kept_units(request: Request) -> list[OrgUnit]:
    return units_with_depth(roles_of(request.user).unit_ids(*rules.KEEPERS))


def _initial(request: Request, kpi: Kpi) -> dict[str, Any]:
    scope = access.scope_of(request.user, request.GET.get("unit", ""))
    bands = targets(scope.unit_ids, [kpi.key]).bands(kpi, selectors.default_month())
    plain = {"low": bands.low, "high": bands.high, "tolerance": bands.tolerance}
    trimmed = {name: bound if bound is None else f"{bound.normalize():f}" for name, bound in plain.items()}
    return {"unit": scope.key if scope.unit else "", **trimmed}
