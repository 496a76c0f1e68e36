"""Pages about incidents."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from caio_portal.accounts.access import policy
from caio_portal.accounts.roles import Role
from caio_portal.audit.trail import entries_of
from caio_portal.common.errors import require
from caio_portal.common.exports import table_response
from caio_portal.common.http import Request
from caio_portal.common.pages import form_page, render_page
from governance.access.incidents import action_or_404, incident_or_404
from governance.forms.incidents import (
    ActionForm,
    AuthorityForm,
    IncidentForm,
    MitigationForm,
    ReportForm,
    ResolutionForm,
)
from governance.forms.saving import taken
from governance.models import Incident
from governance.rules import incidents as rules
from governance.selectors import incidents as selectors
from governance.selectors.units import units_of
from governance.services import incidents as services
from governance.tables.incidents import TONES, IncidentTable

READERS = tuple(Role)
WRITERS = tuple(role for role in Role if role != Role.AUDITOR)
BOTH = ("GET", "POST")


@policy(*READERS)
def incident_list(request: Request) -> HttpResponseBase:
    """Every incident that a person may see."""
    table = IncidentTable(request.GET, selectors.listed(request.user), path=request.path)
    if table.file_format:
        return table_response(table)
    context = {
        "table": table,
        "tones": TONES,
        "objection": rules.objection_to_report_incident(request.user),
    }
    return render_page(request, "governance/incidents.html", context, partials=["incidents"])


@policy(*READERS)
def incident_detail(request: Request, ref: str) -> HttpResponse:
    """The four times, the clocks that run, what is affected, and what was done."""
    incident = incident_or_404(request.user, ref)
    context = {
        "incident": incident,
        "page": selectors.incident_page(incident, request.user),
        "tone": TONES[incident.severity],
        "events": entries_of(incident, limit=30),
        "objection": rules.objection_to_work_on_incident(request.user, incident),
        "add_objection": rules.objection_to_add_to_incident(request.user, incident),
    }
    return render_page(request, "governance/incident_detail.html", context)


@policy(*WRITERS, methods=BOTH)
def report_incident(request: Request) -> HttpResponse:
    require(rules.objection_to_report_incident(request.user))
    units = units_of(request.user)
    form = ReportForm(request.POST or None, user=request.user, units=units)
    reported: list[Incident] = []

    def report() -> None:
        given = dict(form.cleaned_data)
        unit = given.pop("unit")
        reported.append(services.report_incident(by=request.user, unit_id=unit.pk, **given))

    if request.method == "POST" and taken(form, report):
        messages.success(request, f"{reported[0].ref} is reported. The office was told if it is serious.")
        return redirect(reported[0])
    return _form(request, form, "Report an incident", "Report")


@policy(*WRITERS, methods=BOTH)
def edit_incident(request: Request, ref: str) -> HttpResponse:
    incident = _open(request, ref)
    names = IncidentForm.base_fields
    form = IncidentForm(request.POST or None, initial={name: getattr(incident, name) for name in names})
    return _handled(
        request, incident, form, "Edit", "Save",
        lambda given: services.edit_incident(incident.pk, by=request.user, **given),
    )  # fmt: skip


@policy(*WRITERS, methods=BOTH)
def mitigate_incident(request: Request, ref: str) -> HttpResponse:
    incident = _open(request, ref)
    form = MitigationForm(request.POST or None, initial={"containment": incident.containment})
    return _handled(
        request, incident, form, "Record the mitigation", "Record",
        lambda given: services.mitigate_incident(incident.pk, by=request.user, **given),
    )  # fmt: skip


@policy(*WRITERS, methods=BOTH)
def resolve_incident(request: Request, ref: str) -> HttpResponse:
    incident = _open(request, ref)
    form = ResolutionForm(request.POST or None, initial={"cause": incident.cause, "lessons": incident.lessons})
    return _handled(
        request, incident, form, "Record the end", "Record",
        lambda given: services.resolve_incident(incident.pk, by=request.user, **given),
    )  # fmt: skip


@policy(*WRITERS, methods=BOTH)
def plan_action(request: Request, ref: str) -> HttpResponse:
    incident = incident_or_404(request.user, ref)
    require(rules.objection_to_add_to_incident(request.user, incident))
    form = ActionForm(request.POST or None)
    return _handled(
        request, incident, form, "Plan an action", "Plan",
        lambda given: services.plan_action(incident.pk, by=request.user, **given),
    )  # fmt: skip


@policy(*WRITERS, methods=("POST",))
def finish_action(request: Request, pk: int) -> HttpResponse:
    action = action_or_404(request.user, pk)
    services.finish_action(pk, by=request.user)
    return redirect(action.incident)


@policy(*WRITERS, methods=BOTH)
def tell_authority(request: Request, ref: str, clock: str) -> HttpResponse:
    incident = incident_or_404(request.user, ref)
    require(rules.objection_to_add_to_incident(request.user, incident))
    running = next((line for line in selectors.clock_lines(incident) if line.clock.id == clock), None)
    if running is None:
        raise Http404("This clock does not run for the incident.")
    form = AuthorityForm(request.POST or None)
    title = f"{running.framework.title}: {running.clock.title}"
    return _handled(
        request, incident, form, f"Record the report to: {running.clock.tell}", "Record",
        lambda given: services.tell_authority(incident.pk, clock, title, by=request.user, **given),
    )  # fmt: skip


def _open(request: Request, ref: str) -> Incident:
    incident = incident_or_404(request.user, ref)
    require(rules.objection_to_work_on_incident(request.user, incident))
    return incident


def _handled(
    request: Request,
    incident: Incident,
    form: forms.Form,
    title: str,
    submit: str,
    act: Callable[[dict[str, Any]], object],
) -> HttpResponse:
    """Get, validate, call, redirect."""
    if request.method == "POST" and taken(form, lambda: act(form.cleaned_data)):
        return redirect(incident)
    return _form(request, form, title, submit, incident)


def _form(
    request: Request, form: forms.Form, title: str, submit: str, incident: Incident | None = None
) -> HttpResponse:
    of = [incident.ref, incident.get_absolute_url()] if incident else []
    return form_page(request, form, title, submit, ["Incidents", reverse("governance:incident_list"), *of, title])
