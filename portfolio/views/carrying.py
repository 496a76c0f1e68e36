"""A use case is carried to the questions in force: what they ask otherwise of it, and the button that takes them."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.models import User
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from portfolio import access, rules, services
from portfolio.intake.differences import between, for_facts
from portfolio.intake.pages import carry_over_url
from portfolio.intake.versions import asked_of, current
from portfolio.models import UseCase

TAKEN_OVER = "The questions in force are asked from now on. Your answers are kept."


@policy(ANYONE, methods=("GET", "POST"))
def carry_over(request: Request, ref: str) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    if request.method == "POST":
        services.carry_over(use_case.pk, by=request.user)
        messages.success(request, TAKEN_OVER)
        return redirect("portfolio:intake_resume", use_case.ref)
    back = reverse("portfolio:intake_resume", args=[use_case.ref])
    return render_page(request, "portfolio/carry_over.html", carry_over_context(use_case, request.user, back))


def carry_over_context(use_case: UseCase, user: User, back: str) -> dict[str, Any]:
    """What differs between the version that a use case is asked and the one in force; BACK leads to its questions."""
    (before, old), (after, new) = asked_of(use_case), current()
    differences = between(old, new)
    return {
        "use_case": use_case,
        "before": before,
        "after": after,
        "differences": for_facts(differences, new, use_case.facts),
        "others": len(differences),
        "objection": rules.objection_to_edit(user, use_case),
        "action": carry_over_url(use_case),
        "back": back,
    }
