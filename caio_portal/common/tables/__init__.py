"""Lists: declare columns, filters and search; sorting, facets, pages and export come by themselves."""

from caio_portal.common.tables.columns import Column
from caio_portal.common.tables.filters import Choices, Flag, Typed
from caio_portal.common.tables.memory import MemoryTable
from caio_portal.common.tables.table import Layout, SavedView, Table

__all__ = ["Choices", "Column", "Flag", "Layout", "MemoryTable", "SavedView", "Table", "Typed"]
