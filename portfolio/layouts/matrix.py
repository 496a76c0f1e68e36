"""Value a year against risk: how many use cases there are of each, and which of them stand out."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, CharField, Count, OuterRef, QuerySet, Subquery, Value, When

from caio_portal.common import marks
from caio_portal.common.tables.filters import NONE
from portfolio import ports, worth
from portfolio.approvals import lacking
from portfolio.models import UseCase
from portfolio.tables import UseCaseTable
from portfolio.value import CURRENCY

_LOOKED_AT = 300
NAMED = 3  # of one cell; the rest is a link away
TIERS = (NONE, "1", "2", "3", "4", "5")
# band of value × tier -> shade, 5 (much for little risk) to 1 (little for much risk)
_SHADES = {
    "very_large": (3, 5, 5, 5, 4, 1), "large": (3, 5, 5, 4, 3, 1), "medium": (3, 5, 4, 3, 2, 1),
    "small": (2, 3, 3, 2, 1, 1),
}  # fmt: skip
KEYS = ("Stop or change", "Doubtful", "Weigh up", "Promising", "Go for it")


@dataclass(frozen=True)
class Cell:
    """The use cases of one tier and one band of value; shade 0 where no value is stated."""

    total: int
    named: tuple[tuple[UseCase, ports.ApprovalState | None], ...]  # with its approval if that opens no gate
    shade: int
    url: str

    @property
    def more(self) -> int:
        return self.total - len(self.named)


@dataclass(frozen=True)
class MatrixRow:
    label: str
    total: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Matrix:
    tiers: tuple[tuple[int, str], ...]  # number (0: not yet known) and words
    rows: tuple[MatrixRow, ...]
    stated: int
    total: int
    currency: str
    keys: tuple[str, ...]


def matrix(table: UseCaseTable) -> Matrix:
    """Two queries: the numbers, and the names of those with a value, the most valuable first."""
    numbers, named, labels = _numbers(table), _named(table), marks.tier_words()
    tiers = TIERS if any(tier == NONE for _, tier in numbers) else TIERS[1:]
    rows = tuple(_row(table, key, label, tiers, numbers, named) for key, label in worth.BANDS)
    return Matrix(
        tiers=tuple((0, "Not yet known") if tier == NONE else (int(tier), labels.get(int(tier), "")) for tier in tiers),
        rows=rows,
        stated=sum(row.total for row in rows[:-1]),
        total=sum(row.total for row in rows),
        currency=CURRENCY,
        keys=KEYS,
    )


def _row(
    table: UseCaseTable,
    band: str,
    label: str,
    tiers: tuple[str, ...],
    numbers: dict[tuple[str, str], int],
    named: dict[tuple[str, str], list[UseCase]],
) -> MatrixRow:
    shades = dict(zip(TIERS, _SHADES.get(band, (0,) * len(TIERS)), strict=True))
    cells = tuple(
        Cell(
            numbers.get((band, tier), 0),
            tuple((each, lacking(each)) for each in named.get((band, tier), [])[:NAMED]),
            shades[tier],
            table.url(view=None, value=band, tier=tier),
        )
        for tier in tiers
    )
    return MatrixRow(label, sum(cell.total for cell in cells), cells)


def _numbers(table: UseCaseTable) -> dict[tuple[str, str], int]:
    rows = _with_band(table).order_by().values_list("band", "tier").annotate(number=Count("pk"))
    return {(band, str(tier or NONE)): number for band, tier, number in rows}


def _named(table: UseCaseTable) -> dict[tuple[str, str], list[UseCase]]:
    own = worth.yearly().filter(use_case=OuterRef("pk")).values("a_year")
    stated = _with_band(table).filter(pk__in=worth.yearly().values("use_case")).annotate(a_year=Subquery(own))
    named: dict[tuple[str, str], list[UseCase]] = {}
    for row in stated.order_by("-a_year", "pk")[:_LOOKED_AT]:
        named.setdefault((row.band, str(row.tier or NONE)), []).append(row)
    return named


def _with_band(table: UseCaseTable) -> "QuerySet[Any]":
    band = Case(
        *(When(worth.band_condition(key), then=Value(key)) for key, _ in worth.BANDS if key != worth.NOT_STATED),
        default=Value(worth.NOT_STATED),
        output_field=CharField(),
    )
    return table.found.annotate(band=band)
