"""Second looks at what was cleared automatically."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_http_methods

from caio_portal.accounts.access import policy
from caio_portal.common import clock
from caio_portal.common.errors import require
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from governance.forms.saving import taken
from governance.forms.second_looks import SecondLookForm
from governance.rules import second_looks as rules
from governance.selectors import second_looks as selectors
from governance.selectors.policies import policy_in_force, policy_of
from governance.services.second_looks import take_second_look
from portfolio.services import note_reading

SHOWN = 100


@policy(*rules.READERS)
@require_GET
def second_look_list(request: Request) -> HttpResponse:
    """What was drawn, what was made of it, and how often both agree."""
    looks = selectors.second_looks_of(request.user)
    context = {
        "looks": list(looks[:SHOWN]), "agreement": selectors.agreement(looks), "today": clock.today(),
        "percent": policy_in_force().rereview.second_look_percent,
    }  # fmt: skip
    return render_page(request, "governance/second_looks.html", context)


@policy(*rules.READERS, methods=("GET", "POST"))
@require_http_methods(["GET", "POST"])
def second_look_detail(request: Request, pk: int) -> HttpResponse:
    """The facts alone while nobody has looked; afterwards both tiers side by side."""
    look = get_object_or_404(selectors.second_looks_of(request.user), pk=pk)
    note_reading(look.decision.review.use_case, by=request.user)
    objection = rules.objection_to_look(request.user, look)
    tiers = [(tier.number, f"{tier.number} {tier.name}") for tier in policy_of(look.decision.review.policy).tiers]
    form = SecondLookForm(request.POST or None, tiers=tiers)
    if request.method == "POST":
        require(objection)
        if taken(form, lambda: take_second_look(look.pk, by=request.user, **form.cleaned_data)):
            messages.success(request, "Your second look is kept.")
            return redirect(look)
    context = {
        "look": look, "review": look.decision.review, "sections": list(selectors.facts_of(look)),
        "form": None if objection else form, "objection": objection if look.is_waiting else None,
    }  # fmt: skip
    return render_page(request, "governance/second_look.html", context, status=422 if form.errors else 200)
