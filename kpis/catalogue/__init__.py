"""Which KPIs there are: catalogue.toml, and what the office published over it."""

from kpis.catalogue.book import FILE, Catalogue, current, keep, kept, parse, shipped
from kpis.catalogue.kpi import INVITED, MAIN, NEW_SET, PERSPECTIVES, Kpi, Measure, Term

__all__ = [
    "FILE",
    "INVITED",
    "MAIN",
    "NEW_SET",
    "PERSPECTIVES",
    "Catalogue",
    "Kpi",
    "Measure",
    "Term",
    "current",
    "keep",
    "kept",
    "parse",
    "shipped",
]
