"""The list of common uses, and OMB's consolidated list made of it."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from django.db.models import Q

from caio_portal.accounts.models import OrgUnit
from caio_portal.common import tables
from caio_portal.common.tables import Choices, Column
from caio_portal.common.tables.filters import Filter
from portfolio.light.catalogue import title_of, titles
from portfolio.models import CommonUse

OMB_HEADS = (
    "Agency",
    "AI Use Case",
    "Agency Use (Y/N)?",
    "Name of Commercial Product or Service Used",
    "Estimated # of Licenses/Users",
)
_STATES = {"approved": Q(tool__isnull=False), "open": Q(tool=None)}


def _in_states(values: list[str]) -> Q:
    condition = Q(pk__in=[])
    for value in values:
        condition |= _STATES.get(value, Q(pk__in=[]))
    return condition


class CommonUseTable(tables.Table[CommonUse]):
    id = "common-uses"
    noun = ("common use", "common uses")
    caption = "Common uses"
    file_name = "common uses"
    default_sort = "-changed"
    search = ("product__icontains", "tool__name__icontains", "unit__name__icontains")
    search_label = "Search product or unit"
    empty_title = "No common use is declared"
    empty_text = "Drafting, summarising, transcribing with an approved tool: a minute, and no review."
    columns: ClassVar[Sequence[Column]] = (
        Column("use", "Use", sort="use", value=lambda row: title_of(row.use)),
        Column("with_what", "Product"),
        Column("unit", "Unit", sort="unit__name", value=lambda row: row.unit.name),
        Column("users", "Users", sort="users", numeric=True, down_first=True),
        Column("licences", "Licences", sort="licences", numeric=True, down_first=True),
        Column("by", "Declared by", on_page=False, value=lambda row: row.by.name),
        Column("changed", "Stated", sort="changed_at", value=lambda row: row.changed_at, down_first=True),
        Column("state", "State", value=lambda row: "Approved" if row.tool_id else f"Until {row.settle_by}"),
    )
    filters: ClassVar[Sequence[Filter]] = (
        Choices("state", "State", [("approved", "Approved tool"), ("open", "Not approved yet")], where=_in_states,
                counts=False),
        Choices("use", "Use", titles().items),
    )  # fmt: skip


def consolidated(agency: OrgUnit, common_uses: Iterable[CommonUse]) -> list[tuple[str, str, str, str, str]]:
    """OMB's rows for one agency: every use of the list, whether it is made, with which products, by how many."""
    found: dict[str, list[CommonUse]] = {}
    for common_use in common_uses:
        if common_use.unit.path.startswith(agency.path):
            found.setdefault(common_use.use, []).append(common_use)
    return [
        (
            agency.name,
            title,
            "Y" if use in found else "N",
            "; ".join(sorted({one.with_what for one in found.get(use, ())})),
            str(sum(max(one.licences, one.users) for one in found[use])) if use in found else "",
        )
        for use, title in titles().items()
    ]
