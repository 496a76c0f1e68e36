"""Definitions of KPIs and measures: who reads them, and how the office publishes its own."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from caio_portal.accounts.access import policy
from caio_portal.common.errors import Invalid, require
from caio_portal.common.exports import table_response
from caio_portal.common.http import Request
from caio_portal.common.pages import form_page, render_page
from kpis import access, catalogue, rules, words
from kpis.catalogue import MAIN, PERSPECTIVES, Kpi, Term
from kpis.defining import PARTS, is_own
from kpis.forms import ReasonForm
from kpis.forms.definitions import DefinitionForm, MeasureForm, PublishForm, StartForm
from kpis.selectors import definitions as selectors
from kpis.selectors.versions import versions
from kpis.services import definitions as services
from kpis.services.trying import try_kpi
from kpis.tables import DefinitionTable, MeasureTable
from kpis.views.targets import BOTH

SHIPPED = "shipped"  # a draft that begins with what ships
_NOT_DRAFT = ("csrfmiddlewaretoken", "step", "reason", "version")


@policy(*rules.VIEWERS)
def definition_list(request: Request) -> HttpResponseBase:
    """Every KPI with how it is counted; those that are retired only for who asks for them."""
    rows = selectors.definition_rows()
    if "state" not in request.GET:
        rows = [row for row in rows if not row.is_retired]
    table = DefinitionTable(request.GET, rows, path=request.path)
    if table.file_format:
        return table_response(table)
    context = {"table": table, "objection": rules.objection_to_define(request.user)}
    return render_page(request, "kpis/definitions.html", context, partials=["definitions"])


@policy(*rules.VIEWERS)
def definition_detail(request: Request, key: str) -> HttpResponse:
    """One definition, its versions, and what ships instead of it."""
    kpi = access.kpi_or_404(key)
    newest, measures = selectors.newest_of(key), catalogue.current().measures
    context = {
        "kpi": kpi, "is_own": is_own(kpi), "newest": newest, "retired": newest if newest and newest.retired else None,
        "upgraded": selectors.upgraded_since(newest), "differs": selectors.differs_from_shipped(kpi),
        "perspective": PERSPECTIVES[kpi.perspective], "owner": selectors.owner_words(kpi),
        "formula": f"{selectors.FORMULAS[kpi.formula]}: {selectors.EXPLAINED[kpi.formula]}",
        "uom": selectors.UOMS[kpi.uom], "main": MAIN,
        "bounds": f"{words.target(kpi, kpi.bands)}; worth a watch within {kpi.tolerance.normalize():f}",
        "terms": [(term, measures.get(term.measure), _adds(term)) for term in kpi.terms], "versions": versions(key),
        "objection": rules.objection_to_define(request.user),
        "retire_objection": rules.objection_to_retire(request.user, kpi),
    }  # fmt: skip
    return render_page(request, "kpis/definition.html", context)


@policy(*rules.KEEPERS, methods=BOTH)
def edit_definition(request: Request, key: str) -> HttpResponse:
    """Draft the next version of a definition, try it, publish it."""
    kpi = access.kpi_or_404(key)
    start = request.POST.get("start", "") or request.GET.get("start", "")
    base = catalogue.shipped().by_key.get(key, kpi) if start == SHIPPED else kpi
    return _define(request, base, kpi, start)


@policy(*rules.KEEPERS, methods=BOTH)
def add_definition(request: Request) -> HttpResponse:
    """A KPI of the office's own, begun with a copy of another one."""
    start = request.POST.get("start", "") or request.GET.get("copy", "")
    if not start:
        require(rules.objection_to_define(request.user))
        return render_page(request, "kpis/definition_start.html", {"form": StartForm()})
    base = access.kpi_or_404(start)
    if base.source != "observations":
        raise Http404("What is counted from records cannot be copied.")
    return _define(request, base.model_copy(update={"error_budget": False}), None, start)


@policy(*rules.KEEPERS, methods=BOTH)
def retire_definition(request: Request, key: str) -> HttpResponse:
    """Take a KPI off the scorecard; its history stays."""
    kpi = access.kpi_or_404(key)
    require(rules.objection_to_retire(request.user, kpi))
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        services.retire_kpi(key, form.cleaned_data["reason"], by=request.user)
        messages.success(request, f"{kpi.name} is retired. Its history stays.")
        return redirect("kpis:definition_detail", key)
    lede = (
        "From now on it is neither computed nor on the scorecard. What it was stays to be read, and it can come back."
    )
    return form_page(request, form, f"Retire: {kpi.name}", "Retire it", _crumbs_of(kpi, "Retire"), lede=lede)


@policy(*rules.VIEWERS)
def measure_list(request: Request) -> HttpResponseBase:
    """Every measure: what files may bring."""
    table = MeasureTable(request.GET, selectors.measure_rows(), path=request.path)
    if table.file_format:
        return table_response(table)
    context = {"table": table, "objection": rules.objection_to_define(request.user)}
    return render_page(request, "kpis/measures.html", context, partials=["measures"])


@policy(*rules.KEEPERS, methods=BOTH)
def add_measure(request: Request) -> HttpResponse:
    return _measure_page(request, "", "Add a measure")


@policy(*rules.KEEPERS, methods=BOTH)
def edit_measure(request: Request, key: str) -> HttpResponse:
    """Say in other words what a measure of the office's own is."""
    if key not in catalogue.current().measures or key in catalogue.shipped().measures:
        raise Http404("There is no such measure of our own.")
    return _measure_page(request, key, f"Measure: {catalogue.current().measures[key].name}")


def _define(request: Request, base: Kpi, before: Kpi | None, start: str) -> HttpResponse:
    """The form; once it is right, the trial; with a reason, the next version."""
    require(rules.objection_to_define(request.user))
    is_sent, step = request.method == "POST", request.POST.get("step", "")
    form = DefinitionForm(request.POST if is_sent else None, base=base, before=before, start=start)
    if not is_sent or step == "edit" or not form.is_valid():
        return _form_page(request, form, before)
    reason, is_new = PublishForm(request.POST if step == "publish" else None), _published_meanwhile(request, before)
    if step == "publish" and not is_new and reason.is_valid():
        try:
            row = services.publish_kpi(form.draft, reason.cleaned_data["reason"], by=request.user)
        except Invalid as invalid:
            form.add_error(invalid.field if invalid.field in form.fields else None, invalid.sentence)
            return _form_page(request, form, before)
        messages.success(request, f"Version {row.number} of {row} is in force.")
        return redirect("kpis:definition_detail", row.key)
    return _trial_page(request, form, before, reason, is_new=is_new)


def _published_meanwhile(request: Request, before: Kpi | None) -> bool:
    """Whether another version is in force than when the draft was begun."""
    return before is not None and request.POST.get("version", "") != str(before.version)


def _form_page(request: Request, form: DefinitionForm, before: Kpi | None) -> HttpResponse:
    name = before.name if before else "A KPI of our own"
    context = {
        "form": form, "kpi": before, "title": f"Define: {name}", "is_fed": form.terms is not None,
        "crumbs": _crumbs_of(before, "Define") if before else [*_crumbs(), "New"],
        "reason": request.POST.get("reason", ""), "measures": form.hints,
    }  # fmt: skip
    return render_page(request, "kpis/definition_form.html", context, status=422 if form.errors else 200)


def _trial_page(
    request: Request, form: DefinitionForm, before: Kpi | None, reason: PublishForm, *, is_new: bool
) -> HttpResponse:
    trial = try_kpi(form.draft, before)
    kept = [(name, text) for name, texts in request.POST.lists() for text in texts if name not in _NOT_DRAFT]
    if reason.data == {} and request.POST.get("reason"):
        reason = PublishForm(initial={"reason": request.POST["reason"]})
    context = {
        "trial": trial, "kpi": form.draft, "kept": kept, "form": reason, "is_new": is_new,
        "version": before.version if before else "", "newest": selectors.newest_of(form.draft.key) if is_new else None,
        "crumbs": _crumbs_of(before, "Try") if before else [*_crumbs(), "Try"],
    }  # fmt: skip
    return render_page(request, "kpis/definition_trial.html", context, status=422 if is_new or reason.errors else 200)


def _measure_page(request: Request, key: str, title: str) -> HttpResponse:
    require(rules.objection_to_define(request.user))
    known = catalogue.current().measures.get(key)
    form = MeasureForm(request.POST if request.method == "POST" else None, measure=known)
    if request.method == "POST" and form.is_valid():
        told: dict[str, Any] = {"key": key, **(known.model_dump(include={"uom", "counts"}) if known else {})}
        try:
            row = services.publish_measure(**(told | form.cleaned_data), by=request.user)
        except Invalid as invalid:
            form.add_error(invalid.field if invalid.field in form.fields else None, invalid.sentence)
        else:
            messages.success(request, f"{row} is a measure: files may bring it.")
            return redirect("kpis:measure_list")
    crumbs = [*_crumbs(), "Measures", reverse("kpis:measure_list"), known.name if known else "New"]
    lede = "What it is measured in, and how it counts, stay for ever: figures that came would mean something else."
    return form_page(request, form, title, "Publish", crumbs, lede=lede)


def _adds(term: Term) -> str:
    """numerator / denominator: what a measure adds to the sums, in words."""
    parts = [f"its {PARTS[part]} to the {PARTS[side]}" for side, part in (("num", term.num), ("den", term.den)) if part]
    return " and ".join(parts or ["nothing to the value"]) + (", and counts in the sample" if term.n else "")


def _crumbs() -> list[str]:
    return ["KPIs", reverse("kpis:scorecard"), "Definitions", reverse("kpis:definition_list")]


def _crumbs_of(kpi: Kpi, here: str) -> list[str]:
    return [*_crumbs(), kpi.name, reverse("kpis:definition_detail", args=[kpi.key]), here]
