"""The lists of alerts, definitions and measures."""

from collections.abc import Iterable

from django.db.models import Q

from caio_portal.common.tables import Choices, Column, Flag, MemoryTable, Table
from kpis.catalogue import PERSPECTIVES
from kpis.models import Alert, AlertKind, AlertState
from kpis.selectors.definitions import CHANGED, FORMULAS, OWN, SHIPPED


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


def _itself(values: Iterable[str]) -> list[tuple[str, str]]:
    return [(value, value) for value in values]


class DefinitionTable(MemoryTable):
    """How each KPI is counted."""

    id = "definitions"
    noun = ("definition", "definitions")
    caption = "Definitions of KPIs"
    file_name = "kpi-definitions"
    search = ("name", "key", "question", "measures")
    search_label = "Find a KPI or measure"
    default_sort = "number"
    page_size = 100
    columns = (
        Column("name", "KPI", sort="name"),
        Column("number", "No.", sort="number", numeric=True),
        Column("perspective_words", "Perspective", sort="perspective_words"),
        Column("formula", "Formula", sort="formula"),
        Column("measures", "Made of", sort="measures"),
        Column("owner", "Owner", sort="owner"),
        Column("frequency", "Measured", sort="frequency"),
        Column("version", "Version", sort="version", numeric=True, down_first=True),
        Column("origin", "Origin", sort="origin"),
        Column("key", "Key", on_page=False),
        Column("question", "Question", on_page=False),
        Column("kpi.numerator", "Numerator", on_page=False),
        Column("kpi.denominator", "Denominator", on_page=False),
        Column("kpi.window", "Counted", on_page=False, value=lambda row: row.kpi.window.label),
        Column("kpi.uom", "Unit of measure", on_page=False),
        Column("kpi.low", "At least", on_page=False),
        Column("kpi.high", "At most", on_page=False),
        Column("kpi.tolerance", "Worth a watch", on_page=False),
        Column("kpi.minimum_sample", "Minimum sample", on_page=False),
        Column("kpi.missing_counts_as", "Missing data are", on_page=False),
        Column("kpi.good", "What is good", on_page=False),
        Column("state", "State", on_page=False),
        Column("published.by", "Published by", on_page=False),
        Column("at", "Published", on_page=False),
    )
    filters = (
        Choices("perspective", "Perspective", tuple(PERSPECTIVES.items())),
        Choices("formula", "Formula", _itself(FORMULAS.values())),
        Choices("origin", "Origin", _itself((SHIPPED, CHANGED, OWN))),
        Choices("state", "State", _itself(("In force", "Retired"))),
    )


class MeasureTable(MemoryTable):
    """What files may bring."""

    id = "measures"
    noun = ("measure", "measures")
    caption = "Measures"
    file_name = "measures"
    search = ("name", "key", "of", "kpi_names")
    search_label = "Find a measure"
    default_sort = "name"
    page_size = 100
    columns = (
        Column("name", "Measure", sort="name"),
        Column("of", "What it is of"),
        Column("uom", "Measured in", sort="uom"),
        Column("counts", "Counts", sort="counts"),
        Column("kpi_names", "KPIs made of it", sort="kpi_names"),
        Column("feeds", "Feeds", sort="feeds", numeric=True, down_first=True),
        Column("origin", "Origin", sort="origin"),
        Column("key", "Key", on_page=False),
        Column("number", "No.", on_page=False),
    )
    filters = (
        Choices("uom", "Measured in", _itself(("share", "count", "money", "hours"))),
        Choices("counts", "Counts", _itself(("events", "stock", "distinct"))),
        Choices("origin", "Origin", _itself((SHIPPED, OWN))),
    )
