"""Remarks at answers."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.common.errors import Invalid, require
from caio_portal.common.http import Request
from portfolio import access, rules, services
from portfolio.forms import RemarkForm
from portfolio.models import UseCase
from portfolio.views.dossier import facts_page


@policy(ANYONE, methods=("POST",))
def make_remark(request: Request, ref: str) -> HttpResponse:
    """Refused, the remark comes back open at its answer."""
    use_case = access.use_case_or_404(request.user, ref)
    require(rules.objection_to_remark(request.user, use_case))
    form = RemarkForm(request.POST)
    if form.is_valid():
        try:
            remark = services.make_remark(use_case.pk, by=request.user, **form.cleaned_data)
        except Invalid as refusal:
            form.add_error(refusal.field, refusal.sentence)
        else:
            messages.success(request, "The remark is made; the team has been told.")
            return redirect(_at(use_case, remark.fact))
    return facts_page(request, use_case, form, status=422)


@policy(ANYONE, methods=("POST",))
def settle_remark(request: Request, ref: str, pk: int) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    remark = services.settle_remark(access.remark_or_404(use_case, pk).pk, by=request.user)
    messages.success(request, "The remark is settled.")
    return redirect(_at(use_case, remark.fact))


def _at(use_case: UseCase, fact: str) -> str:
    return f"{reverse('portfolio:use_case_tab', args=[use_case.ref, 'facts'])}#remarks-{fact}"
