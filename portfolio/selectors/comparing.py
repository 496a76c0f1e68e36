"""A use case as it was known on two days, and what lies between them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.utils import timezone

from caio_portal.audit import trail
from caio_portal.common import words
from portfolio.facts import CATALOGUE
from portfolio.models import FactChange, StageMove, UseCase
from portfolio.stages import Stage


@dataclass(frozen=True)
class Difference:
    """One thing that was not the same on both days, with who changed it last and when."""

    label: str
    before: str
    after: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Comparison:
    first: date
    last: date
    differences: tuple[Difference, ...]
    same: int  # facts that are known on both days and did not change


def compare(use_case: UseCase, first: date, last: date) -> Comparison:
    """What changed from the end of one day to the end of another, in the reader's zone: facts, stage and parties.

    Three queries: the facts and moves since the beginning, and the edits in between.
    """
    start, end = _end_of(first), _end_of(last)
    changes = list(use_case.fact_changes.filter(recorded_at__lt=end).select_related("by").order_by("recorded_at", "pk"))
    before, after = known(change for change in changes if change.recorded_at < start), known(changes)
    latest = {change.fact: change for change in changes}
    different = [name for name in CATALOGUE if before.get(name) != after.get(name)]
    differences = [
        *_edits(use_case, start, end),
        *_stages(use_case, start, end),
        *(_fact(latest[name], before.get(name), after.get(name)) for name in different),
    ]
    same = sum(name in after and before.get(name) == value for name, value in after.items())
    return Comparison(first, last, tuple(differences), same)


def known(changes: Iterable[FactChange]) -> dict[str, Any]:
    """The facts that a run of changes, oldest first, leads to; what became unknown again is absent."""
    facts: dict[str, Any] = {}
    for change in changes:
        facts[change.fact] = change.value
    return {name: value for name, value in facts.items() if value is not None}


def _fact(change: FactChange, before: Any, after: Any) -> Difference:
    by = str(change.by) if change.by else change.get_source_display()
    return Difference(
        CATALOGUE[change.fact].label, _told(change.fact, before), _told(change.fact, after), by, change.recorded_at
    )


def _told(name: str, value: Any) -> str:
    return "Unknown" if value is None else CATALOGUE[name].label_of(value)


def _stages(use_case: UseCase, start: datetime, end: datetime) -> list[Difference]:
    moves = list(use_case.moves.filter(moved_at__lt=end).select_related("by").order_by("moved_at", "pk"))
    before = [move for move in moves if move.moved_at < start]
    if len(before) == len(moves) or _stage_of(before) == _stage_of(moves):
        return []
    last = moves[-1]
    return [Difference("Stage", _stage_of(before), _stage_of(moves), str(last.by or "Nobody named"), last.moved_at)]


def _stage_of(moves: list[StageMove]) -> str:
    return Stage(moves[-1].after).label if moves else "Not registered"


def _edits(use_case: UseCase, start: datetime, end: datetime) -> list[Difference]:
    """Title, unit, parties and confidentiality, as the trail tells of them."""
    events = trail.events_of(use_case).filter(action="use_case.edited", occurred_at__gte=start, occurred_at__lt=end)
    found: dict[str, tuple[Any, trail.Entry, Any]] = {}
    for entry in map(trail.entry, reversed(events)):
        values: Mapping[str, tuple[Any, Any]] = entry.details.get("values") or {}
        for name, (old, new) in values.items():
            found[name] = (found[name][0] if name in found else old, entry, new)
    return [
        Difference(name.capitalize(), _plain(old), _plain(new), entry.actor, entry.occurred_at)
        for name, (old, entry, new) in found.items()
        if old != new
    ]


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return words.NONE if value in (None, "", "None") else str(value)


def _end_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
