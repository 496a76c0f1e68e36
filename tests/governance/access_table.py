"""Who may open what: the truth that the declared policies are compared with."""

from datetime import timedelta
from typing import Any

from caio_portal.accounts.access import ANYONE
from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from governance.models import Harm, IncidentAction
from governance.policy import shipped
from tests.factories import make_person
from tests.governance.factories import make_incident

READERS = set(Role)
WRITERS = READERS - {Role.AUDITOR}
TRUSTED = {Role.CAIO, Role.CAIO_OFFICE, Role.COUNCIL_MEMBER, Role.REVIEWER, Role.EXECUTIVE, Role.AUDITOR}


def incident(unit, user):
    return {"ref": make_incident(unit, user, harm=Harm.DATA).ref}


def incident_clock(unit, user):
    return incident(unit, user) | {"clock": "gdpr-breach"}


def incident_action(unit, user):
    due_on = clock.today() + timedelta(days=7)
    owner = user or make_person()
    return {
        "pk": IncidentAction.objects.create(
            incident=make_incident(unit, user), text="Test joins", owner=owner, due_on=due_on
        ).pk
    }


def policy(unit, user):
    return {"number": shipped().number}


def framework(unit, user):
    return {"framework": "eu-ai-act"}


WHO_MAY: dict[str, Any] = {
    "governance:policy_list": ANYONE,
    "governance:policy_detail": ANYONE,
    "governance:readiness": READERS,
    "governance:framework_detail": READERS,
    "governance:incident_list": READERS,
    "governance:incident_detail": READERS,
    "governance:report_incident": WRITERS,
    "governance:edit_incident": WRITERS,
    "governance:mitigate_incident": WRITERS,
    "governance:resolve_incident": WRITERS,
    "governance:plan_action": WRITERS,
    "governance:finish_action": WRITERS,
    "governance:tell_authority": WRITERS,
}
OBJECTS = {
    "governance:policy_detail": policy,
    "governance:framework_detail": framework,
    "governance:incident_detail": incident,
    "governance:edit_incident": incident,
    "governance:mitigate_incident": incident,
    "governance:resolve_incident": incident,
    "governance:plan_action": incident,
    "governance:finish_action": incident_action,
    "governance:tell_authority": incident_clock,
}
# Held for a whole organisation, these roles see its incidents; the tests' units are roots.
EVERYBODYS = {"governance:policy_detail", "governance:framework_detail"}  # what all must obey, all may read
SEES_ALL = dict.fromkeys(OBJECTS.keys() - EVERYBODYS, TRUSTED)
