"""Versions of the questionnaire: read, drafted, written, compared, published; and use cases carried to a newer one."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render

from caio_portal.accounts.access import policy
from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from caio_portal.common.toml_text import Mistake, Mistaken
from portfolio import rules, services
from portfolio.conditions import fact_names
from portfolio.facts import CATALOGUE, Fact
from portfolio.forms import PublishForm, SourceForm
from portfolio.intake.differences import between
from portfolio.intake.forms import SectionForm
from portfolio.intake.questionnaire import Question, Questionnaire
from portfolio.intake.trying import Trial
from portfolio.intake.versions import NAME, current, draft_of, source_of
from portfolio.models import QuestionnaireState, QuestionnaireVersion

READERS = (*rules.OFFICE, Role.AUDITOR)


@policy(*READERS)
def questionnaire_list(request: Request) -> HttpResponse:
    """Every version: the drafts, the one in force, those before it."""
    versions = QuestionnaireVersion.objects.filter(name=NAME).defer("document", "source").select_related("by")
    context = {
        "versions": versions.order_by("-pk"),
        "objection": rules.objection_to_write_questionnaires(request.user),
    }
    return render_page(request, "portfolio/questionnaire_list.html", context)


@policy(*READERS)
def questionnaire_schema(request: Request) -> JsonResponse:
    """What the file of a questionnaire may say, as JSON Schema: for those who write it in an editor of their own."""
    return JsonResponse(Questionnaire.model_json_schema(), json_dumps_params={"indent": 1})


@policy(*rules.OFFICE, methods=("POST",))
def draft_questionnaire(request: Request) -> HttpResponse:
    draft = services.draft_questionnaire(by=request.user)
    messages.success(request, f"The draft {draft.number} begins with the text that is in force.")
    return redirect("portfolio:write_questionnaire", draft.pk)


@policy(*READERS)
def questionnaire_detail(request: Request, pk: int) -> HttpResponse:
    """What a version asks, as people will see it, and what differs from the version in force."""
    return _detail(request, _version_or_404(pk))


@policy(*READERS, methods=("GET", "POST"))
def try_questionnaire(request: Request, pk: int) -> HttpResponse:
    """A version as a form that works: questions come and go, tier, controls and route follow; nothing is kept."""
    version = _version_or_404(pk)
    questionnaire = draft_of(version)
    with CATALOGUE.along(questionnaire.own_facts()):
        trial = Trial(questionnaire, request.POST if request.method == "POST" else None)
        if request.htmx:
            return render(request, "portfolio/_tried.html", {"trial": trial})
        return render_page(request, "portfolio/questionnaire_try.html", {"trial": trial, "version": version})


@policy(*rules.OFFICE, methods=("GET", "POST"))
def write_questionnaire(request: Request, pk: int) -> HttpResponse:
    """The text of a draft; refused, it comes back as it was typed, each mistake at its line."""
    version = _version_or_404(pk)
    require(rules.objection_to_write_questionnaires(request.user))
    known = {"source": source_of(version), "revision": version.revision}
    form = SourceForm(request.POST or None, initial=known)
    mistakes: list[Mistake] = []
    if form.is_valid():
        try:
            services.write_questionnaire(version.pk, by=request.user, **form.cleaned_data)
        except Mistaken as refusal:
            mistakes = refusal.mistakes
            form.add_error("source", f"{len(mistakes)} mistake{'s' if len(mistakes) > 1 else ''}: see beside.")
        except Invalid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(request, "The draft is saved.")
            return redirect(version)
    context = {
        "version": version,
        "form": form,
        "mistakes": mistakes,
        "facts": [*CATALOGUE.values(), *_still_drafted(version)],
    }
    return render_page(request, "portfolio/questionnaire_edit.html", context, status=422 if form.errors else 200)


@policy(*rules.OFFICE, methods=("POST",))
def publish_questionnaire(request: Request, pk: int) -> HttpResponse:
    """From a day on, which may be today."""
    version = _version_or_404(pk)
    form = PublishForm(request.POST)
    if form.is_valid():
        try:
            version = services.plan_questionnaire(version.pk, form.cleaned_data["begins_on"], by=request.user)
        except Invalid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            at_once = version.state == QuestionnaireState.PUBLISHED
            messages.success(request, "It is in force now." if at_once else "It is planned.")
            return redirect(version)
    return _detail(request, version, form)


def _detail(request: Request, version: QuestionnaireVersion, form: PublishForm | None = None) -> HttpResponse:
    shown = draft_of(version)
    with CATALOGUE.along(shown.own_facts()):  # a draft asks for facts that are none yet
        return _shown(request, version, shown, form)


def _shown(
    request: Request, version: QuestionnaireVersion, shown: Questionnaire, form: PublishForm | None
) -> HttpResponse:
    in_force, published = current()
    context = {
        "version": version,
        "in_force": in_force,
        "sections": _preview(shown),
        "own_facts": shown.own_facts().values(),
        "questions": sum(len(section.questions) for section in shown.sections),
        "differences": [] if version.pk == in_force.pk else between(published, shown),
        "form": form or PublishForm(initial={"begins_on": version.begins_on or clock.today()}),
        "objection": rules.objection_to_write_questionnaires(request.user),
        "is_draft": version.state == QuestionnaireState.DRAFT,
    }
    return render_page(request, "portfolio/questionnaire_detail.html", context, status=422 if form else 200)


def _still_drafted(version: QuestionnaireVersion) -> list[Fact]:
    return [fact for name, fact in draft_of(version).own_facts().items() if name not in CATALOGUE]


def _preview(questionnaire: Questionnaire) -> list[dict[str, Any]]:
    """Each section with its questions as they are asked, those too that are asked of some only."""
    return [
        {"section": section, "lines": [(q, form[q.fact], _depends_on(q)) for q in section.questions]}
        for section in questionnaire.sections
        for form in [SectionForm(section, {})]
    ]


def _depends_on(question: Question) -> str:
    names = sorted(fact_names(question.show_if)) if question.show_if else []
    return ", ".join(CATALOGUE[name].label.lower() for name in names)


def _version_or_404(pk: int) -> QuestionnaireVersion:
    return get_object_or_404(QuestionnaireVersion.objects.select_related("by"), name=NAME, pk=pk)
