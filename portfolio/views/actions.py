"""Moving, pausing, retiring, withdrawing: one page that offers them, one view for each."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from caio_portal.accounts.access import ANYONE, policy
from caio_portal.accounts.selectors import roles_of
from caio_portal.common.errors import Invalid, NotAllowed, require
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from portfolio import access, ports, rules, selectors, services
from portfolio.forms import MoveForm, ReasonForm, RetireForm
from portfolio.models import DutyState, UseCase
from portfolio.stages import Stage, is_forward

_RETIRE, _WITHDRAW = "retire_%s", "withdraw_%s"  # two forms of one page that both ask for a reason


@policy(ANYONE, methods=("GET", "POST"))
@require_http_methods(["GET", "POST"])
def move_use_case(request: Request, ref: str) -> HttpResponse:
    """The stages it may move to, each with its gate; and what else may happen to it."""
    use_case = access.use_case_or_404(request.user, ref)
    form = MoveForm(request.POST or None, stages=selectors.ways(use_case), initial={"to": request.GET.get("to")})
    if request.method == "POST" and form.is_valid() and _moved(request, use_case, form):
        return redirect(use_case)
    return _page(request, use_case, form=form)


@policy(*rules.REGISTRANTS, methods=("POST",))
@require_POST
def copy_use_case(request: Request, ref: str) -> HttpResponse:
    """A draft that begins with what this use case says; its title is asked for first."""
    use_case = access.use_case_or_404(request.user, ref)
    copy = services.copy_use_case(use_case.pk, by=request.user)
    messages.success(request, f"{copy.ref} begins with the answers of {use_case.ref}. Give it a title of its own.")
    return redirect("portfolio:edit_use_case", copy.ref)


@policy(ANYONE, methods=("POST",))
@require_POST
def pause_use_case(request: Request, ref: str) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    services.pause_use_case(use_case.pk, by=request.user, reason=request.POST.get("reason", "").strip())
    messages.success(request, f"{use_case.ref} is paused.")
    return redirect(use_case)


@policy(ANYONE, methods=("POST",))
@require_POST
def resume_use_case(request: Request, ref: str) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    services.resume_use_case(use_case.pk, by=request.user, reason=request.POST.get("reason", "").strip())
    messages.success(request, f"{use_case.ref} goes on.")
    return redirect(use_case)


@policy(ANYONE, methods=("POST",))
@require_POST
def retire_use_case(request: Request, ref: str) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    require(rules.objection_to_retire(request.user, use_case))
    form = RetireForm(request.POST, auto_id=_RETIRE)
    if not form.is_valid():
        return _page(request, use_case, retire_form=form)
    reason = form.cleaned_data["reason"]
    services.retire_use_case(use_case.pk, by=request.user, reason=reason, settled=form.settled)
    messages.success(request, f"{use_case.ref} is retired.")
    return redirect(use_case)


@policy(ANYONE, methods=("POST",))
@require_POST
def settle_retirement_duty(request: Request, ref: str, pk: int) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    state = DutyState.NONE if request.POST.get("state") == DutyState.NONE else DutyState.DONE
    services.settle_retirement_duty(access.duty_or_404(use_case, pk).pk, state, by=request.user)
    return redirect(f"{use_case.get_absolute_url()}#end")


@policy(ANYONE, methods=("POST",))
@require_POST
def withdraw_use_case(request: Request, ref: str) -> HttpResponse:
    """Take the use case back from its review; governance ends the review."""
    use_case = access.use_case_or_404(request.user, ref)
    require(rules.objection_to_edit(request.user, use_case))
    form = ReasonForm(request.POST, auto_id=_WITHDRAW)
    if not form.is_valid() or not _withdrawn(request, use_case, form):
        return _page(request, use_case, withdraw_form=form)
    messages.success(request, f"{use_case.ref} is withdrawn from its review.")
    return redirect(use_case)


@policy(ANYONE, methods=("POST",))
@require_POST
def discard_use_case(request: Request, ref: str) -> HttpResponse:
    use_case = access.use_case_or_404(request.user, ref)
    services.discard_use_case(use_case.pk, by=request.user)
    messages.success(request, f"The draft {use_case.ref} is discarded.")
    return redirect("portfolio:use_case_list")


def _moved(request: Request, use_case: UseCase, form: MoveForm) -> bool:
    """Whether the gate let it through; if not, the form says why."""
    to, reason = Stage(form.cleaned_data["to"]), form.cleaned_data["reason"]
    require(rules.objection_to_move(request.user, use_case, to))
    try:
        ports.move.ask(use_case.pk, to, request.user, reason)
    except (Invalid, NotAllowed) as refusal:
        form.add_error(None, str(refusal))
        return False
    messages.success(request, f"{use_case.ref} is in {to.label.lower()} now.")
    return True


def _withdrawn(request: Request, use_case: UseCase, form: ReasonForm) -> bool:
    """Whether a review ended; if not, the form says why."""
    try:
        ended = ports.withdraw.ask_all(use_case.pk, request.user, form.cleaned_data["reason"])
    except (Invalid, NotAllowed) as refusal:
        form.add_error(None, str(refusal))
        return False
    if not any(ended):
        form.add_error(None, "Nobody reviews this use case.")
    return form.is_valid()


def _page(request: Request, use_case: UseCase, **forms: MoveForm | ReasonForm) -> HttpResponse:
    """The page of all ways; a form that was refused comes back as it was typed."""
    offered = {
        "form": MoveForm(stages=selectors.ways(use_case)),
        "retire_form": RetireForm(auto_id=_RETIRE),
        "withdraw_form": ReasonForm(auto_id=_WITHDRAW),
        **forms,
    }
    refused = any(form.errors for form in forms.values())
    context = {"use_case": use_case, **offered, **_offer(request, use_case)}
    return render_page(request, "portfolio/use_case_move.html", context, status=422 if refused else 200)


def _offer(request: Request, use_case: UseCase) -> dict[str, Any]:
    """What may happen to the use case besides a move, each with the objection to it."""
    user, submissions = request.user, use_case.submissions.count()
    return {
        "may_except": roles_of(user).has(*rules.OFFICE, unit=use_case.unit_id),
        "gates": [(ports.checklist(use_case, to), is_forward(use_case.stage, to)) for to in selectors.ways(use_case)],
        "objection": rules.objection_to_edit(user, use_case),
        "pausing": rules.objection_to_pause(user, use_case),
        "retiring": rules.objection_to_retire(user, use_case),
        "discarding": rules.objection_to_discard(user, use_case, submissions),
        "submissions": submissions,
    }
