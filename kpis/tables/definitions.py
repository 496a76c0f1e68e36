"""The lists of definitions and measures."""

from collections.abc import Iterable

from caio_portal.common.tables import Choices, Column, MemoryTable
from kpis.catalogue import PERSPECTIVES
from kpis.selectors.definitions import CHANGED, FORMULAS, OWN, SHIPPED


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
