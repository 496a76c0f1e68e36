from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.db.models.expressions import Expression, OrderBy


@dataclass(frozen=True)
class Column:
    """One column: how it is headed and sorted, and what the export writes.

    `sort` is a field or an expression, ascending; without it the head is no link.
    `value` takes a row and gives the exported value; else the attributes in `key` are followed (`unit.name`).
    """

    key: str
    label: str
    sort: str | Expression | F | None = None
    numeric: bool = False
    value: Callable[[Any], Any] | None = None
    on_page: bool = True
    in_export: bool = True
    down_first: bool = False  # the first click sorts from the largest down
    optional: bool = False  # shown only to those who choose it, in a list whose columns are choosable
    stated: bool = False  # every row has a value: one index then serves both directions

    def ordering(self, descending: bool) -> OrderBy:
        """The order by this column; rows without a value come last either way."""
        assert self.sort is not None
        expression = F(self.sort) if isinstance(self.sort, str) else self.sort
        return OrderBy(expression, descending=descending, nulls_last=None if self.stated else True)

    def value_of(self, row: Any) -> Any:
        """What the export writes for a row."""
        if self.value is not None:
            return self.value(row)
        for name in self.key.split("."):
            row = getattr(row, name, None)
        return row


@dataclass(frozen=True)
class Head:
    """A column head as the template shows it."""

    label: str
    numeric: bool
    url: str = ""
    direction: str = ""  # ascending or descending, of the column the list is sorted by
