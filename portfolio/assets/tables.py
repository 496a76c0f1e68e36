"""The lists of linked assets."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import Count, Q
from django.http import QueryDict

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of, units_with_depth
from caio_portal.common import clock, tables
from caio_portal.common.tables import Choices, Column, Flag
from caio_portal.common.tables.filters import Filter
from portfolio.assets.access import assets_of
from portfolio.assets.kinds import KINDS
from portfolio.models import Asset, Autonomy, UseCase

_NAME = Column("name", "Name", sort="name", value=str)
_SHARED: tuple[Column, ...] = (
    Column("unit", "Unit", sort="unit__name", value=lambda row: row.unit.name),
    Column("serves", "Use cases", sort="serves", numeric=True, down_first=True),
    Column("owner", "Owner", sort="owner__name", value=lambda row: str(row.owner or "")),
    Column("link", "Address", on_page=False),
    Column("about", "What it is", on_page=False),
    Column("changed", "Changed", sort="changed_at", down_first=True, value=lambda row: row.changed_at),
)
_STATES = {"listed": Q(retired_at=None), "retired": Q(retired_at__isnull=False)}


def _in_states(values: list[str]) -> Q:
    condition = Q(pk__in=[])
    for value in values:
        condition |= _STATES[value]
    return condition


def _under(paths: list[str]) -> Q:
    condition = Q(pk__in=[])
    for path in paths:
        condition |= Q(unit__path__startswith=path)
    return condition


class AssetTable(tables.Table[Asset]):
    id = "assets"
    default_sort = "name"
    search: ClassVar[Sequence[str]] = ("name__icontains", "about__icontains")
    search_label = "Search name or description"
    kind: ClassVar[str] = ""
    own: ClassVar[Sequence[Column]] = ()
    own_filters: ClassVar[Sequence[Filter]] = ()

    def __init__(self, query: QueryDict, user: User, *, path: str = "") -> None:
        kind = KINDS[self.kind]
        self.noun, self.caption, self.file_name = kind.noun, kind.label, kind.noun[1]  # type: ignore[misc]
        self.columns = (_NAME, *self.own, *_SHARED)  # type: ignore[misc]
        self.empty_title = f"No {kind.noun[0]} is listed yet"  # type: ignore[misc]
        self.empty_text = "Add the first one, or read it from a model card or a bill of materials."  # type: ignore[misc]
        units = units_with_depth(roles_of(user).unit_ids(*Role))
        self.filters = (  # type: ignore[misc]
            Choices("state", "State", [("listed", "In use"), ("retired", "Retired")], where=_in_states, counts=False),
            *self.own_filters,
            Choices("unit", "Unit", [(unit.path, f"{' ' * unit.depth}{unit.name}") for unit in units],
                    where=_under, counts=False),
            Flag("unused", "Serves no use case", Q(serves=0)),
        )  # fmt: skip
        seen = Q(uses__use_case__in=UseCase.objects.active().visible_to(user))
        rows: Any = assets_of(user, kind).select_related("unit", "owner")
        super().__init__(query, rows.annotate(serves=Count("uses", filter=seen, distinct=True)), path=path)

    def _condition(self, *without: str) -> Q:
        """Retired ones only for those who ask for them."""
        condition = super()._condition(*without)
        return condition if self.query.getlist("state") else condition & Q(retired_at=None)


class SystemTable(AssetTable):
    kind = "systems"


class ModelTable(AssetTable):
    kind = "models"
    search = ("name__icontains", "about__icontains", "publisher__icontains", "version__icontains")
    own = (
        Column("version", "Version", sort="version", on_page=False),
        Column("publisher", "Publisher", sort="publisher"),
        Column("task", "Task", sort="task"),
        Column("licence", "Licence", sort="licence"),
        Column("ends", "End of life", sort="ends_on", value=lambda row: row.ends_on),
    )

    def __init__(self, query: QueryDict, user: User, *, path: str = "") -> None:
        self.own_filters = (  # type: ignore[misc]
            Flag("over", "Past its end of life", Q(ends_on__lt=clock.today())),
            Flag("unlicensed", "No licence stated", Q(licence="")),
        )
        super().__init__(query, user, path=path)


class DatasetTable(AssetTable):
    kind = "datasets"
    own = (
        Column("personal", "About people", sort="personal_data",
               value=lambda row: {True: "Yes", False: "No"}.get(row.personal_data, "Not known")),
        Column("sensitive", "Sensitive", sort="sensitive"),
        Column("origin", "Comes from", sort="origin"),
        Column("licence", "Licence", sort="licence", on_page=False),
    )  # fmt: skip
    own_filters = (
        Flag("personal", "About people", Q(personal_data=True)),
        Flag("sensitive", "Sensitive contents", ~Q(sensitive="")),
    )


class AgentTable(AssetTable):
    kind = "agents"
    own = (
        Column("autonomy", "Autonomy", sort="autonomy", value=lambda row: row.get_autonomy_display()),
        Column("tools", "Tools", numeric=True, value=lambda row: len(row.tools)),
        Column("limit", "Spending limit", numeric=True, value=lambda row: limit_of(row)),
        Column("stopped_by", "Stopped by", on_page=False),
    )
    own_filters = (
        Choices("autonomy", "Autonomy", Autonomy.choices, counts=False),
        Flag("unlimited", "No spending limit", Q(spend_limit=None)),
        Flag("unstoppable", "Nobody named to stop it", Q(stopped_by="")),
    )


def limit_of(agent: Any) -> str:
    """The spending limit in words; empty without one."""
    if agent.spend_limit is None:
        return ""
    return f"{agent.spend_limit:,.2f} {agent.currency} {agent.get_spend_per_display()}"


TABLES: dict[str, type[AssetTable]] = {each.kind: each for each in (SystemTable, ModelTable, DatasetTable, AgentTable)}
