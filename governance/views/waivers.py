"""The register of waivers, and what each owes."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from caio_portal.accounts.access import policy
from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from caio_portal.common.exports import table_response
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from governance.forms.controls import WaiverReportForm
from governance.forms.saving import taken
from governance.models import PolicyException
from governance.rules import waivers as rules
from governance.selectors.policies import policy_in_force
from governance.services import waivers
from governance.tables.waivers import WaiverTable, waivers_of
from governance.waiver_clock import due_on, is_revoked

READERS = (Role.CAIO, Role.CAIO_OFFICE, Role.EXECUTIVE, Role.COUNCIL_MEMBER, Role.AUDITOR)
OFFICE = (Role.CAIO, Role.CAIO_OFFICE)


@policy(*READERS)
@require_GET
def waiver_list(request: Request) -> HttpResponseBase:
    """Every waiver that a person may see, with the day by which it is reported and certified again."""
    table = WaiverTable(request.GET, waivers_of(request.user), path=request.path)
    if table.file_format:
        return table_response(table)
    today, titles = clock.today(), {control.id: control.title for control in policy_in_force().controls}
    rows = [(row, titles.get(row.control, row.control), due := due_on(row), bool(due and due < today))
            for row in table.rows]  # fmt: skip
    context = {"table": table, "rows": rows, "today": today}
    return render_page(request, "governance/waivers.html", context, partials=["waivers"])


@policy(*READERS)
@require_GET
def waiver_detail(request: Request, pk: int) -> HttpResponse:
    return _page(request, _waiver(request, pk))


@policy(*OFFICE, methods=("POST",))
@require_POST
def report_waiver(request: Request, pk: int) -> HttpResponse:
    waiver = _waiver(request, pk)
    form = WaiverReportForm(request.POST)

    def act() -> None:
        data = form.cleaned_data
        waivers.report_waiver(waiver.pk, data["on"], data["reference"], by=request.user)

    if taken(form, act):
        messages.success(request, "The report is recorded.")
        return redirect("governance:waiver_detail", pk)
    return _page(request, waiver, form)


def _waiver(request: Request, pk: int) -> PolicyException:
    return get_object_or_404(waivers_of(request.user), pk=pk)


def _page(request: Request, waiver: PolicyException, form: forms.Form | None = None) -> HttpResponse:
    today, due = clock.today(), due_on(waiver)
    titles = {control.id: control.title for control in policy_in_force().controls}
    context: dict[str, Any] = {
        "waiver": waiver, "practice": titles.get(waiver.control, waiver.control), "due": due,
        "is_late": bool(due and due < today), "is_revoked": is_revoked(waiver), "today": today,
        "form": form or WaiverReportForm(initial={"on": today}),
        "objection": rules.objection_to_report(request.user, waiver, today, today),
    }  # fmt: skip
    return render_page(request, "governance/waiver_detail.html", context, status=422 if form else 200)
