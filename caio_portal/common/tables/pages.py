from functools import cached_property
from typing import Any

from django.core.paginator import Paginator


class CappedPaginator(Paginator):
    """Counts no further than `up_to` rows: the time of a page does not grow with what lies behind it."""

    def __init__(self, rows: Any, per_page: int, up_to: int) -> None:
        super().__init__(rows, per_page)
        self.up_to = up_to

    @cached_property
    def count(self) -> int:
        return min(self._counted, self.up_to)

    @property
    def is_capped(self) -> bool:
        """Whether there are more."""
        return self._counted > self.up_to

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        found: int = rows.order_by().values("pk")[: self.up_to + 1].count()
        return found
