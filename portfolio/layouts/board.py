"""Use cases as cards in a column for each stage."""

from collections import Counter
from dataclasses import dataclass

from caio_portal.common import clock, marks
from caio_portal.common.tables.filters import NONE
from portfolio import ports
from portfolio.approvals import lacking
from portfolio.models import UseCase
from portfolio.stages import ORDER, days_over
from portfolio.tables import UseCaseTable

CARDS = 15  # of one column; the rest is a link away


@dataclass(frozen=True)
class Card:
    use_case: UseCase
    tier_label: str
    days_over: int | None  # days beyond the usual time in this stage
    approval: ports.ApprovalState | None  # if it opens no gate


@dataclass(frozen=True)
class BoardColumn:
    stage: str | None
    total: int
    cards: tuple[Card, ...]
    url: str  # the list of all of them

    @property
    def more(self) -> int:
        return self.total - len(self.cards)


def board(table: UseCaseTable) -> tuple[BoardColumn, ...]:
    """A column for each stage, its first cards in the order of the list: two queries, however many there are."""
    totals: Counter[str] = Counter()
    for (stage, _, _), number in table.tally.items():
        totals[stage] += number
    stages: list[str | None] = [*([None] if totals[NONE] else []), *ORDER]
    cards = _cards(table, [stage for stage in stages if totals[stage or NONE]])
    return tuple(_column(table, stage, totals[stage or NONE], cards.get(stage, [])) for stage in stages)


def _column(table: UseCaseTable, stage: str | None, total: int, cards: list[Card]) -> BoardColumn:
    return BoardColumn(stage, total, tuple(cards), table.url(view=None, stage=stage or NONE))


def _cards(table: UseCaseTable, stages: list[str | None]) -> dict[str | None, list[Card]]:
    parts = [table.found.filter(stage=stage).values_list("pk")[:CARDS] for stage in stages]
    ids = [pk for (pk,) in parts[0].union(*parts[1:], all=True)] if len(parts) > 1 else [pk for (pk,) in parts[0]]
    labels, now = marks.tier_words(), clock.now()
    columns: dict[str | None, list[Card]] = {}
    for row in table.found.filter(pk__in=ids):
        over = None if row.paused_at else days_over(row.stage, row.stage_since, now, table.limits)
        columns.setdefault(row.stage, []).append(Card(row, labels.get(row.tier or 0, ""), over, lacking(row)))
    return columns
