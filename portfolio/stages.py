"""The life of a use case: its stages, and which moves lead from one to another."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Case, Q, TextChoices, Value, When


class Stage(TextChoices):
    IDEA = "idea", "Idea"
    EXPERIMENT = "experiment", "Experiment"
    PILOT = "pilot", "Pilot"
    PRODUCTION = "production", "Production"
    RETIRED = "retired", "Retired"


ORDER: tuple[Stage, ...] = tuple(Stage)
BY_STAGE = Case(*(When(stage=stage.value, then=Value(rank)) for rank, stage in enumerate(ORDER)))

# A use case may skip stages forward (its gate asks for all that was skipped) and go one step back; retired is final.
MOVES: dict[Stage, frozenset[Stage]] = {
    Stage.IDEA: frozenset({Stage.EXPERIMENT, Stage.PILOT, Stage.PRODUCTION, Stage.RETIRED}),
    Stage.EXPERIMENT: frozenset({Stage.IDEA, Stage.PILOT, Stage.PRODUCTION, Stage.RETIRED}),
    Stage.PILOT: frozenset({Stage.EXPERIMENT, Stage.PRODUCTION, Stage.RETIRED}),
    Stage.PRODUCTION: frozenset({Stage.PILOT, Stage.RETIRED}),
    Stage.RETIRED: frozenset(),
}

# After so many days in a stage a use case is said to be stuck there, as long as there is no history to tell otherwise.
PLANNED_DAYS: dict[Stage, int] = {Stage.IDEA: 90, Stage.EXPERIMENT: 120, Stage.PILOT: 180}


def rank(stage: str | None) -> int:
    """How far along a stage is, 0 to 4; -1 when none is stated."""
    return ORDER.index(Stage(stage)) if stage else -1


def is_forward(before: str | None, after: str) -> bool:
    """Whether a move needs the gate: everything that goes on towards production does."""
    return after != Stage.RETIRED and rank(after) > rank(before)


def days_over(
    stage: str | None, since: datetime | None, now: datetime, limits: Mapping[Stage, int] = PLANNED_DAYS
) -> int | None:
    """By how many days a use case is in its stage for longer than is usual; None if it is not."""
    usual = limits.get(Stage(stage)) if stage else None
    if usual is None or since is None:
        return None
    over = (now - since - timedelta(days=usual)).days
    return over if over > 0 else None


def lingering(now: datetime, limits: Mapping[Stage, int] = PLANNED_DAYS) -> Q:
    """The use cases that are in their stage for longer than is usual, and not paused."""
    condition = Q(pk__in=[])
    for stage, days in limits.items():
        condition |= Q(stage=stage, stage_since__lt=now - timedelta(days=days + 1))
    return condition & Q(paused_at=None)
