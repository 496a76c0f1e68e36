"""Pages about councils: seats, charter and meetings to come."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caio_portal.accounts.access import policy
from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import people_with, roles_of
from caio_portal.common.errors import require
from caio_portal.common.http import Request
from caio_portal.common.pages import form_page, render_page
from governance.access.reviews import council_or_404, councils_of, delegation_or_404, seat_or_404
from governance.forms.reviews import DelegationForm, MeetingForm, SeatForm
from governance.forms.saving import taken
from governance.models import Council, Meeting
from governance.rules import conflicts
from governance.rules import council as rules
from governance.selectors import councils as selectors
from governance.selectors.policies import policy_in_force
from governance.services import council as services
from governance.services import delegating

READERS = tuple(Role)
OFFICE = (Role.CAIO, Role.CAIO_OFFICE)
BOTH = ("GET", "POST")


@policy(*READERS)
@require_GET
def council_list(request: Request) -> HttpResponse:
    """Councils with their charters, seats and next meetings."""
    views = selectors.council_views(
        councils_of(request.user),
        request.user,
        may_run=lambda unit_id: rules.objection_to_run(request.user, unit_id) is None,
        may_delegate=lambda seat: rules.objection_to_delegate(request.user, seat) is None,
    )
    knows = roles_of(request.user).has(*conflicts.READERS)
    return render_page(request, "governance/councils.html", {"councils": views, "knows_conflicts": knows})


@policy(*OFFICE, methods=BOTH)
@require_http_methods(["GET", "POST"])
def fill_seat(request: Request, pk: int) -> HttpResponse:
    council = council_or_404(request.user, pk)
    require(rules.objection_to_run(request.user, council.unit_id))
    functions = sorted(policy_in_force().functions.items(), key=lambda pair: pair[1])
    form = SeatForm(request.POST or None, people=_members(council), functions=functions)

    def act() -> None:
        services.fill_seat(council, by=request.user, **form.cleaned_data)

    if request.method == "POST" and taken(form, act):
        messages.success(request, "The seat is filled.")
        return redirect("governance:council_list")
    return _form(request, form, f"Fill a seat of the {council.name}", "Fill the seat")


@policy(*READERS, methods=BOTH)
@require_http_methods(["GET", "POST"])
def delegate_seat(request: Request, pk: int) -> HttpResponse:
    seat = seat_or_404(request.user, pk)
    require(rules.objection_to_delegate(request.user, seat))
    form = DelegationForm(request.POST or None, people=_members(seat.council), seat=seat)

    def act() -> None:
        data = form.cleaned_data
        delegating.delegate_seat(seat.pk, data["to"].pk, data["starts_on"], data["ends_on"], by=request.user)

    if request.method == "POST" and taken(form, act):
        messages.success(request, f"The seat {seat.title} is delegated.")
        return redirect("governance:council_list")
    return _form(request, form, f"Delegate the seat {seat.title}", "Delegate")


@policy(*READERS, methods=("POST",))
@require_POST
def end_delegation(request: Request, pk: int) -> HttpResponse:
    delegation = delegation_or_404(request.user, pk)
    delegating.end_delegation(delegation.pk, by=request.user)
    messages.success(request, f"{delegation.seat.holder} sits on {delegation.seat.title} again.")
    return redirect("governance:council_list")


@policy(*OFFICE, methods=BOTH)
@require_http_methods(["GET", "POST"])
def call_meeting(request: Request, pk: int) -> HttpResponse:
    council = council_or_404(request.user, pk)
    require(rules.objection_to_run(request.user, council.unit_id))
    form = MeetingForm(request.POST or None)
    called: list[Meeting] = []

    def act() -> None:
        called.append(services.call_meeting(council, form.cleaned_data["held_on"], by=request.user))

    if request.method == "POST" and taken(form, act):
        return redirect(called[0])
    return _form(request, form, f"Call a meeting of the {council.name}", "Call the meeting")


def _members(council: Council) -> list[User]:
    return people_with(Role.COUNCIL_MEMBER, Role.REVIEWER, Role.CAIO, Role.CAIO_OFFICE, unit=council.unit)


def _form(request: Request, form: Any, title: str, submit: str) -> HttpResponse:
    return form_page(request, form, title, submit, ["Councils", reverse("governance:council_list"), title])
