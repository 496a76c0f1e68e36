"""The story as it is written down: three data files, read into plain values."""

import random
import tomllib
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.utils import timezone

_FOLDER = Path(__file__).parent
OFFICE_HOURS = (8, 17)


def read(name: str) -> dict[str, Any]:
    """One of the data files beside this module."""
    with (_FOLDER / f"{name}.toml").open("rb") as file:
        return tomllib.load(file)


@cache
def _profiles() -> dict[str, dict[str, Any]]:
    return dict(read("use_cases")["profiles"])


def facts_of_profile(name: str) -> dict[str, Any]:
    """The facts of a profile, with those of the profile that it is like."""
    own = dict(_profiles()[name])
    parent = own.pop("like", None)
    return (facts_of_profile(parent) if parent else {}) | own


@dataclass(frozen=True)
class Calendar:
    """Months counted from the anchor: month -3, part 0.5 is a working hour in the middle of the third month back."""

    anchor: datetime

    def moment(self, seed: str, month: int, part: float | None = None) -> datetime:
        """A moment of office hours in the month, at PART of it (0 to 1) or where SEED says; none after the anchor."""
        dice = random.Random(f"{seed}{month}")
        first = self.month(month)
        days = (self.month(month + 1) - first).days
        day = first + timedelta(days=int((dice.uniform(0.1, 0.9) if part is None else part) * (days - 1)))
        return self.at_work(day + timedelta(hours=dice.randint(*OFFICE_HOURS), minutes=dice.randrange(60)))

    def month(self, month: int) -> datetime:
        """The first moment of a month."""
        index = self.anchor.year * 12 + self.anchor.month - 1 + month
        return timezone.make_aware(datetime(index // 12, index % 12 + 1, 1))  # noqa: DTZ001  (made aware here)

    def at_work(self, moment: datetime) -> datetime:
        """The same hour on a working day, and before the anchor."""
        while moment.weekday() > 4:
            moment += timedelta(days=1)
        while moment > self.anchor:
            moment -= timedelta(days=1)
        return moment


def anchor_of(today: datetime) -> datetime:
    """The end of the month before TODAY's."""
    first = timezone.localtime(today).date().replace(day=1)
    return timezone.make_aware(datetime.combine(first - timedelta(days=1), time(18)))
