"""The ranked list and the candidates for stopping, with the weights behind them."""

from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.common.exports import table_response
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from caio_portal.common.parts import Tab
from portfolio import rules, services
from portfolio.facts import CATALOGUE
from portfolio.models import UseCase, Weighing
from portfolio.priorities import scoring
from portfolio.priorities.forms import WeighingForm
from portfolio.priorities.tables import PriorityTable, StopTable


@policy(ANYONE)
def priority_list(request: Request) -> HttpResponse:
    """Every use case that is not retired, the best first."""
    weights = scoring.weighing()
    found = scoring.scored(UseCase.objects.active().visible_to(request.user), weights).defer("facts")
    table = PriorityTable(request.GET, found, path=request.path)
    if table.file_format:
        return cast(HttpResponse, table_response(table))
    return _page(request, "portfolio/priority_list.html", table, weights)


@policy(ANYONE)
def stop_list(request: Request) -> HttpResponse:
    """Those for which there is a reason to stop."""
    weights = scoring.weighing()
    found = scoring.to_stop(UseCase.objects.active().visible_to(request.user), weights).defer("facts")
    table = StopTable(request.GET, found, path=request.path)
    if table.file_format:
        return cast(HttpResponse, table_response(table))
    return _page(request, "portfolio/stop_list.html", table, weights)


@policy(*rules.OFFICE, methods=("GET", "POST"))
def weigh(request: Request) -> HttpResponse:
    weights = scoring.weighing()
    form = WeighingForm(request.POST or None, instance=weights)
    if form.is_valid():
        services.weigh(form.save(commit=False), by=request.user)
        messages.success(request, "The list is ranked by the new weights.")
        return redirect("portfolio:priority_list")
    context = {"form": form, "meanings": scoring.MEANINGS, "objection": rules.objection_to_weigh(request.user)}
    return render_page(request, "portfolio/weigh.html", context, status=422 if form.errors else 200)


def _page(request: Request, template: str, table: Any, weights: Weighing) -> HttpResponse:
    ranked, stop = reverse("portfolio:priority_list"), reverse("portfolio:stop_list")
    topics = CATALOGUE["topic_area"].choices
    context = {
        "table": table,
        "weights": weights,
        "shares": [
            (label, getattr(weights, key), round(100 * getattr(weights, key) / weights.total), meaning)
            for key, label, meaning in scoring.MEANINGS
        ],
        "topics": [topics.get(topic, topic) for topic in weights.topics],
        "tabs": [
            Tab("Ranked", ranked, request.path == ranked, None),
            Tab("Stop doing", stop, request.path == stop, None),
        ],
        "objection": rules.objection_to_weigh(request.user),
    }
    return render_page(request, template, context, partials=[table.id])
