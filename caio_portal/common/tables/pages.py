from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet


class CappedPaginator(Paginator):
    """Counts no further than `up_to` rows: the time of a page does not grow with what lies behind it."""

    def __init__(self, rows: Any, per_page: int, up_to: int, sliced: Any = None) -> None:
        """Pages are cut out of SLICED, which has the same rows in the same order."""
        super().__init__(rows if sliced is None else sliced, per_page)
        self.rows, self.up_to = rows, up_to

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.up_to)

    @property
    def is_capped(self) -> bool:
        """Whether there are more."""
        return self._counted > self.up_to

    @cached_property
    def _counted(self) -> int:
        found: int = self.rows.order_by().values("pk")[: self.up_to + 1].count()
        return found


class WithAndWithout:
    """The rows with a value, and after them those without: each part is read in the order of an index."""

    def __init__(self, having: QuerySet[Any], lacking: QuerySet[Any]) -> None:
        self.having, self.lacking = having, lacking

    def __getitem__(self, at: slice) -> list[Any]:
        found = list(self.having[at])
        if len(found) == at.stop - at.start:
            return found
        before = at.start + len(found) if found or not at.start else self.having.count()
        return found + list(self.lacking[max(0, at.start - before) : at.stop - before])


class KeysFirst:
    """The keys of the rows are found first, in an index alone, and what is shown of them afterwards."""

    def __init__(self, keys: QuerySet[Any], rows: QuerySet[Any]) -> None:
        self.keys, self.rows = keys, rows

    def __getitem__(self, at: slice) -> QuerySet[Any]:
        return self.rows.filter(pk__in=self.keys[at])
