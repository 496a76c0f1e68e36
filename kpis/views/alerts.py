"""Alerts: what somebody should look at, and what was done about it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from caio_portal.accounts.access import policy
from caio_portal.accounts.selectors import roles_of
from caio_portal.audit.trail import entries_of
from caio_portal.common.errors import Invalid, require
from caio_portal.common.exports import table_response
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from governance.models import Incident
from kpis import access, rules
from kpis.forms import AcknowledgeForm, IncidentLinkForm, MuteForm
from kpis.models import Alert
from kpis.services import alerts
from kpis.tables import AlertTable

POST = ("POST",)


@policy(*rules.VIEWERS)
def alert_list(request: Request) -> HttpResponseBase:
    """What runs; what is over only for those who ask for it."""
    found = access.alerts_of(request.user).select_related("unit", "owner", "acknowledged_by")
    if "state" not in request.GET:
        found = found.filter(ended_at=None)
    table = AlertTable(request.GET, found, path=request.path)
    if table.file_format:
        return table_response(table)
    return render_page(request, "kpis/alerts.html", {"table": table}, partials=["alerts"])


@policy(*rules.VIEWERS)
def alert_detail(request: Request, pk: int) -> HttpResponse:
    """One alert: its reason, what can be done, and what was."""
    return _page(request, access.alert_or_404(request.user, pk))


@policy(*rules.VIEWERS, methods=POST)
def acknowledge_alert(request: Request, pk: int) -> HttpResponse:
    form = AcknowledgeForm(request.POST)
    return _handled(
        request, pk, "acknowledge", form, lambda: alerts.acknowledge_alert(pk, by=request.user, **form.cleaned_data)
    )


@policy(*rules.VIEWERS, methods=POST)
def mute_alert(request: Request, pk: int) -> HttpResponse:
    form = MuteForm(request.POST)
    return _handled(request, pk, "mute", form, lambda: alerts.mute_alert(pk, by=request.user, **form.cleaned_data))


@policy(*rules.VIEWERS, methods=POST)
def link_incident(request: Request, pk: int) -> HttpResponse:
    form = IncidentLinkForm(request.POST, user=request.user)
    return _handled(
        request, pk, "incident", form, lambda: alerts.link_incident(pk, form.cleaned_data["incident"], by=request.user)
    )


@policy(*rules.KEEPERS, methods=POST)
def ask_rereview(request: Request, pk: int) -> HttpResponse:
    """Have the use case looked at again by its council."""
    alert = access.alert_or_404(request.user, pk)
    alert = alerts.ask_rereview(alert.pk, by=request.user)
    messages.success(request, f"The review {alert.review} is linked.")
    return redirect(alert)


def _handled(request: Request, pk: int, name: str, form: Any, act: Callable[[], Alert]) -> HttpResponse:
    """Do it and show the alert; what is wrong with the form comes back with it."""
    alert = access.alert_or_404(request.user, pk)
    require(rules.objection_to_handle_alert(request.user, alert))
    if form.is_valid():
        try:
            act()
        except Invalid as invalid:
            form.add_error(invalid.field, invalid.sentence)
        else:
            return redirect(alert)
    return _page(request, alert, status=422, **{name: form})


def _page(request: Request, alert: Alert, *, status: int = 200, **typed: Any) -> HttpResponse:
    objection = rules.objection_to_handle_alert(request.user, alert)
    forms: dict[str, Any] = {}
    if objection is None:
        forms = {
            "acknowledge": AcknowledgeForm(initial={"note": alert.note}), "mute": MuteForm(),
            "incident": IncidentLinkForm(user=request.user), **typed,
        }  # fmt: skip
    seen = Incident.objects.visible_to(request.user).filter(pk=alert.incident_id) if alert.incident_id else None
    context = {
        "incident": seen and seen.first(),
        "alert": alert, "kpi_name": alert.kpi_name, "forms": forms, "objection": objection,
        "review_objection": rules.objection_to_ask_rereview(request.user, alert), "events": entries_of(alert, limit=30),
        "may_read_feeds": roles_of(request.user).has(*rules.READERS, unit=alert.unit_id),
    }  # fmt: skip
    return render_page(request, "kpis/alert.html", context, status=status)
