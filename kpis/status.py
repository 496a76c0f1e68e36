"""How a value compares with its target: one pure function, used by pages, alerts and the briefing alike."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class Direction(StrEnum):
    """Which way is better; `BAND` means that both too little and too much are bad."""

    UP = "up"
    DOWN = "down"
    BAND = "band"


class Status(StrEnum):
    """Of a KPI value only. Pages show an icon and the word, never colour alone."""

    ON_TRACK = "on_track"
    WATCH = "watch"
    OFF_TRACK = "off_track"
    NO_DATA = "no_data"
    NOT_APPLICABLE = "not_applicable"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class Bands:
    """A target as an interval, and how far outside it is still worth a watch only (in the KPI's unit)."""

    low: Decimal | None = None
    high: Decimal | None = None
    tolerance: Decimal = Decimal(0)

    def distance(self, value: Decimal) -> Decimal:
        """How far the value lies outside the target; 0 when it is met."""
        if self.low is not None and value < self.low:
            return self.low - value
        if self.high is not None and value > self.high:
            return value - self.high
        return Decimal(0)


def status(value: Decimal | None, bands: Bands, n: int, *, minimum: int = 1, applicable: bool = True) -> Status:
    """Compare the unrounded value of a sample of `n` with its target: 99.96 % is not 100 %."""
    if not applicable:
        return Status.NOT_APPLICABLE
    if value is None or n < minimum:
        return Status.NO_DATA
    distance = bands.distance(value)
    if distance == 0:
        return Status.ON_TRACK
    return Status.WATCH if distance <= bands.tolerance else Status.OFF_TRACK


def improved(before: Decimal | None, after: Decimal | None, bands: Bands, direction: Direction) -> bool | None:
    """Whether the change was for the better; None when there is no change to judge."""
    if before is None or after is None or before == after:
        return None
    if direction is Direction.BAND:
        nearer = bands.distance(before) - bands.distance(after)
        return None if nearer == 0 else nearer > 0
    return (after > before) is (direction is Direction.UP)
