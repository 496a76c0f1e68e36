"""Pages of AI systems, models, data sets and agents."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.errors import Invalid, require
from caio_portal.common.exports import table_response
from caio_portal.common.http import Request
from caio_portal.common.pages import form_page, render_page
from portfolio import rules, services
from portfolio.access import use_case_or_404
from portfolio.assets import access, selectors
from portfolio.assets.forms import FORMS, LinkForm
from portfolio.assets.kinds import KINDS, Kind
from portfolio.assets.tables import TABLES
from portfolio.forms import ReasonForm
from portfolio.services.assets import figures


@policy(ANYONE)
def asset_list(request: Request, kind: str) -> HttpResponse:
    found = access.kind_or_404(kind)
    table = TABLES[kind](request.GET, request.user, path=request.path)
    if table.file_format:
        return cast(HttpResponse, table_response(table))
    context = {
        "kind": found,
        "kinds": KINDS.values(),
        "table": table,
        "may_add": roles_of(request.user).has(*rules.ASSET_KEEPERS),
    }
    return render_page(request, "portfolio/asset_list.html", context, partials=["assets"])


@policy(ANYONE)
def asset_detail(request: Request, kind: str, pk: int) -> HttpResponse:
    """What it is, what it serves, what belongs to it, and all that happened to it."""
    found = access.kind_or_404(kind)
    asset = access.asset_or_404(request.user, found, pk)
    context = {
        "kind": found,
        "asset": asset,
        "page": selectors.asset_page(found, asset, request.user),
        "objection": rules.objection_to_keep_asset(request.user, asset),
    }
    return render_page(request, "portfolio/asset_detail.html", context)


@policy(*rules.ASSET_KEEPERS, methods=("GET", "POST"))
def new_asset(request: Request, kind: str) -> HttpResponse:
    return _edit(request, access.kind_or_404(kind), None)


@policy(*rules.ASSET_KEEPERS, methods=("GET", "POST"))
def edit_asset(request: Request, kind: str, pk: int) -> HttpResponse:
    found = access.kind_or_404(kind)
    asset = access.asset_or_404(request.user, found, pk)
    require(rules.objection_to_keep_asset(request.user, asset))
    return _edit(request, found, asset)


@policy(*rules.ASSET_KEEPERS, methods=("GET", "POST"))
def retire_asset(request: Request, kind: str, pk: int) -> HttpResponse:
    found = access.kind_or_404(kind)
    asset = access.asset_or_404(request.user, found, pk)
    require(rules.objection_to_keep_asset(request.user, asset))
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        services.retire_asset(asset, by=request.user, **form.cleaned_data)
        messages.success(request, f"{asset} is retired.")
        return redirect(asset)
    lede = "It leaves the list and can be linked no more; what it has served stays on record."
    crumbs = [*_crumbs(found), str(asset), asset.get_absolute_url(), "Retire"]
    return form_page(request, form, f"Retire {asset}", "Retire", crumbs, lede=lede)


@policy(ANYONE, methods=("POST",))
def link_asset(request: Request, ref: str, kind: str) -> HttpResponse:
    """An asset serves this use case from now on."""
    use_case, found = use_case_or_404(request.user, ref), access.kind_or_404(kind)
    form = LinkForm(request.POST, kind=found, user=request.user)
    if form.is_valid():
        services.link_asset(
            found, form.cleaned_data["asset"], use_case.pk, by=request.user, role=form.cleaned_data["role"]
        )
        messages.success(request, f"{form.cleaned_data['asset']} is linked.")
    else:
        require(rules.objection_to_edit(request.user, use_case))
        messages.error(request, f"Choose {found.article} {found.noun[0]} and what it does.")
    return redirect("portfolio:use_case_tab", use_case.ref, "assets")


@policy(ANYONE, methods=("POST",))
def unlink_asset(request: Request, ref: str, kind: str, pk: int) -> HttpResponse:
    use_case, found = use_case_or_404(request.user, ref), access.kind_or_404(kind)
    asset = access.asset_or_404(request.user, found, pk)
    services.unlink_asset(found, asset, use_case.pk, by=request.user)
    messages.success(request, f"{asset} serves it no more.")
    return redirect("portfolio:use_case_tab", use_case.ref, "assets")


def _edit(request: Request, kind: Kind, asset: Any | None) -> HttpResponse:
    before = figures(asset) if asset else None
    form = FORMS[kind.key](request.POST or None, instance=asset, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.save_asset(form.save(commit=False), form.links, by=request.user, before=before)
        except Invalid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(request, f"{saved} is saved.")
            return redirect(saved)
    if asset is None:
        return form_page(request, form, f"New {kind.noun[0]}", "Save", [*_crumbs(kind), "New"], lede=kind.lede)
    asset.refresh_from_db()  # the form has written into it
    crumbs = [*_crumbs(kind), str(asset), asset.get_absolute_url(), "Edit"]
    return form_page(request, form, f"Edit {asset}", "Save", crumbs)


def _crumbs(kind: Kind) -> list[str]:
    return [kind.label, reverse("portfolio:asset_list", args=[kind.key])]
