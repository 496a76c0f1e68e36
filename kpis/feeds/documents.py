"""What connectors see in a file, and how it becomes observations: the part that all kinds of documents share.

A connector is a function from a source and its settings to *sightings*; it never decides where something belongs.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, NamedTuple

from caio_portal.common.errors import Invalid
from kpis import months
from kpis.catalogue import Measure
from kpis.feeds import cells
from kpis.feeds.delivery import Pinned, Report, Rounder, Scope, Staged, Unmatched, divided, natural_key
from kpis.feeds.mapping import FeedMapping, LabelFinder, Portions
from kpis.feeds.source import Refused, Source

# What reading a document of another shape raises: text where an object should be, a number that is none.
MISSHAPEN = (AttributeError, TypeError, LookupError, ValueError, ArithmeticError, OSError)
PARTS = frozenset({"inference_cost"})  # money that effective cost holds already: left out of what is unallocated
logger = logging.getLogger(__name__)


class Seen(NamedTuple):
    """One sighting: of which measure, when, under which names, and how much. `scope` is what a newer one replaces."""

    line: int
    measure: str
    at: datetime
    scope: str
    key: tuple[object, ...]
    labels: Mapping[str, str]
    num: float | None = None
    den: float | None = None
    n: int = 1
    amount: Decimal | None = None
    hist: list[int] | None = None
    vendor: str = ""
    until: date | None = None  # complete up to and including this day
    graded_on: tuple[str, str] | None = None  # the suite, and the digest of its questions
    made_of: str = ""  # stands for the rows that were added up; other rows of the same day and name add to them


class Unusable(Exception):
    """A row or entry that cannot be used; the message is for the report."""

    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column


@dataclass(frozen=True)
class Settings:
    """How a feed is read: everything that a file does not say itself."""

    mapping: FeedMapping
    zone: str
    date_format: str
    today: date
    report: Report
    currency: str
    roster: Callable[[], Source] = field(repr=False)  # the file that the feed of the roster brought last

    @property
    def moment(self) -> Callable[[str], datetime]:
        return cells.moments(self.zone, self.date_format)

    def warn(self, sentence: str, times: int = 1) -> None:
        """Say something about the file that its sender should know."""
        if times:
            self.report.warnings[sentence] += times

    def column(self, role: str, columns: Mapping[str, int], *usual: str) -> str:
        """The column that plays a role: the one that the feed names, else the first usual one there is; or nothing."""
        if named := self.mapping.columns.get(role):
            return named if named in columns else ""
        by_lower = {name.lower(): name for name in columns}
        return next((by_lower[name.lower()] for name in usual if name.lower() in by_lower), "")


Connector = Callable[[Source, Settings], Iterator[Seen]]


class DocumentFile:
    """The sightings of one file as observations."""

    def __init__(self, seen: Iterator[Seen], settings: Settings, measures: Mapping[str, Measure], finder: LabelFinder,
                 *, adds: bool = False):  # fmt: skip
        self.scopes: dict[str, Scope] = {}
        self.report = settings.report
        self.pinned: list[Pinned] = []
        self._seen = seen
        self._measures = measures
        self._finder = finder
        self._adds = adds  # to what earlier files brought, instead of replacing it
        self._rounder = Rounder()
        self._keys: set[int] = set()

    def staged(self) -> Iterator[Staged]:
        """The observations of all sightings; fills `scopes` and `report`. What was seen twice counts once."""
        for seen in self._sound():
            measure = self._measures[seen.measure].id
            # A later count of a stock in the same month is one of the same thing, and replaces this one.
            is_stock = self._measures[seen.measure].counts != "events"
            when = cells.month_of(seen.at) if is_stock else seen.at
            more = (seen.made_of,) if self._adds and seen.made_of and not is_stock else ()
            scope = self._scope(seen)
            portions = self._portions(seen, scope)
            parts = [None] if seen.amount is None else divided(seen.amount, [weight for _, weight in portions])
            for (place, _), part in zip(portions, parts, strict=True):
                key = natural_key(seen.measure, when, place.unit_id, place.use_case_id, *seen.key, *more)
                if key in self._keys:
                    self.report.warnings["The same observation stands there twice; it counts once."] += 1
                    continue
                self._keys.add(key)
                amount = part
                if amount is not None:
                    self.report.amounts[f"{seen.measure} {seen.at:%Y-%m}"] += amount
                    if place.use_case_id is None and seen.measure not in PARTS:
                        self.report.unallocated += amount
                    amount = self._rounder.rounded(amount, (measure, seen.at.year, seen.at.month, place, scope.number))
                staged = Staged(
                    scope.number, seen.at, key, place.unit_id, place.use_case_id, self._finder.vendor(seen.vendor),
                    seen.n, seen.line, measure, seen.num, seen.den, amount, seen.hist,
                )  # fmt: skip
                if seen.graded_on and self._measures[seen.measure].pinned:
                    self.pinned.append(Pinned.of(staged, *seen.graded_on))
                yield staged

    def _sound(self) -> Iterator[Seen]:
        """What the connector sees; a document of another shape, or a number that cannot be, is told as a sentence."""
        try:
            for seen in self._seen:
                if objection := _objection(seen):
                    raise Invalid(f"Entry {seen.line}: {objection}", field="file")
                yield seen
        except (Invalid, Refused):
            raise
        except MISSHAPEN as error:
            logger.warning("A document has another shape than its connector knows.", exc_info=error)
            raise Invalid("The file is not laid out as files of this kind are.", field="file") from error

    def _portions(self, seen: Seen, scope: Scope) -> Portions:
        """Who gets it. Only money is divided: counts of what several use cases share belong to none of them."""
        found, month = self._finder.find(seen.labels), cells.month_of(seen.at)
        if seen.amount is not None and not found.matched and seen.measure not in PARTS:
            self.report.miss(Unmatched(scope.number, month, tuple(sorted(seen.labels.items()))), seen.amount)
        portions = self._finder.register.portions(found, month)
        is_whole = seen.amount is not None or len(portions) == 1
        return portions if is_whole else self._finder.register.unmatched.portions

    def _scope(self, seen: Seen) -> Scope:
        month = cells.month_of(seen.at)
        scope = self.scopes.setdefault(seen.scope, Scope(seen.scope, len(self.scopes), month, month))
        scope.rows += 1
        scope.saw(month)
        until = min(seen.until or seen.at.date(), months.last(seen.until or seen.at.date()))
        scope.watermark = max(scope.watermark or date.min, until)
        return scope


def moment_of_seconds(seconds: float | int | Decimal) -> datetime:
    """Unix seconds as UTC; raises ValueError, OverflowError or OSError if they are none."""
    return datetime.fromtimestamp(float(seconds), UTC)


def _objection(seen: Seen) -> str | None:
    """Why a sighting cannot be stored."""
    if seen.at.year not in cells.CENTURY:
        return "the date is not of this century."
    numbers: list[Any] = [number for number in (seen.num, seen.den, seen.amount) if number is not None]
    if any(not isfinite(number) or abs(number) >= cells.LARGEST for number in numbers):
        return "a number is too large, or none."
    if not 0 <= seen.n <= cells.MOST or any(not 0 <= count <= cells.MOST for count in seen.hist or ()):
        return "a count is negative or too large."
    return None
