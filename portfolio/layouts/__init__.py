"""Other ways to arrange what the list of use cases found, under the same search and filters."""

from collections.abc import Callable
from typing import Any

from portfolio.layouts.board import board
from portfolio.layouts.matrix import matrix
from portfolio.layouts.timeline import timeline
from portfolio.layouts.tree import tree
from portfolio.tables import UseCaseTable

_LAYOUTS: dict[str, Callable[[UseCaseTable], Any]] = {
    "board": board, "matrix": matrix, "timeline": timeline, "tree": tree,
}  # fmt: skip

__all__ = ["arrange", "board", "matrix", "timeline", "tree"]


def arrange(table: UseCaseTable) -> dict[str, Any]:
    """What the template of the layout shows, under the layout's name; nothing for the plain list."""
    return {table.layout: _LAYOUTS[table.layout](table)} if table.layout in _LAYOUTS and table.total else {}
