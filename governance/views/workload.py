"""The load of those who examine and decide: what waits for whom, and where the time goes."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from caio_portal.accounts.access import policy
from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import in_force, roles_of
from caio_portal.common import words
from caio_portal.common.http import Request
from caio_portal.common.pages import render_page
from governance.access.reviews import review_or_404
from governance.forms.workload import GIVE, StepsForm
from governance.selectors import workload as selectors
from governance.selectors.policies import policy_in_force, policy_of
from governance.services.assigning import ask_anyway, assign_step, each_step, remind_of_step

OFFICE = (Role.CAIO, Role.CAIO_OFFICE)


@policy(*OFFICE, Role.AUDITOR)
@require_GET
def review_workload(request: Request) -> HttpResponse:
    """What waits, who carries how much, and how long each step and person takes."""
    return _page(request)


@policy(*OFFICE, methods=("POST",))
@require_POST
def move_steps(request: Request) -> HttpResponse:
    """Remind of several steps, or give them to somebody."""
    waiting = selectors.waiting_steps(request.user, policy_in_force().functions)
    form = StepsForm(request.POST, steps=[line.step.pk for line in waiting], people=_people(request.user))
    if not form.is_valid():
        return _page(request, form)
    data = form.cleaned_data
    if data["act"] == GIVE:
        done, refused = each_step(data["steps"], lambda pk: assign_step(pk, data["person"].pk, by=request.user))
    else:
        done, refused = each_step(data["steps"], lambda pk: remind_of_step(pk, by=request.user))
    if done:
        said = f"given to {data['person']}" if data["act"] == GIVE else "reminded of"
        messages.success(request, f"{words.plural(done, 'step')} {said}.")
    for sentence in refused:
        messages.warning(request, sentence)
    return redirect("governance:review_workload")


@policy(*OFFICE, methods=("POST",))
@require_POST
def ask_step(request: Request, ref: str, pk: int) -> HttpResponse:
    """Have a function look again though nothing in its field is new."""
    review = review_or_404(request.user, ref)
    step = ask_anyway(get_object_or_404(review.steps, pk=pk).pk, by=request.user)
    messages.success(request, f"{policy_of(review.policy).functions.get(step.function, step.function)} is asked too.")
    return redirect(f"{review.get_absolute_url()}#changes")


def _page(request: Request, form: StepsForm | None = None) -> HttpResponse:
    user, functions = request.user, policy_in_force().functions
    waiting = selectors.waiting_steps(user, functions)
    may_move = roles_of(user).has(*OFFICE)
    blank = StepsForm(steps=[line.step.pk for line in waiting], people=_people(user)) if may_move else None
    ticked = set(form.data.getlist("steps")) if form else set()  # type: ignore[attr-defined]  # a QueryDict
    context = {
        "waiting": [(line, str(line.step.pk) in ticked) for line in waiting], "form": form or blank,
        "loads": selectors.loads(waiting), "by_step": selectors.spent_by_step(user, functions),
        "by_person": selectors.spent_by_person(user),
    }  # fmt: skip
    return render_page(request, "governance/workload.html", context, status=422 if form else 200)


def _people(user: User) -> list[User]:
    """Those who examine or decide in the units of an office."""
    units = roles_of(user).unit_ids(*OFFICE)
    grants = in_force().filter(unit__in=units, role__in=(Role.REVIEWER, Role.COUNCIL_MEMBER, *OFFICE))
    return list(User.objects.filter(pk__in=grants.values("user"), is_active=True).order_by("name"))
