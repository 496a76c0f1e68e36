"""Use cases over the last two years: which stage each was in, month by month."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from django.utils import timezone

from caio_portal.common import clock
from portfolio import ports
from portfolio.approvals import lacking
from portfolio.models import StageMove, UseCase
from portfolio.stages import Stage
from portfolio.tables import UseCaseTable
from portfolio.value import add_months, months_between

QUARTERS = 8


@dataclass(frozen=True)
class Span:
    """Months in a row at whose end the use case was in one stage; without a stage it was not registered yet."""

    stage: str | None
    label: str
    months: int
    since: datetime | None  # of the move that began it
    recorded: bool = False

    @property
    def is_short(self) -> bool:
        """Too short for the word to stand in it."""
        return self.months < 3


@dataclass(frozen=True)
class TimelineRow:
    use_case: UseCase
    tier_label: str
    days_over: int | None
    approval: ports.ApprovalState | None  # if it opens no gate
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Timeline:
    quarters: tuple[str, ...]
    rows: tuple[TimelineRow, ...]


def timeline(table: UseCaseTable) -> Timeline:
    """The use cases of one page with their moves: one query beyond those of the list."""
    today = clock.today()
    this_quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    first = add_months(this_quarter, -3 * (QUARTERS - 1))
    moves: dict[int, list[StageMove]] = {}
    for move in StageMove.objects.filter(use_case__in=[row.pk for row in table.rows]).order_by("moved_at", "pk"):
        moves.setdefault(move.use_case_id, []).append(move)
    starts = [add_months(first, 3 * number) for number in range(QUARTERS)]
    return Timeline(
        tuple(f"Q{start.month // 3 + 1} {start.year}" for start in starts),
        tuple(_row(row, spans(moves.get(row.pk, []), first, 3 * QUARTERS, today)) for row in table.rows),
    )


def _row(row: UseCase, told: tuple[Span, ...]) -> TimelineRow:
    return TimelineRow(row, row.tier_label, row.days_over, lacking(row), told)  # type: ignore[attr-defined]


def spans(moves: Iterable[StageMove], first: date, months: int, today: date) -> tuple[Span, ...]:
    """The stages over MONTHS months from FIRST on; months to come are a span without a stage."""
    moves = list(moves)
    now = months_between(first, today)
    ends = [_last(moves, add_months(first, number + 1)) if number <= now else None for number in range(months)]
    return tuple(_span(move, len(list(same))) for move, same in groupby(ends))


def _last(moves: list[StageMove], before: date) -> StageMove | None:
    """The move that was the last one before a day."""
    done = [move for move in moves if timezone.localtime(move.moved_at).date() < before]
    return done[-1] if done else None


def _span(move: StageMove | None, months: int) -> Span:
    if move is None:
        return Span(None, "", months, None)
    return Span(move.after, Stage(move.after).label, months, move.moved_at, move.kind == "recorded")
