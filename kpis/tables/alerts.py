"""The list of alerts."""

from django.db.models import Q

from caio_portal.common.tables import Choices, Column, Flag, Table
from kpis.models import Alert, AlertKind, AlertState


def _in_states(values: list[str]) -> Q:
    found = Q(pk__in=[])
    for value in values:
        found |= Alert.objects.condition_of(value) if value in AlertState.values else Q()
    return found


class AlertTable(Table[Alert]):
    """Alerts, the grave ones first."""

    id = "alerts"
    noun = ("alert", "alerts")
    caption = "Alerts"
    file_name = "kpi-alerts"
    search = ("text__icontains", "unit__name__icontains")
    search_label = "Find an alert"
    default_sort = "-grave"
    empty_title = "No alerts"
    empty_text = "No target is missed or about to be, no error budget burns, and every feed delivers."
    columns = (
        Column("grave", "Alert", sort="grave", down_first=True, value=lambda row: "grave" if row.grave else ""),
        Column("kpi_name", "KPI", sort="kpi"),
        Column("unit.name", "Unit", sort="unit__name"),
        Column("answerable", "Owner"),
        Column("state", "State", value=lambda row: row.state.label),
        Column("raised_at", "Raised", sort="raised_at", down_first=True),
        Column("kind", "Kind", on_page=False, value=lambda row: row.get_kind_display()),
        Column("text", "What is the matter", on_page=False),
        Column("note", "Note", on_page=False),
        Column("ended_at", "Over", on_page=False),
    )
    filters = (
        Choices("state", "State", AlertState.choices, where=_in_states, counts=False),
        Choices("kind", "Kind", AlertKind.choices),
        Flag("grave", "Grave only", Q(grave=True)),
    )
