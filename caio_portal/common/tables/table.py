from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any, ClassVar, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import CharField, Count, F, Model, Q, QuerySet, Value
from django.db.models.functions import Cast
from django.http import QueryDict

from caio_portal.common import words
from caio_portal.common.tables.columns import Column, Head
from caio_portal.common.tables.filters import NONE, Applied, Choices, Facet, Filter, Flag, Option, Options

Row = TypeVar("Row", bound=Model)
FORMATS = ("csv", "xlsx")


@dataclass(frozen=True)
class SavedView:
    """A name for a query string of a list."""

    name: str
    url: str
    is_current: bool = False


class Table(Generic[Row]):
    """A list of rows as one address describes it: ?q= &sort= &page= &format= and the keys of the filters.

    Subclasses declare; an instance reads the query of one request. What makes no sense in it is ignored.
    Queries: one for the rows, one for their number, and one for the counts of all facets together.
    """

    id: ClassVar[str] = "rows"  # of the element that htmx swaps; also the name of the partial
    columns: ClassVar[Sequence[Column]] = ()
    filters: ClassVar[Sequence[Filter]] = ()
    search: ClassVar[Sequence[str]] = ()  # lookups, any of which may hold: "title__icontains"
    search_label: ClassVar[str] = "Search"
    default_sort: ClassVar[str] = ""  # the key of a column, with - for descending
    page_size: ClassVar[int] = 50
    noun: ClassVar[tuple[str, str]] = ("row", "rows")
    caption: ClassVar[str] = ""
    file_name: ClassVar[str] = "list"
    empty_title: ClassVar[str] = ""
    empty_text: ClassVar[str] = ""
    exportable: ClassVar[bool] = True
    choosable: ClassVar[bool] = False  # whether readers choose the columns (?col=), all but the first

    def __init__(
        self,
        query: QueryDict,
        queryset: QuerySet[Row],
        *,
        path: str = "",
        options: Mapping[str, Options] | None = None,
        saved_views: Sequence[SavedView] = (),
        save_url: str = "",
    ) -> None:
        """`options` gives the choices of a facet for this request; `save_url` takes a POST of name and query."""
        self.query, self.queryset, self.path = query, queryset, path
        self.saved_views, self.save_url = saved_views, save_url
        self._options = options or {}

    # --- rows -------------------------------------------------------------------------------------------------

    @cached_property
    def found(self) -> QuerySet[Row]:
        """All rows that match, in order, on every page."""
        return self.queryset.filter(self._condition()).order_by(*self._ordering())

    @cached_property
    def page(self) -> Page[Row]:
        return Paginator(self.found, self.page_size).get_page(self.query.get("page"))

    @cached_property
    def rows(self) -> list[Row]:
        return list(self.page.object_list)

    @property
    def total(self) -> int:
        return self.page.paginator.count

    @property
    def total_words(self) -> str:
        return words.plural(self.total, *self.noun)

    def export_rows(self) -> Iterator[list[Any]]:
        """Every matching row, as values of the exported columns, without keeping them all in memory."""
        columns = self.export_columns
        rows = self.found.iterator(chunk_size=2000)
        return ([column.value_of(row) for column in columns] for row in rows)

    @property
    def export_columns(self) -> list[Column]:
        """Those that were chosen, else all."""
        columns = self.page_columns if self.chosen_columns else self.columns
        return [column for column in columns if column.in_export]

    @property
    def export_note(self) -> str:
        """What a file will hold."""
        words = "the columns shown" if self.chosen_columns else "all columns"
        return f"{self.total_words}, {words}"

    @property
    def file_format(self) -> str:
        """csv or xlsx if the address asks for a file."""
        asked = self.query.get("format", "")
        return asked if self.exportable and asked in FORMATS else ""

    # --- what the template shows ------------------------------------------------------------------------------

    @property
    def page_columns(self) -> list[Column]:
        offered = [column for column in self.columns if column.on_page]
        if not self.chosen_columns:
            return [column for column in offered if not column.optional]
        return [column for column in offered if column is offered[0] or column.key in self.chosen_columns]

    @cached_property
    def chosen_columns(self) -> frozenset[str]:
        """The keys of the columns that the reader asked for; empty for the usual ones."""
        known = {column.key for column in self.columns if column.on_page}
        return frozenset(known.intersection(self.query.getlist("col"))) if self.choosable else frozenset()

    @property
    def shown(self) -> frozenset[str]:
        """The keys of the columns on the page, for the template of a row."""
        return frozenset(column.key for column in self.page_columns)

    @property
    def column_options(self) -> list[Option]:
        if not self.choosable:
            return []
        shown = self.shown
        return [Option(c.key, c.label, None, c.key in shown) for c in self.columns[1:] if c.on_page]

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The query without columns and page, as hidden fields for the form that chooses columns."""
        return [(k, v) for k, values in self.query.lists() if k not in ("col", "page", "format") for v in values]

    @cached_property
    def heads(self) -> list[Head]:
        return [self._head(column) for column in self.page_columns]

    @cached_property
    def facets(self) -> list[Facet]:
        counts = self._counts()
        return [self._facet(filter, counts.get(filter.key)) for filter in self._choices()]

    @property
    def flags(self) -> list[Option]:
        return [
            Option(filter.key, filter.label, None, filter.key in self.query)
            for filter in self.filters
            if isinstance(filter, Flag)
        ]

    @cached_property
    def applied(self) -> list[Applied]:
        """The filters in force, each with the address that drops it."""
        applied = [Applied("Search", self.text, self.url(q=None))] if self.text else []
        for filter in self.filters:
            if isinstance(filter, Flag):
                if filter.key in self.query:
                    applied.append(Applied("", filter.label, self.url(**{filter.key: None})))
                continue
            labels, chosen = dict(self._pairs(filter)), self._chosen(filter)
            for value in chosen:
                rest = [other for other in chosen if other != value]
                applied.append(Applied(filter.label, labels[value], self.url(**{filter.key: rest})))
        return applied

    @property
    def page_links(self) -> list[tuple[str, str, bool]]:
        """(label, address, is it this one) of the pages to offer; an address of "" is a gap."""
        page, paginator = self.page, self.page.paginator
        numbers = paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
        return [
            (str(number), self.url(page=number) if isinstance(number, int) else "", number == page.number)
            for number in numbers
        ]

    @property
    def previous_url(self) -> str:
        return self.url(page=self.page.number - 1) if self.page.has_previous() else ""

    @property
    def next_url(self) -> str:
        return self.url(page=self.page.number + 1) if self.page.has_next() else ""

    @property
    def view_query(self) -> str:
        """The query string that a saved view keeps."""
        return self.url().partition("?")[2]

    @property
    def empty_heading(self) -> str:
        return self.empty_title or f"No {self.noun[1]} yet"

    @property
    def clear_url(self) -> str:
        """The list without filters, in the same order."""
        sort = self.query.get("sort")
        return f"{self.path}?sort={sort}" if sort and self.sort == sort else self.path

    @property
    def export_urls(self) -> list[tuple[str, str]]:
        return [("Excel (XLSX)", self.url(format="xlsx")), ("CSV", self.url(format="csv"))] if self.exportable else []

    @property
    def text(self) -> str:
        return self.query.get("q", "").replace("\0", "").strip()[:200]  # PostgreSQL knows no NUL

    @cached_property
    def sort(self) -> str:
        """The column the list is sorted by, with - for descending."""
        asked = self.query.get("sort", "")
        return asked if self._column(asked) else self.default_sort

    def url(self, **changes: Any) -> str:
        """The address of this list with some parameters changed; None or an empty list drops one."""
        query = self.query.copy()
        query.pop("page", None)
        query.pop("format", None)
        for key, value in changes.items():
            query.setlist(key, [str(item) for item in (value if isinstance(value, list) else [value])])
            if value is None or value == []:
                query.pop(key)
        encoded = query.urlencode()
        return f"{self.path}?{encoded}" if encoded else self.path

    # --- inside -----------------------------------------------------------------------------------------------

    def _condition(self, without: str = "") -> Q:
        conditions = [self._search_condition(word) for word in self.text.split()] if self.search else []
        for filter in self.filters:
            if filter.key == without:
                continue
            if isinstance(filter, Flag):
                conditions += [filter.condition] if filter.key in self.query else []
            elif chosen := self._chosen(filter):
                conditions.append(filter.condition(chosen))
        return reduce(and_, conditions, Q())

    def _search_condition(self, word: str) -> Q:
        return reduce(or_, (Q(**{lookup: word}) for lookup in self.search))

    def _ordering(self) -> list[Any]:
        column = self._column(self.sort)
        chosen = [column.ordering(self.sort.startswith("-"))] if column else []
        return [*chosen, "pk"]

    def _column(self, sort: str) -> Column | None:
        key = sort.removeprefix("-")
        return next((column for column in self.columns if column.key == key and column.sort is not None), None)

    def _head(self, column: Column) -> Head:
        if column.sort is None:
            return Head(column.label, column.numeric)
        descending = self.sort.startswith("-")
        is_sorted = self.sort.removeprefix("-") == column.key
        turn = not descending if is_sorted else column.down_first
        direction = ("descending" if descending else "ascending") if is_sorted else ""
        return Head(column.label, column.numeric, self.url(sort=f"{'-' if turn else ''}{column.key}"), direction)

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

    def _facet(self, filter: Choices, counts: dict[str, int] | None) -> Facet:
        chosen = self._chosen(filter)
        options = (
            Option(value, label, None if counts is None else counts.get(value, 0), value in chosen)
            for value, label in self._pairs(filter)
        )
        return Facet(filter.key, filter.label, list(options))

    def _counts(self) -> dict[str, dict[str, int]]:
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
            self.queryset.filter(self._condition(without=filter.key))
            .order_by()
            .values(facet=Value(filter.key), choice=Cast(F(filter.field), CharField()))
            .annotate(number=Count("pk"))
            .values_list("facet", "choice", "number")
        )
