"""The lists of the app."""

from kpis.tables.alerts import AlertTable
from kpis.tables.definitions import DefinitionTable, MeasureTable
from kpis.tables.feeds import BatchTable, FeedTable

__all__ = ["AlertTable", "BatchTable", "DefinitionTable", "FeedTable", "MeasureTable"]
