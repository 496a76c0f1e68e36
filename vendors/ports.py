"""What the vendor pages ask of the apps above."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from caio_portal.accounts.models import User
from caio_portal.common.ports import Port
from vendors.models import Vendor


@dataclass(frozen=True)
class Cell:
    """One cell of a panel; TONE (good, warn, bad, info) draws it as a mark with an icon."""

    text: str
    url: str = ""
    number: bool = False
    tone: str = ""


@dataclass(frozen=True)
class VendorPanel:
    """A table on the vendor's page that another app fills."""

    key: str
    title: str
    summary: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str
    position: int = 50
    keeps: str = ""  # why the vendor cannot be retired: "Three use cases in production rely on it."


@dataclass(frozen=True)
class CriterionValue:
    """A value that the portal measured for a criterion, named as in scorecard.toml, [computed]."""

    name: str
    value: Decimal
    source: str
    as_of: date


# Each provider returns its panels for VENDOR, with what USER may see.
vendor_panels: Port[[Vendor, User], list[VendorPanel]] = Port("vendor_panels")
# Each provider returns what it knows of VENDOR in QUARTER ("2026Q3"); what it does not know it leaves out.
criterion_values: Port[[Vendor, str], list[CriterionValue]] = Port("criterion_values")
