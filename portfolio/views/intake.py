"""Registering a use case and answering the questionnaire, page by page, saved at each answer."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from portfolio import access, ports, rules, selectors, services
from portfolio.forms import NewUseCaseForm
from portfolio.intake import lowering
from portfolio.intake.pages import section_url
from portfolio.intake.versions import asked_of
from portfolio.models import UseCase
from portfolio.stages import Stage
from portfolio.views.answering import Answering, check_context

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
    may_read_questions = roles_of(request.user).has(*rules.OFFICE)
    context = {"form": form, "similar": similar, "may_read_questions": may_read_questions}
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
    _, questionnaire = asked_of(use_case)
    missing = questionnaire.missing(use_case.facts)
    if missing:
        return redirect(section_url(use_case, missing[0][0]))
    return redirect("portfolio:intake_check", use_case.ref)


@policy(ANYONE, methods=("GET", "POST"))
@require_http_methods(["GET", "POST"])
def intake_section(request: Request, ref: str, section: str) -> HttpResponse:
    """The questions of one section; htmx posts it at each change, the button posts it and goes on."""
    use_case = access.draft_or_404(request.user, ref)
    _, questionnaire = asked_of(use_case)
    page_of = questionnaire.section(section)
    if page_of is None:
        raise Http404
    return Answering(request, request.user, use_case, questionnaire, page_of).respond()


@policy(ANYONE)
@require_GET
def intake_check(request: Request, ref: str) -> HttpResponse:
    """Everything once more, what is missing, and the button that submits."""
    use_case = access.use_case_or_404(request.user, ref)
    _, questionnaire = asked_of(use_case)
    context = check_context(use_case, questionnaire, request.user)
    return render_page(request, "portfolio/intake_check.html", context)


@policy(ANYONE)
@require_GET
def what_would_lower(request: Request, ref: str) -> HttpResponse:
    """Which answers make the difference; asked for, because it tries many."""
    use_case = access.use_case_or_404(request.user, ref)
    _, questionnaire = asked_of(use_case)
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


def _similar(user: User, title: str) -> list[UseCase]:
    return selectors.similar_to(title[:300], user) if len(title.strip()) >= _TOO_SHORT else []


def _units_of(user: User) -> frozenset[int]:
    """The units in which somebody may register."""
    return roles_of(user).unit_ids(*rules.REGISTRANTS)
