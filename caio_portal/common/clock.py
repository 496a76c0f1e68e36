"""The time of acts: `now()` everywhere, moved only by imports, the demonstration data and tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.utils import timezone

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """The aware time at which acts happen."""
    return _moment.get() or timezone.now()


def today() -> date:
    """The day of `now()` in the current time zone."""
    return timezone.localdate(now())


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let everything inside happen at MOMENT (aware). The database's own clock is not moved."""
    if timezone.is_naive(moment):
        raise ValueError("A moment needs a time zone.")
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


def is_present() -> bool:
    """Whether `now()` is the real time: nobody is sent a mail about the past."""
    return _moment.get() is None
