from collections.abc import Mapping, Sequence
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any, ClassVar, Generic, TypeVar

from django.db.models import CharField, Count, F, Model, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.http import QueryDict

from caio_portal.common.tables.filters import (
    NONE,
    Applied,
    Choices,
    Facet,
    Field,
    Filter,
    Flag,
    Option,
    Options,
    Typed,
)

Row = TypeVar("Row", bound=Model)
COUNTS = "facets"  # the parameter that asks for what the facets count, and nothing else


class Search(Generic[Row]):
    """What an address asks of a set of rows: words to find, facets and flags. What makes no sense in it is ignored."""

    filters: ClassVar[Sequence[Filter]] = ()
    search: ClassVar[Sequence[str]] = ()  # lookups, any of which may hold: "title__icontains"
    search_label: ClassVar[str] = "Search"

    def __init__(
        self,
        query: QueryDict,
        queryset: QuerySet[Row],
        *,
        path: str = "",
        options: Mapping[str, Options] | None = None,
    ) -> None:
        """`options` gives the choices of a facet for this request."""
        self.query, self.queryset, self.path = query, queryset, path
        self._options = options or {}

    @cached_property
    def facets(self) -> list[Facet]:
        counts = self._counts()
        return [self._facet(filter, counts.get(filter.key)) for filter in self._choices()]

    @property
    def buttons(self) -> list[Facet]:
        """The facets that stand for themselves."""
        within = {filter.key for filter in self._choices() if filter.within}
        return [facet for facet in self.facets if facet.key not in within]

    @property
    def flags(self) -> list[Option]:
        return [
            Option(filter.key, filter.label, None, filter.key in self.query)
            for filter in self.filters
            if isinstance(filter, Flag)
        ]

    @property
    def fields(self) -> list[Field]:
        within = {filter.within: filter.key for filter in self._choices()}
        facets = {facet.key: facet for facet in self.facets}
        typed = [filter for filter in self.filters if isinstance(filter, Typed)]
        return [self._field(filter, facets.get(within.get(filter.key, ""))) for filter in typed]

    @property
    def more(self) -> list[Option]:
        """Further filters that the list offers, those that are shown chosen."""
        return []

    @cached_property
    def applied(self) -> list[Applied]:
        """The filters in force, each with the address that drops it."""
        applied = [Applied("Search", self.text, self.url(q=None))] if self.text else []
        for filter in self.filters:
            if isinstance(filter, Flag):
                if filter.key in self.query:
                    applied.append(Applied("", filter.label, self.url(**{filter.key: None})))
                continue
            if isinstance(filter, Typed):
                if told := filter.told(self.query):
                    applied.append(Applied(filter.label, told, self.url(**dict.fromkeys(filter.parameters))))
                continue
            labels, chosen = dict(self._pairs(filter)), self._chosen(filter)
            for value in chosen:
                rest = [other for other in chosen if other != value]
                applied.append(Applied(filter.label, labels[value], self.url(**{filter.key: rest})))
        return applied

    @property
    def text(self) -> str:
        return self.query.get("q", "").replace("\0", "").strip()[:200]  # PostgreSQL knows no NUL

    def url(self, **changes: Any) -> str:
        """The address of this list with some parameters changed; None or an empty list drops one."""
        query = self.query.copy()
        query.pop("page", None)
        query.pop("format", None)
        query.pop(COUNTS, None)
        for key, value in changes.items():
            query.setlist(key, [str(item) for item in (value if isinstance(value, list) else [value])])
            if value is None or value == []:
                query.pop(key)
        encoded = query.urlencode()
        return f"{self.path}?{encoded}" if encoded else self.path

    # --- inside -----------------------------------------------------------------------------------------------

    def _condition(self, *without: str) -> Q:
        conditions = self._search_conditions() if self.search else []
        for filter in self.filters:
            if filter.key in without:
                continue
            if isinstance(filter, Flag):
                conditions += [filter.condition] if filter.key in self.query else []
            elif isinstance(filter, Typed):
                conditions.append(filter.condition(self.query))
            elif chosen := self._chosen(filter):
                conditions.append(filter.condition(chosen))
        return reduce(and_, conditions, Q())

    def _search_conditions(self) -> list[Q]:
        """All of them must hold: one for each word."""
        return [reduce(or_, (Q(**{lookup: word}) for lookup in self.search)) for word in self.text.split()]

    def _choices(self) -> list[Choices]:
        return [filter for filter in self.filters if isinstance(filter, Choices)]

    def _pairs(self, filter: Choices) -> list[tuple[str, str]]:
        cache = self.__dict__.setdefault("_pairs_cache", {})
        if filter.key not in cache:
            cache[filter.key] = filter.pairs(self._options.get(filter.key))
        pairs: list[tuple[str, str]] = cache[filter.key]
        return pairs

    def _chosen(self, filter: Choices) -> list[str]:
        asked = self.query.getlist(filter.key)
        return [value for value, _ in self._pairs(filter) if value in asked]

    def _field(self, filter: Typed, facet: Facet | None) -> Field:
        labels = ("Contains",) if filter.kind == "text" else ("From", "To")
        inputs = [
            (name, label, "" if value is None else str(value))
            for name, label, value in zip(filter.parameters, labels, filter.asked(self.query), strict=True)
        ]
        is_on = any(value for _, _, value in inputs) or bool(facet and facet.chosen)
        return Field(filter.key, filter.label, filter.kind, inputs, is_on, facet)

    def _facet(self, filter: Choices, counts: dict[str, int] | None) -> Facet:
        chosen = self._chosen(filter)
        options = (
            Option(value, label, None if counts is None else counts.get(value, 0), value in chosen)
            for value, label in self._pairs(filter)
        )
        return Facet(filter.key, filter.label, list(options))

    def _counts(self) -> dict[str, dict[str, int]]:
        return self._facet_counts()

    def _facet_counts(self) -> dict[str, dict[str, int]]:
        """Rows per choice of every facet, each under all other filters: one query."""
        counted = [filter for filter in self._choices() if filter.counts]
        if not counted:
            return {}
        queries = [self._count_query(filter) for filter in counted]
        union = queries[0].union(*queries[1:], all=True) if len(queries) > 1 else queries[0]
        counts: dict[str, dict[str, int]] = {filter.key: {} for filter in counted}
        for key, value, number in union:
            counts[key][NONE if value is None else value] = number
        return counts

    def _count_query(self, filter: Choices) -> QuerySet[Any, tuple[str, str | None, int]]:
        return (
            self.queryset.filter(self._condition(filter.key))
            .order_by()
            .values(facet=Value(filter.key), choice=Cast(F(filter.field), CharField()))
            .annotate(number=Count("pk"))
            .values_list("facet", "choice", "number")
        )
