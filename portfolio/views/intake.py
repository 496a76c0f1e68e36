"""Registering a use case and answering the questionnaire, page by page, saved at each answer."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.errors import Invalid
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from portfolio import access, ports, rules, selectors, services
from portfolio.forms import NewUseCaseForm
from portfolio.intake import lowering
from portfolio.intake.forms import SectionForm
from portfolio.intake.pages import (
    answers_in_words,
    answers_of_others,
    missing_by_section,
    outlook,
    section_page,
    section_url,
    steps,
)
from portfolio.intake.questionnaire import Questionnaire, Section
from portfolio.intake.versions import current
from portfolio.models import UseCase
from portfolio.stages import Stage

_TWIN = 0.6  # from so alike on (0 to 1), somebody has to say why theirs is another use case
_TOO_SHORT = 4  # letters of a title that say nothing yet


@policy(*rules.REGISTRANTS, methods=("GET", "POST"))
@require_http_methods(["GET", "POST"])
def intake_new(request: Request) -> HttpResponse:
    """Title, unit, and whether somebody has it already."""
    form = NewUseCaseForm(request.POST or None, units=_units_of(request.user))
    similar = _similar(request.user, form["title"].value() or "")
    form.twin = next((found for found in similar if found.likeness >= _TWIN), None)  # type: ignore[attr-defined]
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        use_case = services.register_use_case(
            fields["title"],
            fields["unit"].pk,
            by=request.user,
            stage=Stage(fields["stage"]),
            confidential=fields["confidential"],
            separate_because=fields["separate_because"],
        )
        return redirect("portfolio:intake_resume", use_case.ref)
    context = {"form": form, "similar": similar}
    return render_page(request, "portfolio/intake_new.html", context, status=422 if form.errors else 200)


@policy(*rules.REGISTRANTS)
@require_GET
def similar_use_cases(request: Request) -> HttpResponse:
    """Those that look like the title that is being typed."""
    form = NewUseCaseForm(initial=request.GET.dict(), units=frozenset())
    context = {"similar": _similar(request.user, request.GET.get("title", "")), "form": form}
    return render(request, "portfolio/_similar.html", context)


@policy(ANYONE)
@require_GET
def intake_resume(request: Request, ref: str) -> HttpResponse:
    """Go on where something is still open."""
    use_case = access.use_case_or_404(request.user, ref)
    _, questionnaire = current()
    missing = questionnaire.missing(use_case.facts)
    if missing:
        return redirect(section_url(use_case, missing[0][0]))
    return redirect("portfolio:intake_check", use_case.ref)


@policy(ANYONE, methods=("GET", "POST"))
@require_http_methods(["GET", "POST"])
def intake_section(request: Request, ref: str, section: str) -> HttpResponse:
    """The questions of one section; htmx posts it at each change, the button posts it and goes on."""
    use_case = access.use_case_or_404(request.user, ref)
    _, questionnaire = current()
    page_of = questionnaire.section(section)
    if page_of is None:
        raise Http404
    if request.method == "POST":
        return _answer(request, use_case, questionnaire, page_of)
    return _section(request, use_case, questionnaire, page_of)


@policy(ANYONE)
@require_GET
def intake_check(request: Request, ref: str) -> HttpResponse:
    """Everything once more, what is missing, and the button that submits."""
    use_case = access.use_case_or_404(request.user, ref)
    _, questionnaire = current()
    missing = questionnaire.missing(use_case.facts)
    context = {
        "use_case": use_case,
        "steps": steps(use_case, questionnaire, "check"),
        "outlook": outlook(use_case, questionnaire),
        "missing": missing,
        "missing_by_section": missing_by_section(use_case, questionnaire),
        "answers": answers_in_words(use_case, questionnaire),
        "objection": rules.objection_to_submit(request.user, use_case, len(missing)),
        "submissions": use_case.submissions.order_by("-number")[:1],
    }
    return render_page(request, "portfolio/intake_check.html", context)


@policy(ANYONE)
@require_GET
def what_would_lower(request: Request, ref: str) -> HttpResponse:
    """Which answers make the difference; asked for, because it tries many."""
    use_case = access.use_case_or_404(request.user, ref)
    _, questionnaire = current()
    levers = lowering.what_would_lower(use_case.facts, questionnaire, ports.looks_ahead())
    context = {"use_case": use_case, "levers": levers}
    return render_page(request, "portfolio/what_would_lower.html", context, partials=["lower"])


@policy(ANYONE, methods=("POST",))
@require_POST
def submit_use_case(request: Request, ref: str) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    services.submit_use_case(use_case.pk, by=request.user)
    messages.success(request, f"{use_case.ref} is submitted. You will be told when it moves on.")
    return redirect(use_case)


def _answer(request: Request, use_case: UseCase, questionnaire: Questionnaire, section: Section) -> HttpResponse:
    form = SectionForm(section, use_case.facts, request.POST)
    answers = _answers(request, section, form)
    insist = request.POST.getlist("mine")
    try:
        answered = services.answer_questions(use_case.pk, answers, by=request.user, seen=form.seen(), insist=insist)
    except Invalid as refusal:
        form.add_error(None, refusal.sentence)
        return _section(request, use_case, questionnaire, section, form, status=422)
    use_case.facts, use_case.tier = answered.use_case.facts, answered.use_case.tier
    for clash in answered.clashes:
        form.add_error(clash.fact, f"{clash.by or 'Somebody else'} answered this meanwhile. Yours is not saved yet.")
    if request.htmx:
        return _saved(request, use_case, questionnaire, section, form, answered.clashes)
    if form.errors:
        return _section(request, use_case, questionnaire, section, form, answered.clashes, status=422)
    return redirect(_onwards(request, use_case, questionnaire, section, form))


def _answers(request: Request, section: Section, form: SectionForm) -> dict[str, Any]:
    """What is to be written: not what this person gives up for what somebody else answered."""
    answers = form.answers()
    if "rest" in request.POST:
        answers |= section.rest_of({**form.facts, **answers})
    given_up = request.POST.getlist("theirs")
    return {name: value for name, value in answers.items() if name not in given_up}


def _onwards(
    request: Request, use_case: UseCase, questionnaire: Questionnaire, section: Section, form: SectionForm
) -> str:
    """Where to go after a page of answers: on, unless one of them wants another look here."""
    here = section_url(use_case, section)
    chosen = [*request.POST.getlist("mine"), *request.POST.getlist("theirs")]
    if chosen:
        return f"{here}#question-{chosen[0]}"
    new = [q for q in section.shown(use_case.facts) if q.fact not in form.asked() and not q.is_answered(use_case.facts)]
    if new:
        messages.info(request, f"Your answers bring up {len(new)} more question{'s' if len(new) > 1 else ''} here.")
        return f"{here}#question-{new[0].fact}"
    return section_page(use_case, questionnaire, section).next_url


def _section(
    request: Request,
    use_case: UseCase,
    questionnaire: Questionnaire,
    section: Section,
    form: SectionForm | None = None,
    clashes: Sequence[services.Clash] = (),
    status: int = 200,
) -> HttpResponse:
    others = answers_of_others(use_case, request.user)
    page = section_page(use_case, questionnaire, section, form, clashes=clashes, others=others)
    context = {"page": page, "use_case": use_case, "objection": rules.objection_to_edit(request.user, use_case)}
    if request.htmx and form is not None and form.non_field_errors():
        response = render(request, "components/refusal.html", {"sentence": form.non_field_errors()[0]}, status=status)
        response["HX-Retarget"], response["HX-Reswap"] = "#toasts", "beforeend"
        return response
    return render_page(request, "portfolio/intake_section.html", context, status=status)


def _saved(
    request: Request,
    use_case: UseCase,
    questionnaire: Questionnaire,
    section: Section,
    form: SectionForm,
    clashes: Sequence[services.Clash],
) -> HttpResponse:
    """The parts of the page that an answer changes; the question under the reader's hands is not among them."""
    others = answers_of_others(use_case, request.user)
    page = section_page(use_case, questionnaire, section, form, clashes=clashes, others=others)
    behind = form.behind(use_case.facts)
    changed = {
        asked.question.fact
        for asked in page.asked
        if asked.is_shown != (asked.question.fact in form.asked()) or asked.question.fact in behind
    }
    fresh = section_page(use_case, questionnaire, section, others=others)
    shown_afresh = [asked for asked in fresh.asked if asked.question.fact in changed]
    kept = [asked for asked in page.asked if asked.is_shown and asked.question.fact not in changed]
    context = {"page": page, "use_case": use_case, "kept": kept, "changed": shown_afresh, "with_errors": form.errors}
    return render(request, "portfolio/_saved.html", context)


def _similar(user: User, title: str) -> list[UseCase]:
    return selectors.similar_to(title[:300], user) if len(title.strip()) >= _TOO_SHORT else []


def _units_of(user: User) -> frozenset[int]:
    """The units in which somebody may register."""
    return roles_of(user).unit_ids(*rules.REGISTRANTS)
