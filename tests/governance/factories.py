"""The smallest valid objects of governance."""

from datetime import timedelta
from typing import Any

from django.db import transaction

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from governance.decisions import NamedCondition, Outcome
from governance.models import (
    AgendaEntry,
    Category,
    Condition,
    Council,
    CouncilSeat,
    Incident,
    IncidentSeverity,
    Meeting,
    Review,
)
from governance.services import council as councils
from governance.services.approvals import decide_single
from governance.services.reviews import open_review
from governance.services.tiering import tier_use_cases
from portfolio import references
from tests.factories import make_person, make_use_case
from tests.governance.test_policy import HARMLESS


def make_incident(unit: OrgUnit, by: User | None = None, **fields: Any) -> Incident:
    """An incident of yesterday, detected an hour later; nothing is told to anybody."""
    occurred = clock.now() - timedelta(days=1)
    given = {
        "title": "Wrong letters", "description": "They went to wrong people.", "severity": IncidentSeverity.MAJOR,
        "category": Category.PRIVACY, "occurred_at": occurred, "detected_at": occurred + timedelta(hours=1),
    }  # fmt: skip
    with transaction.atomic():
        ref = references.take("I", clock.today().year)[0]
        return Incident.objects.create(ref=ref, unit=unit, reported_by=by, **(given | fields))


def make_review(unit: OrgUnit, by: User | None = None) -> Review:
    """A review that the CAIO office has still to decide."""
    use_case = make_use_case(unit=unit, requester=by, facts=HARMLESS | {"talks_to_people": True})
    tier_use_cases([use_case])
    return open_review(use_case.pk, by=by)


def make_condition(unit: OrgUnit, by: User | None = None) -> Condition:
    """A condition of an approval that the office has just given."""
    review = make_review(unit, by)
    office = make_person(Role.CAIO_OFFICE, unit=unit)
    named = [NamedCondition(text="Keep logs", due_in_days=30)]
    decide_single(review.pk, Outcome.APPROVED_WITH_CONDITIONS, "Useful.", named, by=office)
    return Condition.objects.get(decision=review.pk)


def make_council(unit: OrgUnit) -> Council:
    return councils.create_council(f"Council {Council.objects.count()}", unit, by=None)


def make_seat(unit: OrgUnit, holder: User | None = None) -> CouncilSeat:
    term = clock.today() + timedelta(days=365)
    return councils.fill_seat(make_council(unit), "legal", "Legal", holder or make_person(), by=None, term_ends_on=term)


def make_meeting(unit: OrgUnit) -> Meeting:
    return councils.call_meeting(make_council(unit), clock.today(), by=None)


def make_entry(unit: OrgUnit, by: User | None = None) -> AgendaEntry:
    return councils.put_on_agenda(make_meeting(unit).pk, make_review(unit, by), by=None, consent=True)
