"""The list of use cases, and the views that people keep of it."""

from typing import cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.exports import table_response
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from portfolio import access, rules, services
from portfolio.forms import SaveViewForm
from portfolio.layouts import arrange
from portfolio.tables import asked_for


@policy(ANYONE)
@require_GET
def use_case_list(request: Request) -> HttpResponse:
    table = asked_for(request.GET, request.user, path=request.path)
    if table.file_format:
        return cast(HttpResponse, table_response(table))
    if table.asks_for_counts:
        return render(request, "components/counts.html", {"table": table})
    context = {
        "table": table,
        "may_register": roles_of(request.user).has(*rules.REGISTRANTS),
        **arrange(table),
    }
    return render_page(request, "portfolio/use_case_list.html", context, partials=["use-cases"])


@policy(ANYONE, methods=("POST",))
@require_POST
def save_view(request: Request) -> HttpResponse:
    """Keep a search under a name; the list then shows it."""
    form = SaveViewForm(request.POST)
    path = reverse("portfolio:use_case_list")
    if not form.is_valid():
        messages.error(request, "The view needs a name of at most 80 characters.")
        return redirect(path)
    view = services.save_view(**form.cleaned_data, by=request.user)
    messages.success(request, f"The view “{view.name}” is kept.")
    return redirect(f"{path}?{view.query}")


@policy(ANYONE, methods=("POST",))
@require_POST
def hide_view(request: Request, pk: int) -> HttpResponse:
    view = access.saved_view_or_404(request.user, pk)
    services.hide_view(view)
    messages.success(request, f"The view “{view.name}” is gone.")
    return redirect("portfolio:use_case_list")
