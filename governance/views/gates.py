"""Asking for the approval that a gate wants."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from governance.forms.reviews import ReasonForm
from governance.forms.saving import taken
from governance.models import Review
from governance.rules.gates import objection_to_ask
from governance.services import gates
from portfolio.access import use_case_or_404
from portfolio.stages import Stage


@policy(ANYONE, methods=("GET", "POST"))
@require_http_methods(["GET", "POST"])
def ask_at_gate(request: Request, ref: str, stage: str) -> HttpResponse:
    """One question: what has changed, and why it is ready."""
    use_case = use_case_or_404(request.user, ref)
    if stage not in Stage.values:
        raise Http404
    to, form, opened = Stage(stage), ReasonForm(request.POST or None), list[Review]()

    def act() -> None:
        opened.append(gates.ask_at_gate(use_case.pk, to, form.cleaned_data["reason"], by=request.user))

    if request.method == "POST" and taken(form, act):
        messages.success(request, f"{opened[0].ref} is open.")
        return redirect(opened[0])
    context = {
        "use_case": use_case, "form": form, "stage": to, "objection": objection_to_ask(request.user, use_case, to),
    }  # fmt: skip
    return render_page(request, "governance/ask_at_gate.html", context, status=422 if form.errors else 200)
