"""Pages about what follows a decision: conditions and approvals."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.roles import Role
from caio_portal.common.errors import require
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from governance.access.reviews import approval_or_404, condition_or_404
from governance.forms.reviews import MeetConditionForm, ReasonForm
from governance.forms.saving import taken
from governance.rules import approvals as rules
from governance.services.approvals import revoke_approval as revoke
from governance.services.conditions import meet_with_new_evidence


@policy(ANYONE, methods=("GET", "POST"))
@require_http_methods(["GET", "POST"])
def meet_condition(request: Request, pk: int) -> HttpResponse:
    """Record the evidence that meets a condition."""
    condition = condition_or_404(request.user, pk)
    require(rules.objection_to_meet(request.user, condition))
    form = MeetConditionForm(request.POST or None, request.FILES or None)

    def act() -> None:
        meet_with_new_evidence(condition.pk, by=request.user, **form.cleaned_data)

    if request.method == "POST" and taken(form, act):
        messages.success(request, "The condition is met.")
        return redirect(condition.decision.review)
    context = {"condition": condition, "review": condition.decision.review, "form": form}
    return render_page(request, "governance/condition.html", context, status=422 if form.errors else 200)


@policy(Role.CAIO, Role.CAIO_OFFICE, methods=("POST",))
@require_POST
def revoke_approval(request: Request, pk: int) -> HttpResponse:
    approval = approval_or_404(request.user, pk)
    form = ReasonForm(request.POST)
    if taken(form, lambda: revoke(approval.pk, form.cleaned_data["reason"], by=request.user)):
        messages.success(request, "The approval is taken back.")
    else:
        messages.error(request, "Say why the approval is taken back.")
    return redirect(approval.decision.review)
