"""Cost lines and benefits of a use case."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.common.errors import Invalid, NotAllowed, require
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from portfolio import access, rules, selectors, services
from portfolio.forms import BenefitForm, CostForm
from portfolio.models import Benefit, BenefitState, UseCase
from portfolio.views.dossier import value_page


@policy(ANYONE, methods=("POST",))
@require_POST
def record_cost(request: Request, ref: str) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    require(rules.objection_to_edit(request.user, use_case))
    form = CostForm(request.POST)
    if not form.is_valid():
        return value_page(request, use_case, cost_form=form, status=422)
    services.record_cost(use_case.pk, by=request.user, **form.cleaned_data)
    messages.success(request, "The cost is recorded.")
    return redirect(_value_url(use_case))


@policy(ANYONE, methods=("POST",))
@require_POST
def remove_cost(request: Request, ref: str, pk: int) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    services.remove_cost(access.cost_line_or_404(use_case, pk).pk, by=request.user)
    messages.success(request, "The cost is removed; the history keeps it.")
    return redirect(_value_url(use_case))


@policy(ANYONE, methods=("GET", "POST"))
@require_http_methods(["GET", "POST"])
def state_benefit(request: Request, ref: str) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    return _benefit(request, use_case, Benefit(use_case=use_case))


@policy(ANYONE, methods=("GET", "POST"))
@require_http_methods(["GET", "POST"])
def edit_benefit(request: Request, ref: str, pk: int) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    return _benefit(request, use_case, access.benefit_or_404(use_case, pk))


@policy(ANYONE, methods=("POST",))
@require_POST
def remove_benefit(request: Request, ref: str, pk: int) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    services.remove_benefit(access.benefit_or_404(use_case, pk).pk, by=request.user)
    messages.success(request, "The benefit is removed; the history keeps it.")
    return redirect(_value_url(use_case))


def _benefit(request: Request, use_case: UseCase, benefit: Benefit) -> HttpResponse:
    sharable = selectors.sharable(use_case, request.user)
    form = BenefitForm(request.POST or None, instance=benefit, sharable=sharable, initial=_asked(request))
    if request.method == "POST" and form.is_valid() and _stated(request, use_case, form):
        return redirect(_value_url(use_case))
    context = {
        "use_case": use_case,
        "form": form,
        "benefit": benefit,
        "objection": rules.objection_to_edit(request.user, use_case)
        and rules.objection_to_verify(request.user, use_case),
        "verified": BenefitState.VERIFIED,
    }
    return render_page(request, "portfolio/benefit.html", context, status=422 if form.errors else 200)


def _asked(request: Request) -> dict[str, str]:
    """What the link asked for that found the same benefit elsewhere."""
    same = request.GET.get("same_as", "")
    return {"same_as": same, "share": "0"} if same.isdigit() else {}


def _stated(request: Request, use_case: UseCase, form: BenefitForm) -> bool:
    """Whether the benefit was taken; if not, the form says why."""
    try:
        services.state_benefit(use_case.pk, form.save(commit=False), by=request.user)
    except Invalid as refusal:
        form.add_error(refusal.field, refusal.sentence)
        return False
    except NotAllowed as refusal:
        form.add_error("state", str(refusal))
        return False
    messages.success(request, "The benefit is saved.")
    return True


def _value_url(use_case: UseCase) -> str:
    return reverse("portfolio:use_case_tab", args=[use_case.ref, "value"])
