"""Statutory clocks: who must be told of an incident, and by when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from pydantic import Field

from caio_portal.common.records import Record


class Clock(Record):
    """A deadline that runs from the moment an incident is known."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    framework: str
    title: str
    hours: int = Field(ge=1)
    reference: str
    tell: str  # whom
    applies_from: date | None = None
    severity: int = Field(default=4, ge=1, le=4)  # this one or graver
    categories: tuple[str, ...] = ()  # any of them; empty: all
    harms: tuple[str, ...] = ()  # any of them; empty: all
    near_miss: bool = False  # whether it also runs when nobody was harmed
    sectors: str = ""  # for whom it is, in words; empty: for everybody in scope
    confidence: str = "gathered"


@dataclass(frozen=True)
class ClockFor:
    """A clock as it runs for one incident."""

    clock: Clock
    due_at: datetime
    in_force: bool  # False: the law does not apply yet


def clocks_for(
    clocks: Iterable[Clock], *, detected_at: datetime, severity: int, category: str, harm: str, near_miss: bool
) -> list[ClockFor]:
    """The clocks that run for an incident of this kind, the earliest deadline first."""
    found = [
        ClockFor(clock, detected_at + timedelta(hours=clock.hours), _in_force(clock, detected_at))
        for clock in clocks
        if severity <= clock.severity
        and (not clock.categories or category in clock.categories)
        and (not clock.harms or harm in clock.harms)
        and (clock.near_miss or not near_miss)
    ]
    return sorted(found, key=lambda running: (not running.in_force, running.due_at))


def _in_force(clock: Clock, at: datetime) -> bool:
    return clock.applies_from is None or clock.applies_from <= at.date()
