"""Joining a use case of another unit."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.errors import Invalid
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from portfolio import access, ports, rules, services
from portfolio.forms import JoinForm, SettleBranchForm


@policy(*rules.REGISTRANTS, methods=("GET", "POST"))
def ask_to_join(request: Request, ref: str) -> HttpResponse:
    """What one would join, and for which unit and purpose."""
    use_case = access.use_case_or_404(request.user, ref)
    units = roles_of(request.user).unit_ids(*rules.REGISTRANTS) - {use_case.unit_id}
    form = JoinForm(request.POST or None, units=units)
    if form.is_valid():
        try:
            services.ask_to_join(
                use_case.pk, form.cleaned_data["unit"].pk, form.cleaned_data["purpose"], by=request.user
            )
        except Invalid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(request, f"Those who lead {use_case.ref} are asked. You will be told what they say.")
            return redirect(use_case)
    standing = [each for told in ports.standing.ask_all(use_case, request.user) for each in told]
    context = {"use_case": use_case, "form": form, "standing": standing, "may_ask": bool(units)}
    return render_page(request, "portfolio/ask_to_join.html", context, status=422 if form.errors else 200)


@policy(ANYONE, methods=("POST",))
def settle_branch(request: Request, ref: str, pk: int) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    branch, form = access.branch_or_404(use_case, pk), SettleBranchForm(request.POST)
    joins = "join" in request.POST
    try:
        conditions = form.cleaned_data["conditions"] if form.is_valid() else ""
        services.settle_branch(branch.pk, joins=joins, conditions=conditions, by=request.user)
    except Invalid as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"{branch.unit} {'takes part now' if joins else 'is told why not'}.")
    return redirect(f"{use_case.get_absolute_url()}#branches")


@policy(ANYONE, methods=("POST",))
def end_branch(request: Request, ref: str, pk: int) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    branch = services.end_branch(access.branch_or_404(use_case, pk).pk, by=request.user)
    messages.success(request, f"{branch.unit} takes no part any more.")
    return redirect(f"{use_case.get_absolute_url()}#branches")
