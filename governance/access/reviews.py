"""From an address to a review, a council or what hangs on them: what a person may not see does not exist."""

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import StrIndex
from django.shortcuts import get_object_or_404

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from governance.models import (
    AgendaEntry,
    Approval,
    Condition,
    Council,
    CouncilSeat,
    Delegation,
    Meeting,
    MeetingAction,
    Review,
)


def review_or_404(user: User, ref: str) -> Review:
    return get_object_or_404(Review.objects.visible_to(user).for_page(), ref=ref)


def condition_or_404(user: User, pk: int) -> Condition:
    seen = Condition.objects.filter(Q(decision__review__in=Review.objects.visible_to(user)) | Q(owner=user))
    related = "decision__review__use_case__unit", "decision__review__policy", "owner"
    return get_object_or_404(seen.select_related(*related).defer("decision__review__policy__document"), pk=pk)


def approval_or_404(user: User, pk: int) -> Approval:
    seen = Approval.objects.filter(decision__review__in=Review.objects.visible_to(user))
    return get_object_or_404(seen.select_related("use_case", "decision__review"), pk=pk)


def councils_of(user: User) -> QuerySet[Council]:
    """The councils that decide for a unit in which the person has a role."""
    units = roles_of(user).unit_ids(*Role)
    mine = OrgUnit.objects.filter(pk__in=units)
    at_or_below = mine.alias(at=StrIndex("path", OuterRef("unit__path"))).filter(at=1)
    return Council.objects.filter(Exists(at_or_below)).select_related("unit").order_by("name")


def council_or_404(user: User, pk: int) -> Council:
    return get_object_or_404(councils_of(user), pk=pk)


def seat_or_404(user: User, pk: int) -> CouncilSeat:
    seats = CouncilSeat.objects.filter(council__in=councils_of(user)).select_related("council__unit", "holder")
    return get_object_or_404(seats, pk=pk)


def delegation_or_404(user: User, pk: int) -> Delegation:
    delegations = Delegation.objects.filter(seat__council__in=councils_of(user))
    return get_object_or_404(delegations.select_related("seat__council", "seat__holder", "to"), pk=pk)


def meeting_or_404(user: User, pk: int) -> Meeting:
    meetings = Meeting.objects.filter(council__in=councils_of(user)).select_related("council__unit")
    return get_object_or_404(meetings, pk=pk)


def entry_or_404(user: User, pk: int) -> AgendaEntry:
    entries = AgendaEntry.objects.filter(meeting__council__in=councils_of(user))
    return get_object_or_404(entries.select_related("meeting__council"), pk=pk)


def action_or_404(user: User, pk: int) -> MeetingAction:
    actions = MeetingAction.objects.filter(meeting__council__in=councils_of(user))
    return get_object_or_404(actions.select_related("meeting__council"), pk=pk)
