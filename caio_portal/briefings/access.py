"""From an address to a briefing."""

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from caio_portal.briefings import rules
from caio_portal.briefings.models import Audience, Briefing, BriefingState


def briefings_of(user: User) -> QuerySet[Briefing]:
    """All for the CAIO office and auditors; for other readers what is published for them."""
    roles = roles_of(user)
    if roles.has(*rules.DRAFT_READERS):
        return Briefing.objects.all()
    wanted = Q(pk__in=[])
    if roles.has(Role.EXECUTIVE):
        wanted |= Q(audience__in=[Audience.BOARD, Audience.EXECUTIVE, Audience.COUNCIL])
    if roles.has(Role.COUNCIL_MEMBER):
        wanted |= Q(audience__in=[Audience.BOARD, Audience.COUNCIL])
    return Briefing.objects.filter(wanted, state=BriefingState.PUBLISHED)


def briefing_or_404(user: User, quarter: str, audience: str = "", number: str = "") -> Briefing:
    """The briefing of a quarter: the one with the number asked for, else the newest that USER may see."""
    rows = briefings_of(user).filter(quarter=quarter, audience=audience or Audience.BOARD)
    if number:
        rows = rows.filter(number=number) if number.isdecimal() and len(number) < 5 else rows.none()
    found = rows.select_related("drafted_by", "approved_by").order_by("-number").first()
    if found is None:
        raise Http404("There is no such briefing.")
    return found


def briefing_by_key_or_404(user: User, pk: int) -> Briefing:
    return get_object_or_404(briefings_of(user), pk=pk)
