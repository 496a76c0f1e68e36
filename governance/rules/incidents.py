"""Who may report and work on incidents."""

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from governance.models import Incident

WORKERS = (Role.CAIO, Role.CAIO_OFFICE, Role.OWNER, Role.REVIEWER)


def objection_to_report_incident(user: User) -> str | None:
    """Any person who works here reports; auditors write nothing."""
    names = roles_of(user).names
    if names and names != {Role.AUDITOR}:
        return None
    return "An auditor reads everything and changes nothing." if names else "You hold no role in this portal."


def objection_to_work_on_incident(user: User, incident: Incident) -> str | None:
    """The office, reviewers and owners of its unit, and whoever reported it, until it is resolved."""
    if incident.resolved_at:
        return "This incident is resolved."
    return objection_to_add_to_incident(user, incident)


def objection_to_add_to_incident(user: User, incident: Incident) -> str | None:
    """What is learnt later (actions, reports to authorities) may also be added after the end."""
    if objection := objection_to_report_incident(user):
        return objection
    if incident.reported_by_id == user.pk or roles_of(user).has(*WORKERS, unit=incident.unit_id):
        return None
    return "Only its reporter, owners and reviewers of its unit and the CAIO office work on an incident."
