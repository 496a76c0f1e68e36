"""The list of incidents."""

from typing import Any

from django.db.models import Q

from caio_portal.common.tables import Choices, Column, Table
from governance.models import Category, Incident, IncidentSeverity, IncidentState

_STATES = {
    IncidentState.OPEN: Q(mitigated_at=None),
    IncidentState.MITIGATED: Q(mitigated_at__isnull=False, resolved_at=None),
    IncidentState.RESOLVED: Q(resolved_at__isnull=False),
}
# How grave an incident looks.
TONES = {1: "bad", 2: "bad", 3: "warn", 4: "info"}


def _in_states(values: list[str]) -> Q:
    found = Q(pk__in=[])
    for value in values:
        found |= _STATES[IncidentState(value)]
    return found


def _label(name: str) -> Any:
    return lambda row: getattr(row, f"get_{name}_display")()


class IncidentTable(Table[Incident]):
    """Incidents, the latest first."""

    id = "incidents"
    noun = ("incident", "incidents")
    caption = "Incidents"
    file_name = "incidents"
    search = ("title__icontains", "ref__icontains", "description__icontains")
    search_label = "Find an incident"
    default_sort = "-occurred_at"
    empty_title = "No incidents yet"
    empty_text = "Whoever sees a use case harm somebody, or nearly so, reports it here."
    columns = (
        Column("ref", "Reference", sort="ref", on_page=False),
        Column("title", "Incident", sort="title"),
        Column("severity", "Severity", sort="severity", value=_label("severity")),
        Column("category", "Category", sort="category", value=_label("category")),
        Column("state", "State", value=lambda row: row.state.label),
        Column("unit.name", "Unit", sort="unit__name"),
        Column("affected", "Use cases", sort="affected", numeric=True, down_first=True),
        Column("occurred_at", "Occurred", sort="occurred_at", down_first=True),
        Column("detected_at", "Detected", on_page=False),
        Column("mitigated_at", "Mitigated", on_page=False),
        Column("resolved_at", "Resolved", sort="resolved_at", on_page=False),
        Column("harm", "Harm", value=_label("harm"), on_page=False),
        Column("near_miss", "Near miss", on_page=False),
        Column("cause", "Cause", on_page=False),
    )
    filters = (
        Choices("state", "State", IncidentState.choices, where=_in_states, counts=False),
        Choices("severity", "Severity", IncidentSeverity.choices),
        Choices("category", "Category", Category.choices),
    )
