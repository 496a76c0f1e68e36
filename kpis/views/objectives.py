"""Objectives and key results: what is aimed at, where it stands, and what each quarter taught."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from caio_portal.accounts.access import policy
from caio_portal.accounts.selectors import roles_of, units_with_depth
from caio_portal.common.errors import Invalid, require
from caio_portal.common.http import Request
from caio_portal.common.pages import form_page, render_page
from kpis import access, rules
from kpis.forms.objectives import KeyResultForm, ObjectiveForm, ObjectiveReviewForm
from kpis.models import Objective
from kpis.selectors.objectives import Standing, standings
from kpis.services import objectives as services
from kpis.views.targets import BOTH


@policy(*rules.VIEWERS)
def objective_list(request: Request) -> HttpResponse:
    """Open objectives by the outcome of the enterprise that they serve; closed ones on request."""
    closed = "closed" in request.GET
    found = access.objectives_of(request.user).filter(closed_at__isnull=not closed).order_by("outcome", "period", "pk")
    by_outcome: dict[str, list[Standing]] = {}
    for standing in standings(found):
        by_outcome.setdefault(standing.objective.outcome, []).append(standing)
    context = {
        "outcomes": list(by_outcome.items()), "closed": closed,
        "is_keeper": roles_of(request.user).has(*rules.KEEPERS),
    }  # fmt: skip
    return render_page(request, "kpis/objectives.html", context)


@policy(*rules.VIEWERS)
def objective_detail(request: Request, pk: int) -> HttpResponse:
    """One objective with its key results and reviews."""
    objective = access.objective_or_404(request.user, pk)
    (standing,) = standings(Objective.objects.filter(pk=pk))
    context = {"standing": standing, "objection": rules.objection_to_objective(request.user, objective)}
    return render_page(request, "kpis/objective.html", context)


@policy(*rules.KEEPERS, methods=BOTH)
def add_objective(request: Request) -> HttpResponse:
    form = ObjectiveForm(request.POST or None, units=_units(request), initial={"owner": request.user.pk})
    if saved := _saved(request, form):
        return redirect(saved)
    return form_page(request, form, "Set an objective", "Set the objective", [*_crumbs(), "New"])


@policy(*rules.VIEWERS, methods=BOTH)
def edit_objective(request: Request, pk: int) -> HttpResponse:
    objective = _open(request, pk)
    units = [*_units(request), objective.unit]
    form = ObjectiveForm(request.POST or None, instance=objective, units=units)
    if saved := _saved(request, form):
        return redirect(saved)
    return form_page(request, form, "Edit the objective", "Save", _crumbs_of(objective, "Edit"))


@policy(*rules.VIEWERS, methods=BOTH)
def add_key_result(request: Request, pk: int) -> HttpResponse:
    objective = _open(request, pk)
    form = KeyResultForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_key_result(pk, by=request.user, **form.cleaned_data)
        except Invalid as invalid:
            form.add_error(invalid.field, invalid.sentence)
        else:
            return redirect(objective)
    lede = "A value that a KPI of the catalogue has today, and the one that it should have."
    return form_page(request, form, "Add a key result", "Add", _crumbs_of(objective, "Key result"), lede=lede)


@policy(*rules.VIEWERS, methods=BOTH)
def review_objective(request: Request, pk: int) -> HttpResponse:
    """Look back at a quarter."""
    objective = _open(request, pk)
    (standing,) = standings(Objective.objects.filter(pk=pk))
    form = ObjectiveReviewForm(request.POST if request.method == "POST" else None, results=standing.results)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            services.review_objective(
                pk, told["quarter"], told["text"], form.grades, by=request.user, close=told["close"]
            )
        except Invalid as invalid:
            form.add_error(invalid.field, invalid.sentence)
        else:
            messages.success(request, f"The review of {told['quarter']} is kept.")
            return redirect(objective)
    lede = "0.7 is a good grade for an objective that stretches; 1 was too easy."
    return form_page(request, form, "Review the quarter", "Keep the review", _crumbs_of(objective, "Review"), lede=lede)


def _open(request: Request, pk: int) -> Objective:
    objective = access.objective_or_404(request.user, pk)
    require(rules.objection_to_objective(request.user, objective))
    return objective


def _saved(request: Request, form: Any) -> Objective | None:
    """The objective, if the form was sent and is right."""
    if request.method != "POST" or not form.is_valid():
        return None
    objective = form.save(commit=False)
    if objection := rules.objection_to_objective(request.user, objective):
        form.add_error("unit", objection)
        return None
    return services.save_objective(objective, by=request.user)


def _units(request: Request) -> list[Any]:
    return units_with_depth(roles_of(request.user).unit_ids(*rules.KEEPERS))


def _crumbs() -> list[str]:
    return ["KPIs", reverse("kpis:scorecard"), "Objectives", reverse("kpis:objective_list")]


def _crumbs_of(objective: Objective, here: str) -> list[str]:
    title = Objective.objects.get(pk=objective.pk).title
    return [*_crumbs(), title, objective.get_absolute_url(), here]
