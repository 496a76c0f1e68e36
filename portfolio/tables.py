"""The list of use cases: columns, filters, counts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property, reduce
from operator import or_
from typing import ClassVar

from django.db.models import Q
from django.db.models.expressions import Case, Value, When
from django.http import QueryDict
from django.urls import reverse

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of, units_with_depth
from caio_portal.common import marks, tables
from caio_portal.common.tables import Choices, Column, Flag
from caio_portal.common.tables.filters import Facet, Filter
from portfolio import ports
from portfolio.models import SavedView, Source, UseCase
from portfolio.querysets import OVERSEERS, words_of
from portfolio.stages import ORDER, Stage

_BY_STAGE = Case(*(When(stage=stage, then=Value(rank)) for rank, stage in enumerate(ORDER)))


def under(paths: Sequence[str]) -> Q:
    """The units with these paths, and all below them."""
    return reduce(or_, (Q(unit__path__startswith=path) for path in paths))


def tier_options() -> list[tuple[int, str]]:
    return list(marks.tier_words().items())


def running_without_approval() -> Q:
    approved = next(iter(ports.approved_ids.ask_all()), None)
    running = Q(stage=Stage.PRODUCTION, paused_at=None)
    return running if approved is None else running & ~Q(pk__in=approved)


class UseCaseTable(tables.Table[UseCase]):
    id = "use-cases"
    noun = ("use case", "use cases")
    caption = "Use cases"
    file_name = "use cases"
    default_sort = "-changed"
    search = ("title",)
    search_label = "Search title, purpose or reference"
    choosable = True
    empty_title = "No use cases yet"
    empty_text = "Register the first one, or import an inventory that you already keep."
    columns: ClassVar[Sequence[Column]] = (
        Column("ref", "Reference", sort="ref", on_page=False),
        Column("title", "Use case", sort="title"),
        Column("unit", "Unit", sort="unit__name", value=lambda row: row.unit.name),
        Column("stage", "Stage", sort=_BY_STAGE, value=lambda row: row.get_stage_display() or "Not stated"),
        Column("tier", "Tier", sort="tier", down_first=True, value=lambda row: row.tier),
        Column("provisional", "Provisional", on_page=False, value=lambda row: row.tier_provisional),
        Column("owner", "Owner", sort="owner__name", value=lambda row: str(row.owner or "")),
        Column("sponsor", "Sponsor", sort="sponsor__name", value=lambda row: str(row.sponsor or ""), optional=True),
        Column("requester", "Requester", sort="requester__name", value=lambda row: str(row.requester or ""),
               optional=True),
        Column("source", "Source", sort="source", value=lambda row: row.get_source_display(), optional=True),
        Column("since", "In stage since", sort="stage_since", value=lambda row: row.stage_since, optional=True),
        Column("registered", "Registered", sort="registered_at", value=lambda row: row.registered_at, optional=True,
               down_first=True),
        Column("changed", "Changed", sort="changed_at", value=lambda row: row.changed_at, down_first=True),
    )  # fmt: skip

    def __init__(self, query: QueryDict, user: User, *, path: str = "") -> None:
        units = units_with_depth(_units_of(user))
        visible = UseCase.objects.active().visible_to(user)
        rows = visible.select_related("unit", "owner", "sponsor", "requester").defer("facts")
        self.filters = self._filters()  # type: ignore[misc]  # they ask a port
        super().__init__(
            query,
            rows,
            path=path,
            options={"unit": [(unit.path, f"{' ' * unit.depth}{unit.name}") for unit in units]},
            saved_views=saved_views(user, query),
            save_url=reverse("portfolio:save_view"),
        )

    @staticmethod
    def _filters() -> Sequence[Filter]:
        return (
            Choices("stage", "Stage", Stage.choices, none="Not stated"),
            Choices("tier", "Tier", tier_options, none="Not yet known"),
            Choices("unit", "Unit", lookup="unit__path", where=under),
            Choices("source", "Source", Source.choices),
            Flag("provisional", "Provisional", Q(tier_provisional=True)),
            Flag("unapproved", "Running without approval", running_without_approval()),
        )

    def _search_condition(self, word: str) -> Q:
        return words_of(word)

    @cached_property
    def rows(self) -> list[UseCase]:
        """The rows of the page, each with the words for its tier, which are asked for once."""
        words = {int(value): label for value, label in self._pairs(self._tier) if value.isdigit()}
        rows = list(self.page.object_list)
        for row in rows:
            row.tier_label = words.get(row.tier or 0, "")  # type: ignore[attr-defined]
        return rows

    @property
    def _tier(self) -> Choices:
        return next(filter for filter in self._choices() if filter.key == "tier")

    def _facet(self, filter: Choices, counts: dict[str, int] | None) -> Facet:
        """Of the many units, only those that have something to show."""
        facet = super()._facet(filter, counts)
        if filter.key != "unit":
            return facet
        return replace(facet, options=[option for option in facet.options if option.count or option.is_chosen])

    def _counts(self) -> dict[str, dict[str, int]]:
        """A unit also counts what lies below it."""
        counts = super()._counts()
        direct = counts["unit"]
        counts["unit"] = {
            path: sum(number for below, number in direct.items() if below.startswith(path))
            for path in {above for path in direct for above in _upwards(path)}
        }
        return counts


def _upwards(path: str) -> Iterable[str]:
    """1.4.9. leads to 1., 1.4. and 1.4.9."""
    keys = path.split(".")[:-1]
    return (".".join(keys[:depth]) + "." for depth in range(1, len(keys) + 1))


def _units_of(user: User) -> frozenset[int] | None:
    """The units whose use cases this person may find; None for all."""
    roles = roles_of(user)
    return None if roles.everywhere(*OVERSEERS) else roles.unit_ids(*Role)


def saved_views(user: User, query: QueryDict) -> list[tables.SavedView]:
    """What this person keeps, after the views that everybody finds useful."""
    path = reverse("portfolio:use_case_list")
    shared = [("Running without approval", "unapproved=1"), ("Tier 3 and above", "tier=3&tier=4&tier=5")]
    own = SavedView.objects.filter(user=user, hidden_at=None).values_list("name", "query")
    current = query.urlencode()
    return [tables.SavedView(name, f"{path}?{kept}", kept == current) for name, kept in [*shared, *own]]
