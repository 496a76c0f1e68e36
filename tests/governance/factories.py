"""The smallest valid objects of governance."""

from datetime import timedelta
from typing import Any

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.common import clock
from governance.models import Category, Incident, IncidentSeverity
from portfolio import references


def make_incident(unit: OrgUnit, by: User | None = None, **fields: Any) -> Incident:
    """An incident of yesterday, detected an hour later; nothing is told to anybody."""
    occurred = clock.now() - timedelta(days=1)
    given = {
        "title": "Wrong letters", "description": "They went to wrong people.", "severity": IncidentSeverity.MAJOR,
        "category": Category.PRIVACY, "occurred_at": occurred, "detected_at": occurred + timedelta(hours=1),
    }  # fmt: skip
    ref = references.take("I", clock.today().year)[0]
    return Incident.objects.create(ref=ref, unit=unit, reported_by=by, **(given | fields))
