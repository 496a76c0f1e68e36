import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.http import QueryDict

from caio_portal.common import words
from caio_portal.common.tables.columns import Column, Head
from caio_portal.common.tables.filters import Option, Options
from caio_portal.common.tables.pages import CappedPaginator
from caio_portal.common.tables.search import COUNTS, Search

Row = TypeVar("Row", bound=Model)
FORMATS = ("csv", "xlsx", "json")
LAYOUT = "view"  # the parameter that names the layout


@dataclass(frozen=True)
class SavedView:
    """A name for a query string of a list; its reader may take it away if `hide_url` is given."""

    name: str
    url: str
    is_current: bool = False
    note: str = ""  # whose it is, if not the reader's
    hide_url: str = ""


@dataclass(frozen=True)
class Layout:
    """A way to arrange what a list found; the first one of a table is the plain list, without a parameter."""

    key: str
    label: str
    icon: str
    url: str = ""
    is_current: bool = False


class Table(Search[Row]):
    """A list of rows as one address describes it: ?q= &sort= &page= &format= &view= and the keys of the filters.

    Subclasses declare; an instance reads the query of one request. What makes no sense in it is ignored.
    Queries: one for the rows, one for their number, and one for the counts of all facets together.
    """

    id: ClassVar[str] = "rows"  # of the element that htmx swaps; also the name of the partial
    columns: ClassVar[Sequence[Column]] = ()
    default_sort: ClassVar[str] = ""  # the key of a column, with - for descending
    page_size: ClassVar[int] = 50
    noun: ClassVar[tuple[str, str]] = ("row", "rows")
    caption: ClassVar[str] = ""
    file_name: ClassVar[str] = "list"
    empty_title: ClassVar[str] = ""
    empty_text: ClassVar[str] = ""
    exportable: ClassVar[bool] = True
    layouts: ClassVar[Sequence[Layout]] = ()
    choosable: ClassVar[bool] = False  # whether readers choose the columns (?col=), all but the first
    count_up_to: ClassVar[int] = 0  # of more rows the page says "10,000+" and offers no further pages; 0 counts all
    counts_later: ClassVar[bool] = False  # whether the page comes first, and what its facets count after it

    def __init__(
        self,
        query: QueryDict,
        queryset: QuerySet[Row],
        *,
        path: str = "",
        options: Mapping[str, Options] | None = None,
        saved_views: Sequence[SavedView] = (),
        save_url: str = "",
        may_share: bool = False,
    ) -> None:
        """`options` gives the choices of a facet for this request; `save_url` takes a POST of name, query, shared."""
        super().__init__(query, queryset, path=path, options=options)
        self.saved_views, self.save_url, self.may_share = saved_views, save_url, may_share
        self.note = ""  # a sentence above the rows
        self.change_url = ""  # where one change is made to all that was found

    # --- rows -------------------------------------------------------------------------------------------------

    @cached_property
    def found(self) -> QuerySet[Row]:
        """All rows that match, in order, on every page."""
        return self.queryset.filter(self._condition()).order_by(*self._ordering())

    @cached_property
    def page(self) -> Page[Row]:
        return self._paginator().get_page(self.query.get("page"))

    @cached_property
    def rows(self) -> list[Row]:
        return list(self.page.object_list)

    @property
    def total(self) -> int:
        return self.page.paginator.count

    @property
    def total_words(self) -> str:
        """How many there are, and more than can be counted in no time as "10,000+ use cases"."""
        if getattr(self.page.paginator, "is_capped", False):
            return f"{words.number(self.total)}+ {self.noun[1]}"
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
    def layout(self) -> str:
        """The key of the layout that the address asks for; empty for the plain list."""
        asked = self.query.get(LAYOUT, "")
        return asked if asked in {layout.key for layout in self.layouts[1:]} else ""

    @property
    def layout_links(self) -> list[Layout]:
        """The layouts, each with this search arranged its way."""
        first = self.layouts[0].key if self.layouts else ""
        return [
            replace(
                layout,
                url=self.url(**{LAYOUT: None if layout.key == first else layout.key}),
                is_current=layout.key == (self.layout or first),
            )
            for layout in self.layouts
        ]

    @property
    def column_options(self) -> list[Option]:
        if not self.choosable or self.layout:
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
        """The list without filters, in the same order and layout."""
        sort = self.query.get("sort")
        kept = {"sort": sort if sort == self.sort else "", LAYOUT: self.layout}
        encoded = urlencode({key: value for key, value in kept.items() if value})
        return f"{self.path}?{encoded}" if encoded else self.path

    @property
    def export_urls(self) -> list[tuple[str, str]]:
        if not self.exportable:
            return []
        names = {"xlsx": "Excel (XLSX)", "csv": "CSV", "json": "JSON"}
        return [(label, self.url(format=key)) for key, label in names.items()]

    @cached_property
    def sort(self) -> str:
        """The column the list is sorted by, with - for descending."""
        asked = self.query.get("sort", "")
        return asked if self._column(asked) else self.default_sort

    @property
    def asks_for_counts(self) -> bool:
        """Whether the page is there already and fetches what its facets count."""
        return self.counts_later and self.query.get(COUNTS) == "1"

    @cached_property
    def counts_url(self) -> str:
        """Where the page fetches what its facets count; empty if it has that."""
        return self.url(**{COUNTS: 1}) if self.counts_later and not self.asks_for_counts else ""

    @cached_property
    def stamp(self) -> str:
        """Names this search, so that counts that come too late change nothing of the next one."""
        return f"{zlib.crc32(self.url().encode()):08x}"

    # --- inside -----------------------------------------------------------------------------------------------

    def _paginator(self) -> "Paginator[Row]":
        if self.count_up_to:
            return CappedPaginator(self.found, self.page_size, self.count_up_to, self._sliced)
        return Paginator(self.found, self.page_size)

    @property
    def _sliced(self) -> Any:
        """What a page is cut out of: the rows found, or something that cuts the same out of them faster."""
        return self.found

    def _counts(self) -> dict[str, dict[str, int]]:
        return {} if self.counts_url else self._facet_counts()

    def _ordering(self) -> list[Any]:
        column, descending = self._column(self.sort), self.sort.startswith("-")
        chosen = [column.ordering(descending)] if column else []
        return [*chosen, "-pk" if column and column.stated and descending else "pk"]

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
