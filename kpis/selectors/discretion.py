"""How far answers of people may be told: not of a group so small that somebody could be told, nor by subtraction.

What is told of a unit, of those in it, of one month after another and of one day after another must never differ by
fewer answers than the KPI allows. Late answers wait until there are enough of them; where a unit's rest would be too
small, its smallest part is not told either, and neither is anything in that.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Any, NamedTuple, Self

from django.db import connection

from kpis.catalogue import Kpi
from kpis.months import Window

UnitIds = Collection[int] | None  # None: all units
Path = tuple[int, ...]  # the units from the top down to one; empty: all together
Counts = Mapping[date, int]  # answers by month
_Scope = tuple[Path, bool]  # a unit with those below it, or (True) alone
ADDING = (Window.QUARTER, Window.YEAR_TO_DATE)  # windows that only grow until they begin anew


class Answered(NamedTuple):
    """How many answers a unit has of a month; `restless` if so few came or went that the difference tells of them."""

    kpi: str
    month: date
    path: Path
    n: int
    restless: bool = False


class Told(NamedTuple):
    """Up to which month of a window something is told, and of how many answers."""

    until: date
    n: int


_ANSWERS = """
SELECT value.kpi, value.month, org_unit.path, value.n, value.recorded_at, before
FROM kpi_value AS value
JOIN unnest(%(kpi)s::text[], %(number)s::int[]) AS version(kpi, number)
  ON version.kpi = value.kpi AND version.number = value.number
JOIN org_unit ON org_unit.id = value.unit_id
LEFT JOIN LATERAL (
  SELECT array_agg((revision.before->>'n')::bigint ORDER BY at, id) AS before FROM kpi_revision AS revision
  WHERE %(known_on)s::timestamptz IS NOT NULL AND kpi_value_id = value.id AND at > %(known_on)s
) AS later ON true
WHERE series = '' AND use_case_id IS NULL AND vendor_id IS NULL AND value.month BETWEEN %(first)s AND %(last)s
"""


class Discretion:
    """What may be told of KPIs of which few answers are not shown; of all others, everything."""

    def __init__(self, answers: Iterable[Answered] = ()) -> None:
        self._counts: dict[str, dict[_Scope, dict[date, int]]] = defaultdict(lambda: defaultdict(dict))
        self._restless: dict[str, set[tuple[_Scope, date]]] = defaultdict(set)
        for one in answers:
            above: list[_Scope] = [(one.path[:length], False) for length in range(len(one.path) + 1)]
            for scope in (*above, (one.path, True)):
                counts = self._counts[one.kpi][scope]
                counts[one.month] = counts.get(one.month, 0) + one.n
                if one.restless:
                    self._restless[one.kpi].add((scope, one.month))
        self._found: dict[tuple[str, date], dict[_Scope, Told]] = {}

    @classmethod
    def of(cls, kpis: Iterable[Kpi], first: date, last: date, known_on: datetime | None = None) -> Self:
        """As the values of these months tell; in one query, if there are such KPIs."""
        small = {kpi.key: kpi for kpi in kpis if kpi.suppress_below}
        if not small:
            return cls()
        parameters: dict[str, Any] = {
            "kpi": list(small), "number": [kpi.counted_by for kpi in small.values()], "first": first, "last": last,
            "known_on": known_on,
        }  # fmt: skip
        with connection.cursor() as cursor:
            cursor.execute(_ANSWERS, parameters)
            rows = cursor.fetchall()
        # Where no unit and month has few answers, no sum or difference of them is small: all may be told.
        few = {key for key, _, _, n, *_ in rows if known_on or 0 < n < small[key].suppress_below}
        return cls(
            _answered(small[key], month, path_of(path), n, was, known_on, recorded_at)
            for key, month, path, n, recorded_at, was in rows
            if key in few
        )

    def until(self, kpi: Kpi, units: UnitIds, month: date) -> date | None:
        """Up to which month of its window a value of these units is told; None if it is not told at all."""
        if not kpi.suppress_below:
            return month
        told = self._told(kpi, month)
        tops = self._tops(kpi, units)
        if units is None or tops == self._tops(kpi, None):
            tops = {()}  # all there are
        found = [told.get((top, False)) for top in tops]
        return min((one.until for one in found if one), default=month) if all(found) else None

    def until_alone(self, kpi: Kpi, unit: int, month: date) -> date | None:
        """The same of a unit without those below it."""
        path = next((path for path in self._answered(kpi) if path[-1] == unit), None)
        if path is None:  # nobody answered, or the KPI is not of that kind
            return month
        found = self._told(kpi, month).get((path, True))
        return found.until if found else None

    def _tops(self, kpi: Kpi, units: UnitIds) -> set[Path]:
        """The highest of these units that answers came from."""
        found = set()
        for path in self._answered(kpi):
            place = next((place for place, unit in enumerate(path) if units is None or unit in units), None)
            if place is not None:
                found.add(path[: place + 1])
        return found

    def _answered(self, kpi: Kpi) -> list[Path]:
        """The units that answers came from."""
        return [path for path, alone in self._counts[kpi.key] if alone]

    def _told(self, kpi: Kpi, month: date) -> dict[_Scope, Told]:
        """Whatever may be told."""
        if (known := self._found.get((kpi.key, month))) is None:
            known = self._found[kpi.key, month] = dict(self._descend(kpi, month))
        return known

    def _descend(self, kpi: Kpi, month: date) -> Iterator[tuple[_Scope, Told]]:
        """From all units down to single ones; nothing in what is not told is told."""
        parts_of: dict[Path, list[_Scope]] = defaultdict(list)
        for path, alone in self._counts[kpi.key]:
            if path:
                parts_of[path if alone else path[:-1]].append((path, alone))
        whole: _Scope = ((), False)
        waiting = {whole: one} if (one := self._reached(kpi, month, whole)) else {}
        while waiting:
            (unit, alone), told = waiting.popitem()
            yield (unit, alone), told
            if not alone:
                parts = {part: one for part in parts_of[unit] if (one := self._reached(kpi, month, part))}
                waiting |= _without_small_rest(parts, told.n, kpi.suppress_below)

    def _reached(self, kpi: Kpi, month: date, scope: _Scope) -> Told | None:
        window = kpi.window.months(month)
        if any((scope, each) in self._restless[kpi.key] for each in window):
            return None
        return reached(kpi, window, self._counts[kpi.key].get(scope, {}))


def alone(kpi: Kpi, counts: Counts, month: date) -> date | None:
    """Up to which month something is told of which nothing else is known than its answers by month."""
    if not kpi.suppress_below:
        return month
    found = reached(kpi, kpi.window.months(month), counts)
    return found.until if found else None


def reached(kpi: Kpi, window: tuple[date, ...], counts: Counts) -> Told | None:
    """How far a window is told whose months are looked at one after another."""
    each = [counts.get(month, 0) for month in window]
    if kpi.window not in ADDING:
        few = [number for number in each if 0 < number < kpi.suppress_below]
        whole = sum(each)
        return None if few and (whole < kpi.suppress_below or len(each) > 1) else Told(window[-1], whole)
    told, seen, found = 0, 0, None
    for month, number in zip(window, each, strict=True):
        seen += number
        if seen == told or seen - told >= kpi.suppress_below:
            told, found = seen, Told(month, seen)
    return found


def path_of(text: str) -> Path:
    """1.4.9. as the units from the top down."""
    return tuple(map(int, text.rstrip(".").split(".")))


def _answered(
    kpi: Kpi, month: date, path: Path, n: int, was: list[int] | None, known_on: datetime | None, recorded_at: datetime
) -> Answered:
    """How many answers there were on a day, and whether any step since then tells of few."""
    if known_on is None:
        return Answered(kpi.key, month, path, n)
    then = [0] if recorded_at > known_on else []
    steps = [*then, *(was or ()), n]
    restless = any(abs(after - before) < kpi.suppress_below for before, after in pairwise(steps))
    return Answered(kpi.key, month, path, steps[0], restless)


def _without_small_rest(parts: Mapping[_Scope, Told], whole: int, least: int) -> dict[_Scope, Told]:
    """The parts less the smallest ones, until what is left of the whole is nothing or enough."""
    kept = dict(parts)
    rest = whole - sum(part.n for part in kept.values())
    for key in sorted(parts, key=lambda key: (parts[key].n, key)):
        if not 0 < abs(rest) < least:
            break
        if parts[key].n:
            rest += kept.pop(key).n
    return kept
