"""Lists of what a process has in memory, such as a catalogue: searched, filtered, sorted and exported alike."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from django.http import QueryDict

from caio_portal.common.tables.filters import Options
from caio_portal.common.tables.table import Table


class MemoryTable(Table[Any]):
    """A table without queries: `search`, `sort` and the lookups of facets name attributes of the rows."""

    def __init__(
        self, query: QueryDict, rows: Sequence[Any], *, path: str = "", options: Mapping[str, Options] | None = None
    ) -> None:
        super().__init__(query, rows, path=path, options=options)  # type: ignore[arg-type]
        self._rows = rows

    @cached_property
    def found(self) -> Any:
        """All rows that match, in order."""
        found = [row for row in self._rows if self._matches(row)]
        column = self._column(self.sort)
        if column is None:
            return found
        name, down = str(column.sort), self.sort.startswith("-")
        known = [row for row in found if getattr(row, name) is not None]
        unknown = [row for row in found if getattr(row, name) is None]
        return sorted(known, key=lambda row: _folded(getattr(row, name)), reverse=down) + unknown

    def export_rows(self) -> Iterator[list[Any]]:
        columns = self.export_columns
        return ([column.value_of(row) for column in columns] for row in self.found)

    def _matches(self, row: Any, without: str = "") -> bool:
        said = [str(getattr(row, name)).lower() for name in self.search]
        if not all(any(word in text for text in said) for word in self.text.lower().split()):
            return False
        for facet in self._choices():
            chosen = self._chosen(facet)
            if facet.key != without and chosen and str(getattr(row, facet.field)) not in chosen:
                return False
        return True

    def _facet_counts(self) -> dict[str, dict[str, int]]:
        """Rows per choice of every facet, each under all other filters."""
        return {
            facet.key: Counter(str(getattr(row, facet.field)) for row in self._rows if self._matches(row, facet.key))
            for facet in self._choices()
        }


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
