"""The units that take part in use cases of others, as the list of use cases shows, filters and exports them."""

from collections.abc import Iterable, Sequence

from django.contrib.postgres.aggregates import JSONBAgg
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONArray

from caio_portal.common.tables import Choices
from caio_portal.common.tables.filters import NONE
from portfolio.models import Branch, BranchState, UseCase

KEY = "joined"
COLUMNS = frozenset({KEY, "joined_for", "joined_on"})
_TOLD = ("unit__name", "purpose", "conditions", "unit__path")


def _joined() -> "QuerySet[Branch]":
    return Branch.objects.filter(state=BranchState.JOINED).order_by()


def of_row() -> Subquery:
    """For `annotate`: (unit, its purpose, its conditions, path of the unit) of each that joined, by name; or None."""
    parts = _joined().filter(use_case=OuterRef("pk")).values("use_case")
    return Subquery(parts.annotate(told=JSONBAgg(JSONArray(*_TOLD), order_by="unit__name")).values("told"))


def choices() -> Choices:
    """The filter by the units that joined."""
    return Choices(KEY, "Joined by", _units, none="Nobody", where=_joined_by, counts=False)


def keys_of_row() -> ArraySubquery:
    """The units that joined a use case, for counting."""
    return ArraySubquery(_joined().filter(use_case=OuterRef("pk")).values("unit"))


def counted(rows: Iterable[tuple[list[int], int]]) -> dict[str, int]:
    """Rows for each unit that joined, from rows for each set of them."""
    found: dict[str, int] = {}
    for units, number in rows:
        for unit in [str(unit) for unit in units] or [NONE]:
            found[unit] = found.get(unit, 0) + number
    return found


def names(row: UseCase) -> str:
    return ", ".join(unit for unit, *_ in _of(row))


def purposes(row: UseCase) -> str:
    """What each of them uses it for, one in each line."""
    return "\n".join(f"{unit}: {purpose}" for unit, purpose, *_ in _of(row))


def conditions(row: UseCase) -> str:
    """On what each of them joined, if on anything, one in each line."""
    return "\n".join(f"{unit}: {terms}" for unit, _, terms, _ in _of(row) if terms)


def _of(row: UseCase) -> list[tuple[str, str, str, str]]:
    return vars(row).get(KEY) or []


def _units() -> list[tuple[int, str]]:
    units = _joined().order_by("unit__name").values_list("unit", "unit__name").distinct()
    return [(int(key), str(name)) for key, name in units]


def _joined_by(chosen: Sequence[str]) -> Q:
    condition = Q(pk__in=_joined().filter(unit__in=[one for one in chosen if one != NONE]).values("use_case"))
    return condition | ~Q(pk__in=_joined().values("use_case")) if NONE in chosen else condition
