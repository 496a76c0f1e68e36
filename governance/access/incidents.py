"""From an address to an incident: what a person may not see does not exist."""

from django.shortcuts import get_object_or_404

from caio_portal.accounts.models import User
from governance.models import Incident, IncidentAction


def incident_or_404(user: User, ref: str) -> Incident:
    return get_object_or_404(Incident.objects.visible_to(user).for_page(), ref=ref)


def action_or_404(user: User, pk: int) -> IncidentAction:
    seen = Incident.objects.visible_to(user)
    actions = IncidentAction.objects.filter(incident__in=seen).select_related("incident", "owner")
    return get_object_or_404(actions, pk=pk)
