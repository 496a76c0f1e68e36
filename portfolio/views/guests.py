"""Links for people without an account: who makes them, and the pages that they open."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.cache import never_cache

from caio_portal.accounts.access import PUBLIC, policy
from caio_portal.common.errors import Invalid, NotAllowed
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from portfolio import access, ports, rules, services
from portfolio.forms import GuestStartForm, InviteForm
from portfolio.guest_tokens import address_of
from portfolio.intake.pages import check_url, section_url
from portfolio.intake.versions import asked_of
from portfolio.models import GuestLink, UseCase
from portfolio.stages import Stage
from portfolio.views.answering import Answering, check_context, remarks_of
from portfolio.views.carrying import TAKEN_OVER, carry_over_context

BASE = "portfolio/guest_base.html"


@policy(*rules.REGISTRANTS, methods=("GET", "POST"))
def guest_links(request: Request) -> HttpResponse:
    """The links of one's units, and the form for a new one."""
    form = InviteForm(request.POST or None, user=request.user)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.invite_guest(
                data["unit"].pk, data["email"], data["name"], by=request.user, days=data["days"], note=data["note"]
            )
        except Invalid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(request, f"The link is on its way to {data['email']}.")
            return redirect("portfolio:guest_links")
    links = [(link, request.build_absolute_uri(address_of(link))) for link in access.guest_links_of(request.user)]
    return render_page(
        request, "portfolio/guest_links.html", {"form": form, "links": links}, status=422 if form.errors else 200
    )


@policy(*rules.REGISTRANTS, methods=("POST",))
def revoke_guest_link(request: Request, pk: int) -> HttpResponse:
    link = services.revoke_guest_link(access.guest_link_or_404(request.user, pk).pk, by=request.user)
    messages.success(request, f"The link of {link.guest} opens nothing any more.")
    return redirect("portfolio:guest_links")


@policy(PUBLIC, methods=("GET", "POST"))
@never_cache
def guest_start(request: Request, token: str) -> HttpResponse:
    """The title first, then the questions; once submitted, where it stands."""
    link = _link(token)
    if link.is_over:
        return _over(request)
    if link.submitted_at and link.use_case:
        return _standing(request, link, link.use_case, token)
    if link.use_case:
        return redirect(_next_page(_with_token(link.use_case, token)))
    form = GuestStartForm(request.POST or None)
    if form.is_valid():
        use_case = services.begin_as_guest(link.pk, form.cleaned_data["title"], Stage(form.cleaned_data["stage"]))
        return redirect(_next_page(_with_token(use_case, token)))
    context = {"form": form, "link": link}
    return render_page(request, "portfolio/guest_start.html", context, status=422 if form.errors else 200)


@policy(PUBLIC, methods=("GET", "POST"))
@never_cache
def guest_section(request: Request, token: str, section: str) -> HttpResponse:
    """The questions of one section, as everybody answers them."""
    link, use_case = _begun(token)
    if objection := rules.objection_to_use_link(link):
        return _stopped(request, token, objection)
    _, questionnaire = asked_of(use_case)
    asked = questionnaire.section(section)
    if asked is None:
        raise Http404
    return Answering(request, link.guest, use_case, questionnaire, asked, base=BASE, link=link).respond()


@policy(PUBLIC, methods=("GET", "POST"))
@never_cache
def guest_carry_over(request: Request, token: str) -> HttpResponse:
    """What the questions in force ask otherwise, as everybody is told; posted, they are taken over."""
    link, use_case = _begun(token)
    if objection := rules.objection_to_use_link(link):
        return _stopped(request, token, objection)
    if request.method == "POST":
        services.carry_over_as_guest(link.pk)
        messages.success(request, TAKEN_OVER)
        return redirect("portfolio:guest_start", token)
    context = carry_over_context(use_case, link.guest, reverse("portfolio:guest_start", args=[token]))
    return render_page(request, "portfolio/carry_over.html", context | {"base": BASE})


@policy(PUBLIC, methods=("GET", "POST"))
@never_cache
def guest_check(request: Request, token: str) -> HttpResponse:
    """Everything once more; posted, it is submitted."""
    link, use_case = _begun(token)
    if objection := rules.objection_to_use_link(link):
        return _stopped(request, token, objection)
    if request.method == "POST":
        services.submit_as_guest(link.pk)
        messages.success(request, f"{use_case.ref} is submitted. Thank you.")
        return redirect("portfolio:guest_start", token)
    _, questionnaire = asked_of(use_case)
    context = check_context(use_case, questionnaire, link.guest) | {"base": BASE}
    return render_page(request, "portfolio/intake_check.html", context)


def _link(token: str) -> GuestLink:
    """What we did not sign does not exist."""
    return access.guest_link_by_token(token)


def _begun(token: str) -> tuple[GuestLink, UseCase]:
    link = _link(token)
    if link.use_case is None:
        raise Http404
    return link, _with_token(link.use_case, token)


def _with_token(use_case: UseCase, token: str) -> UseCase:
    """From now on its pages are those that the link opens."""
    use_case.guest_token = token
    return use_case


def _next_page(use_case: UseCase) -> str:
    _, questionnaire = asked_of(use_case)
    missing = questionnaire.missing(use_case.facts)
    return section_url(use_case, missing[0][0]) if missing else check_url(use_case)


def _stopped(request: Request, token: str, objection: str) -> HttpResponse:
    """Nothing is changed any more: whoever sent something reads why, others see where it stands."""
    if request.method == "POST":
        raise NotAllowed(objection)
    return redirect("portfolio:guest_start", token)


def _over(request: Request) -> HttpResponse:
    return render_page(request, "portfolio/guest_over.html", {"sentence": rules.OVER}, status=410)


def _standing(request: Request, link: GuestLink, use_case: UseCase, token: str) -> HttpResponse:
    found: list[Any] = [each for told in ports.standing.ask_all(use_case, link.guest) for each in told]
    where = ports.where_it_stands(use_case, link.guest)
    _with_token(use_case, token)
    context = {
        "link": link,
        "use_case": use_case,
        "standing": found,
        "whereabouts": where,
        "remarks": remarks_of(use_case, asked_of(use_case)[1]),
    }
    return render_page(request, "portfolio/guest_standing.html", context)
