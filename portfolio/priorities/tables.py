"""The ranked list, and the candidates for stopping."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any, ClassVar

from caio_portal.common import tables
from caio_portal.common.tables import Choices, Column
from caio_portal.common.tables.filters import Filter
from portfolio.models import UseCase
from portfolio.priorities.scoring import reasons
from portfolio.stages import Stage
from portfolio.tables import tier_options

_FILTERS: Sequence[Filter] = (
    Choices("stage", "Stage", [pair for pair in Stage.choices if pair[0] != Stage.RETIRED], counts=False),
    Choices("tier", "Tier", tier_options, none="Not yet known", counts=False),
)


def _score(key: str, label: str) -> Column:
    return Column(f"{key}_score", label, sort=f"{key}_score", numeric=True, down_first=True)


class PriorityTable(tables.Table[UseCase]):
    id = "priorities"
    noun = ("use case", "use cases")
    caption = "Use cases by priority"
    file_name = "priorities"
    default_sort = "-score"
    search = ("title__icontains", "ref__icontains")
    search_label = "Search title or reference"
    empty_title = "Nothing to rank"
    empty_text = "Use cases appear here as soon as one is registered that is not retired."
    columns: ClassVar[Sequence[Column]] = (
        Column("title", "Use case", sort="title"),
        Column("ref", "Reference", on_page=False),
        Column("score", "Score", sort="score", numeric=True, down_first=True),
        _score("value", "Value"),
        _score("feasibility", "Feasibility"),
        _score("risk", "Low risk"),
        _score("fit", "Fit"),
        Column("a_year", "Value a year, USD", sort="a_year", numeric=True, down_first=True),
    )
    filters: ClassVar[Sequence[Filter]] = _FILTERS


class StopTable(tables.Table[UseCase]):
    id = "to-stop"
    noun = ("candidate", "candidates")
    caption = "Candidates for stopping"
    file_name = "candidates for stopping"
    default_sort = "-against"
    search = ("title__icontains", "ref__icontains")
    search_label = "Search title or reference"
    empty_title = "No reason to stop any"
    empty_text = "None costs more than it brings, lingers, stays unproven or is risky for little."
    columns: ClassVar[Sequence[Column]] = (
        Column("title", "Use case", sort="title"),
        Column("ref", "Reference", on_page=False),
        Column("reasons", "Reasons", value=lambda row: " ".join(reasons(row))),
        Column("against", "Reasons in number", sort="against", numeric=True, on_page=False, down_first=True),
        Column("score", "Score", sort="score", numeric=True),
        Column("stage", "Stage", sort="stage", value=lambda row: row.get_stage_display()),
    )
    filters: ClassVar[Sequence[Filter]] = _FILTERS

    @cached_property
    def rows(self) -> list[Any]:
        """The rows of the page, each with its reasons in sentences."""
        rows: list[Any] = list(self.page.object_list)
        for row in rows:
            row.reasons = reasons(row)
        return rows
