"""Forms about the risks of a use case."""

from collections.abc import Callable

from django import forms
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.common.errors import require
from caio_portal.common.http import Request
from caio_portal.common.pages import form_page
from governance.access.controls import risk_or_404
from governance.forms.controls import AcceptanceForm, AssessmentForm, RiskForm
from governance.forms.saving import taken
from governance.rules import risks as rules
from governance.services import risks as services
from portfolio.access import use_case_or_404
from portfolio.models import UseCase

BOTH = ("GET", "POST")


@policy(ANYONE, methods=BOTH)
def record_risk(request: Request, ref: str) -> HttpResponse:
    use_case = use_case_or_404(request.user, ref)
    require(rules.objection_to_record_risk(request.user, use_case))
    form = RiskForm(request.POST or None, initial={"owner": use_case.owner_id})
    return _handled(
        request, use_case, form, "Record a risk",
        lambda: services.record_risk(use_case.pk, by=request.user, **form.cleaned_data),
    )  # fmt: skip


@policy(ANYONE, methods=BOTH)
def assess_risk(request: Request, ref: str, pk: int) -> HttpResponse:
    risk = risk_or_404(request.user, ref, pk)
    require(rules.objection_to_change_risk(request.user, risk))
    form = AssessmentForm(
        request.POST or None, initial={name: getattr(risk, name) for name in AssessmentForm.base_fields}
    )
    return _handled(
        request, risk.use_case, form, f"Assess again: {risk.title}",
        lambda: services.assess_risk(pk, by=request.user, **form.cleaned_data),
    )  # fmt: skip


@policy(*rules.SIGNERS, methods=BOTH)
def accept_residual_risk(request: Request, ref: str, pk: int) -> HttpResponse:
    risk = risk_or_404(request.user, ref, pk)
    require(rules.objection_to_sign(request.user, risk, services.appetite_of(risk.use_case)))
    form = AcceptanceForm(request.POST or None)
    return _handled(
        request, risk.use_case, form, f"Accept the risk: {risk.title}",
        lambda: services.accept_risk(pk, by=request.user, **form.cleaned_data),
    )  # fmt: skip


@policy(ANYONE, methods=("POST",))
def close_risk(request: Request, ref: str, pk: int) -> HttpResponse:
    risk = risk_or_404(request.user, ref, pk)
    services.close_risk(pk, by=request.user)
    return redirect(_tab(risk.use_case))


def _handled(
    request: Request, use_case: UseCase, form: forms.Form, title: str, act: Callable[[], object]
) -> HttpResponse:
    back = _tab(use_case)
    if request.method == "POST" and taken(form, act):
        return redirect(back)
    crumbs = ["Use cases", reverse("portfolio:use_case_list"), use_case.ref, use_case.get_absolute_url()]
    return form_page(request, form, title, "Save", [*crumbs, "Risk and controls", back, title])


def _tab(use_case: UseCase) -> str:
    return reverse("portfolio:use_case_tab", args=[use_case.ref, "controls"])
