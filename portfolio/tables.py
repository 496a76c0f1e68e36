"""The list of use cases: columns, filters, counts."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict
from django.urls import reverse

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of, units_with_depth
from caio_portal.common import clock, marks, tables
from caio_portal.common.tables import Choices, Column, Flag, Layout
from caio_portal.common.tables.filters import NONE, Facet, Filter, Option
from caio_portal.common.tables.pages import KeysFirst, WithAndWithout
from portfolio import fields, joined, ports, rules, worth
from portfolio.approvals import approval_label, approval_options, approved_as, running_without_approval
from portfolio.light.running import unsettled
from portfolio.models import Source, UseCase
from portfolio.querysets import words_of
from portfolio.saved_views import saved_views
from portfolio.selectors.spelling import corrected
from portfolio.selectors.stage_times import stage_times
from portfolio.stages import BY_STAGE, Stage, days_over, lingering

_PEOPLE = ("owner", "sponsor", "requester")
_FIELDS = (
    "ref", "title", "unit__name", "unit__path", "stage", "stage_since", "paused_at", "confidential", "source", "tier",
    "tier_provisional", "registered_at", "changed_at",
)  # fmt: skip
_COUNTED_BY = {"unit": "unit_id"}  # so that an index alone tells the numbers


def tier_options() -> list[tuple[int, str]]:
    return list(marks.tier_words().items())


class UseCaseTable(tables.Table[UseCase]):
    id = "use-cases"
    noun = ("use case", "use cases")
    caption = "Use cases"
    file_name = "use cases"
    default_sort = "-changed"
    search = ("title",)
    search_label = "Search title, purpose or reference"
    choosable = True
    count_up_to = 10_000
    counts_later = True
    layouts = (
        Layout("list", "List", "list"),
        Layout("board", "Board", "table"),
        Layout("matrix", "Value and risk", "chart"),
        Layout("timeline", "Timeline", "calendar"),
        Layout("tree", "Units", "building"),
    )
    empty_title = "No use cases yet"
    empty_text = "Register the first one, or import an inventory that you already keep."
    columns: ClassVar[Sequence[Column]] = (
        Column("ref", "Reference", sort="ref", on_page=False, stated=True),
        Column("title", "Use case", sort="title", stated=True),
        Column("unit", "Unit", sort="unit__name", value=lambda row: row.unit.name, stated=True),
        Column("stage", "Stage", sort=BY_STAGE, value=lambda row: row.get_stage_display() or "Not stated"),
        Column("tier", "Tier", sort="tier", down_first=True, value=lambda row: row.tier),
        Column("approval", "Approval", value=lambda row: approval_label(row)),
        Column("provisional", "Provisional", on_page=False, value=lambda row: row.tier_provisional),
        Column("owner", "Owner", sort="owner__name", value=lambda row: str(row.owner or "")),
        Column("sponsor", "Sponsor", sort="sponsor__name", value=lambda row: str(row.sponsor or ""), optional=True),
        Column("requester", "Requester", sort="requester__name", value=lambda row: str(row.requester or ""),
               optional=True),
        Column("joined", "Joined by", value=joined.names, optional=True),
        Column("joined_for", "Joined for", value=joined.purposes, on_page=False),
        Column("joined_on", "Joined on condition", value=joined.conditions, on_page=False),
        Column("source", "Source", sort="source", value=lambda row: row.get_source_display(), optional=True,
               stated=True),
        Column("since", "In stage since", sort="stage_since", value=lambda row: row.stage_since, optional=True),
        Column("registered", "Registered", sort="registered_at", value=lambda row: row.registered_at, optional=True,
               down_first=True, stated=True),
        Column("changed", "Changed", sort="changed_at", value=lambda row: row.changed_at, down_first=True,
               stated=True),
    )  # fmt: skip

    def __init__(self, query: QueryDict, user: User, *, path: str = "") -> None:
        units = units_with_depth(roles_of(user).unit_ids(*Role))
        self._paths = _Paths({unit.pk: unit.path for unit in units})
        self.units = [(unit.path, unit.name) for unit in units]
        self._by = fields.wanted(query)
        self.filters = [*self._filters(), *fields.filters(self._by)]  # type: ignore[misc]  # some ask a port
        super().__init__(
            query,
            UseCase.objects.active().visible_to(user),
            path=path,
            options={"unit": [(unit.path, f"{' ' * unit.depth}{unit.name}") for unit in units]},
            saved_views=saved_views(user, query),
            save_url=reverse("portfolio:save_view"),
            may_share=rules.objection_to_share_view(user) is None,
        )
        if roles_of(user).has(*rules.REGISTRANTS):
            self.change_url = f"{reverse('portfolio:change_several')}?{self.view_query}"

    @cached_property
    def found(self) -> QuerySet[UseCase]:
        """All rows that match, with what is shown of them and no more."""
        columns = self.export_columns if self.file_format else self.page_columns
        people = [column.key for column in columns if column.key in _PEOPLE]
        if self.layout and not self.file_format:
            people = ["owner"]
        names = [f"{person}__{field}" for person in people for field in ("name", "email")]
        found = super().found.select_related("unit", *people).only(*_FIELDS, *names)
        found = found.annotate(approval_state=ports.how_approvals_stand().of_row())
        shows_joined = self.layout or joined.COLUMNS.intersection(column.key for column in columns)
        return found.annotate(joined=joined.of_row()) if shows_joined else found

    @property
    def _sliced(self) -> Any:
        """Of a hundred thousand use cases only those of the page are read, whatever they are sorted by."""
        by, direction = self.sort.removeprefix("-"), "-" if self.sort.startswith("-") else ""
        if by in _PEOPLE:
            named = self.found.filter(**{f"{by}__name__isnull": False})
            nobody = self.found.filter(**{by: None}).order_by("pk")
            return WithAndWithout(named.order_by(f"{direction}{by}__name", "pk"), nobody)
        if by == "unit":
            keys = self.queryset.filter(self._condition()).order_by(*self._ordering()).values("pk")
            return KeysFirst(keys, self.found)
        return self.found

    def _under(self, paths: list[str]) -> Q:
        """The units with these paths, and all below them, by their keys: an index finds those."""
        chosen = tuple(paths)
        return Q(unit__in=[key for key, path in self._paths.items() if path.startswith(chosen)])

    def _filters(self) -> Sequence[Filter]:
        return (
            Choices("stage", "Stage", Stage.choices, none="Not stated"),
            Choices("tier", "Tier", tier_options, none="Not yet known"),
            Choices("unit", "Unit", lookup="unit__path", where=self._under),
            Choices("source", "Source", Source.choices),
            Choices("approval", "Approval", approval_options, none="None", where=approved_as, counts=False),
            Choices("value", "Value a year", worth.BANDS, where=worth.in_bands, counts=False),
            Flag("provisional", "Provisional", Q(tier_provisional=True)),
            Flag("unsettled", "Reported as running, to be put in order", unsettled()),
            Flag("unapproved", "Running without approval", running_without_approval()),
            Flag("lingering", "Longer than usual in its stage", lingering(clock.now(), self.limits)),
        )

    @cached_property
    def limits(self) -> dict[Stage, int]:
        """After how many days a use case is in its stage for longer than is usual."""
        return stage_times().limits

    def _search_conditions(self) -> list[Q]:
        return [words_of(self.text)]

    @cached_property
    def rows(self) -> list[UseCase]:
        """The rows of the page, each with the words for its tier, which are asked for once."""
        words = {int(value): label for value, label in self._pairs(self._tier) if value.isdigit()}
        now, approvals = clock.now(), ports.how_approvals_stand()
        rows = list(self.page.object_list)
        for row in rows:
            row.approval = approvals.of(vars(row)["approval_state"])  # type: ignore[attr-defined]
            row.tier_label = words.get(row.tier or 0, "")  # type: ignore[attr-defined]
            row.days_over = None if row.paused_at else days_over(row.stage, row.stage_since, now, self.limits)  # type: ignore[attr-defined]
        return rows

    @property
    def _tier(self) -> Choices:
        return next(filter for filter in self._choices() if filter.key == "tier")

    def _facet(self, filter: Choices, counts: dict[str, int] | None) -> Facet:
        """Of the many units, only those that have something to show."""
        facet = super()._facet(filter, counts)
        if filter.key != "unit":
            return facet
        return replace(facet, options=[option for option in facet.options if option.count != 0 or option.is_chosen])

    def _paginator(self) -> "Paginator[UseCase]":
        """Other layouts than the list need the crossed numbers anyway, and so know how many there are."""
        if not self.layout:
            return super()._paginator()
        paginator = Paginator(self.found, self.page_size)
        paginator.count = sum(number for key, number in self._crossed.items() if self._fits(key))
        return paginator

    @cached_property
    def _crossed(self) -> dict[tuple[str, ...], int]:
        """How many there are of each combination of the counted facets' values, under all else: one query."""
        rows = (
            self.queryset.filter(self._condition(*(facet.key for facet in self._counted())))
            .order_by()
            .values_list(*(_COUNTED_BY.get(facet.key, facet.field) for facet in self._counted()))
            .annotate(number=Count("*"))
        )
        at = [facet.key for facet in self._counted()].index("unit")
        return {
            tuple(self._paths[value] if here == at else _told(value) for here, value in enumerate(values)): n
            for *values, n in rows
        }

    def _facet_counts(self) -> dict[str, dict[str, int]]:
        """Rows for each choice under all other filters. A unit also counts what lies below it."""
        counts: dict[str, Counter[str]] = {facet.key: Counter() for facet in self._counted()}
        for values, number in self._crossed.items():
            for (key, counted), value in zip(counts.items(), values, strict=True):
                if self._fits(values, besides=key):
                    for choice in _upwards(value) if key == "unit" else (value,):
                        counted[choice] += number
        return {key: dict(found) for key, found in counts.items()} | self._counts_of_facts()

    def _counts_of_facts(self) -> dict[str, dict[str, int]]:
        """The same for each fact that is filtered by: a query each, and none for the usual list."""
        counts = {}
        for facet in self._choices():
            if fields.is_counted_apart(facet.key):
                rows = self.queryset.filter(self._condition(facet.key)).order_by()
                by_value = rows.values_list(fields.expression_of(facet.key)).annotate(number=Count("*"))
                counts[facet.key] = fields.counted(facet.key, by_value)
        return counts

    @property
    def more(self) -> list[Option]:
        return fields.offered(self._by)

    def _fits(self, values: tuple[str, ...], besides: str = "") -> bool:
        """Whether a combination of values is among those chosen; one facet may be left out."""
        return all(
            key == besides or any(values[at].startswith(one) if key == "unit" else values[at] == one for one in chosen)
            for at, key, chosen in self._asked
        )

    @cached_property
    def _asked(self) -> list[tuple[int, str, list[str]]]:
        """Place, key and choices of each facet that is asked for."""
        facets = enumerate(self._counted())
        return [(at, facet.key, chosen) for at, facet in facets if (chosen := self._chosen(facet))]

    def _counted(self) -> list[Choices]:
        return [facet for facet in self._choices() if facet.counts]

    @cached_property
    def tally(self) -> Counter[tuple[str, str, str]]:
        """How many of the rows found there are of each (stage, tier, path of the unit); no query beyond the facets'."""
        keys = [facet.key for facet in self._counted()]
        found: Counter[tuple[str, str, str]] = Counter()
        for values, number in self._crossed.items():
            if self._fits(values):
                told = dict(zip(keys, values, strict=True))
                found[told["stage"], told["tier"], told["unit"]] += number
        return found


class _Paths(dict[int, str]):
    """Paths of units by key; of units elsewhere, whose use cases name this person, they are asked for together."""

    def __missing__(self, key: int) -> str:
        known = set(self)
        self.update(OrgUnit.objects.exclude(pk__in=known).values_list("pk", "path"))
        return self[key]


def _told(value: object) -> str:
    return NONE if value is None else str(value)


def _upwards(path: str) -> Iterable[str]:
    """1.4.9. leads to 1., 1.4. and 1.4.9."""
    keys = path.split(".")[:-1]
    return (".".join(keys[:depth]) + "." for depth in range(1, len(keys) + 1))


def asked_for(query: QueryDict, user: User, *, path: str = "") -> UseCaseTable:
    """The table that an address asks for; where a mistyped word finds nothing, the one for the nearest words."""
    table = UseCaseTable(query, user, path=path)
    if not table.text or table.total or not (meant := corrected(table.text)):
        return table
    mended = query.copy()
    mended["q"] = meant
    closest = UseCaseTable(mended, user, path=path)
    if not closest.total:  # the word may stand in the title of what this person must not know
        return table
    closest.note = f"Nothing has “{table.text}”. This is what has “{meant}”."
    return closest
