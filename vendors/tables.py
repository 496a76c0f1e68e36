"""The list of vendors."""

from decimal import Decimal
from typing import Any

from django.db.models import Q

from caio_portal.common.tables import Choices, Column, Flag, Table
from vendors.models import Advice, Criticality, Vendor


def _number(key: str) -> Any:
    def value(row: Any) -> Decimal | None:
        found: Decimal | None = getattr(row, key)
        return found

    return value


def _advice(row: Any) -> str:
    return Advice(row.advice).label if row.advice else ""


class VendorTable(Table[Vendor]):
    """The heat table: four dimensions, the total and what follows from them."""

    id = "vendors"
    noun = ("vendor", "vendors")
    caption = "Vendors and their scores"
    file_name = "vendors"
    search = ("name__icontains", "sold__icontains")
    search_label = "Find a vendor or product"
    default_sort = "-total"
    empty_title = "No vendors yet"
    empty_text = "Register the suppliers that your use cases rely on; their scorecards appear here."
    columns = (
        Column("name", "Vendor", sort="name"),
        Column("criticality", "Criticality", sort="criticality", value=lambda row: row.get_criticality_display()),
        Column("performance", "Performance", sort="performance", numeric=True, down_first=True),
        Column("security", "Security posture", sort="security", numeric=True, down_first=True),
        Column("roadmap", "Roadmap alignment", sort="roadmap", numeric=True, down_first=True),
        Column("cost", "Cost", sort="cost", numeric=True, down_first=True),
        Column("total", "Total", sort="total", numeric=True, down_first=True),
        Column("coverage", "Evidence", sort="coverage", numeric=True, down_first=True),
        Column(
            "advice", "Recommendation", sort="advice", value=lambda row: Advice(row.advice).label if row.advice else ""
        ),
        Column("reasons", "Reasons", value=lambda row: " ".join(row.reasons or ()), on_page=False),
        Column("notice_by", "Next notice", sort="notice_by"),
        Column("value", "Contract value", value=_number("value"), on_page=False),
    )
    filters = (
        Choices("criticality", "Criticality", Criticality.choices),
        Choices("advice", "Recommendation", Advice.choices, lookup="card__advice", none="No scorecard"),
        Flag("retired", "Retired", Q(retired_at__isnull=False)),
    )
