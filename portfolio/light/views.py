"""Pages of the light lane: what is declared, the form that takes a minute, and what is put in order."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.models import OrgUnit
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from caio_portal.common.exports import csv_response, table_response
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from portfolio import rules, services
from portfolio.light import access, tables
from portfolio.light.catalogue import catalogue, settle_by, title_of
from portfolio.light.forms import DeclareForm, FiguresForm, RunningForm
from portfolio.models import CommonUse
from portfolio.stages import Stage


@policy(ANYONE)
def common_use_list(request: Request) -> HttpResponseBase:
    """Which common uses are declared in the units of this person."""
    table = tables.CommonUseTable(
        request.GET, access.common_uses_of(request.user).filter(ended_at=None), path=request.path
    )
    if table.file_format:
        return table_response(table)
    context = {"table": table, "today": clock.today(), "may_declare": roles_of(request.user).has(*rules.REGISTRANTS)}
    return render_page(request, "portfolio/common_use_list.html", context, partials=["common-uses"])


@policy(ANYONE)
def export_common_uses(request: Request) -> HttpResponseBase:
    """OMB's consolidated list: every use of it for each organisation that this person reads."""
    units = roles_of(request.user).unit_ids(*Role)
    known = OrgUnit.objects.filter(pk__in=units).order_by("path")
    agencies = [unit for unit in known if unit.parent_id not in units]
    declared = list(access.common_uses_of(request.user).filter(ended_at=None))
    rows = [row for agency in agencies for row in tables.consolidated(agency, declared)]
    return csv_response(f"common uses {timezone.localdate(clock.now())}", tables.OMB_HEADS, rows)


@policy(*rules.REGISTRANTS, methods=("GET", "POST"))
def declare_common_use(request: Request) -> HttpResponse:
    """One page, one minute."""
    initial = {name: request.GET.get(name) for name in ("use", "tool") if name in request.GET}
    form = DeclareForm(request.POST or None, user=request.user, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            common_use = services.declare_common_use(by=request.user, **form.declaration())
        except Invalid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(request, "Declared. Thank you: that was all." if common_use.tool else "Thank you.")
            return redirect(common_use)
    context = {"form": form, "catalogue": catalogue()}
    return render_page(request, "portfolio/common_use_declare.html", context, status=422 if form.errors else 200)


@policy(ANYONE)
def common_use_detail(request: Request, pk: int) -> HttpResponse:
    """What was declared; for a product that nobody approved, the way out."""
    return _detail(request, access.common_use_or_404(request.user, pk))


@policy(ANYONE, methods=("POST",))
def change_common_use(request: Request, pk: int) -> HttpResponse:
    common_use = access.common_use_or_404(request.user, pk)
    require(rules.objection_to_change_common_use(request.user, common_use))
    form = FiguresForm(request.POST)
    if not form.is_valid():
        return _detail(request, common_use, form)
    services.change_common_use(common_use.pk, by=request.user, **form.cleaned_data)
    messages.success(request, "The figures are saved.")
    return redirect(common_use)


@policy(ANYONE, methods=("POST",))
def switch_common_use(request: Request, pk: int, tool: int) -> HttpResponse:
    """The unit uses an approved tool instead."""
    common_use = access.common_use_or_404(request.user, pk)
    chosen = access.tool_or_404(request.user, tool)
    common_use = services.switch_common_use(common_use.pk, chosen, by=request.user)
    messages.success(request, f"Declared with {chosen}. Nothing is left to do.")
    return redirect(common_use)


@policy(ANYONE, methods=("POST",))
def end_common_use(request: Request, pk: int) -> HttpResponse:
    common_use = services.end_common_use(access.common_use_or_404(request.user, pk).pk, by=request.user)
    messages.success(request, f"“{title_of(common_use.use)}” with {common_use.with_what} has ended.")
    return redirect("portfolio:common_use_list")


@policy(*rules.REGISTRANTS, methods=("GET", "POST"))
def report_running_use(request: Request) -> HttpResponse:
    """The lane without blame: what runs already is told in a minute, and gets time."""
    form = RunningForm(request.POST or None, user=request.user, initial={"title": request.GET.get("title", "")})
    if form.is_valid():
        data = form.cleaned_data
        use_case = services.report_running_use(
            data["title"], data["unit"].pk, by=request.user, stage=Stage(data["stage"]), facts=form.facts(),
            note=data["note"],
        )  # fmt: skip
        messages.success(request, f"Thank you for telling. {use_case.ref} may go on while it is put in order.")
        return redirect(f"{use_case.get_absolute_url()}#settle")
    context = {"form": form, "catalogue": catalogue(), "until": settle_by()}
    return render_page(request, "portfolio/report_running.html", context, status=422 if form.errors else 200)


def _detail(request: Request, common_use: CommonUse, form: FiguresForm | None = None) -> HttpResponse:
    known = {"users": common_use.users, "licences": common_use.licences}
    context: dict[str, Any] = {
        "common_use": common_use,
        "title": title_of(common_use.use),
        "form": form or FiguresForm(initial=known),
        "objection": rules.objection_to_change_common_use(request.user, common_use),
        "alternatives": [] if common_use.tool else access.tools_for(common_use.unit, common_use.use),
        "may_approve": rules.objection_to_approve_tools(request.user, common_use.unit) is None,
        "today": clock.today(),
    }
    return render_page(request, "portfolio/common_use_detail.html", context, status=422 if form else 200)
