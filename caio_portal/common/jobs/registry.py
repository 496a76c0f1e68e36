"""Which function does which kind of job, and which kinds come back by themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from caio_portal.common.jobs.running import Run

Handler = Callable[["Run"], dict[str, Any] | None]
HANDLERS: dict[str, Handler] = {}
_TITLES: dict[str, str] = {}


@dataclass(frozen=True)
class Schedule:
    kind: str
    every: timedelta


SCHEDULES: list[Schedule] = []


def handler(kind: str, title: str = "Work in progress") -> Callable[[Handler], Handler]:
    """Register the function that does jobs of KIND, called TITLE for people; it returns the job's result."""

    def register(function: Handler) -> Handler:
        _TITLES[kind] = title
        if HANDLERS.setdefault(kind, function) is not function:
            raise ValueError(f"Two functions want to do the jobs of kind {kind}.")
        return function

    return register


def title_of(kind: str) -> str:
    """What people call the jobs of KIND."""
    return _TITLES.get(kind, kind)


def scheduled(kind: str, every: timedelta) -> Callable[[Handler], Handler]:
    """Register a handler whose job is requested once in every period (aligned to the epoch, UTC)."""

    def register(function: Handler) -> Handler:
        SCHEDULES.append(Schedule(kind, every))
        return handler(kind)(function)

    return register
