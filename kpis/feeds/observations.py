"""The plain feed: a CSV with one observation a row, for every KPI that no other feed serves.

Columns: date, measure; num, den, n, amount as the measure needs; use_case, unit, vendor, key as they are known. A feed
may name them otherwise, and tell the measure of a table that has one only.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from caio_portal.common.errors import Invalid
from kpis import months
from kpis.catalogue import Measure
from kpis.feeds import cells
from kpis.feeds.delivery import Pinned, Report, Rounder, Row, Scope, Staged, key_of_text, unique_columns
from kpis.feeds.mapping import FeedMapping, Place, Register

REQUIRED = ("date", "measure")
KNOWN = (*REQUIRED, "num", "den", "n", "amount", "use_case", "unit", "vendor", "key", "set")
# What a row of a measure must hold.
NEEDED = {"money": ("amount",), "count": ("num",), "share": ("num", "den"), "hours": ("num", "n")}

_NUMBERS = ("num", "den", "n", "amount")
_KINDS: tuple[Callable[[Decimal], Any], ...] = (float, float, int, Decimal)
_NOT_NEGATIVE, _SAMPLE = (1, 2), 2
MOST_NUMBERS = 50_000  # remembered at a time
_NEEDED_AT = {uom: [_NUMBERS.index(name) for name in names] for uom, names in NEEDED.items()}
_Numbers = tuple[float | None, float | None, int, Decimal | None]


class ObservationFile:
    """One file of observations, row by row."""

    def __init__(
        self,
        header: Sequence[str],
        rows: Iterable[Row],
        mapping: FeedMapping,
        *,
        measures: Mapping[str, Measure],
        register: Register,
        moment: Callable[[str], datetime],
        adds: bool = False,
    ) -> None:
        self.columns = _columns(header, mapping.columns)
        self._one_measure = mapping.measure
        told = {*self.columns, *(["measure"] if mapping.measure else [])}
        if missing := [name for name in REQUIRED if name not in told]:
            raise Invalid(f"This is not a file of observations: the column {', '.join(missing)} is missing.")
        self.scopes: dict[str, Scope] = {}
        self.report = Report()
        self.pinned: list[Pinned] = []
        for name in self.columns.keys() - set(KNOWN):
            self.report.warnings[f"The column {name} is not used."] = 1
        self._rows = rows
        self._measures = measures
        self._register = register
        self._moment = moment
        self._adds = adds  # to what earlier files brought, instead of replacing it
        self._rounder = Rounder()
        self._lines: dict[int, int] = {}
        self._heads: dict[tuple[str, ...], _Head] = {}
        self._days: dict[str, _Day] = {}
        self._head_of = cells.getter(self.columns, ("measure", "use_case", "unit", "vendor"))
        self._key_column = self.columns.get("key")
        self._set_column = self.columns.get("set")
        self._pinned_measures = {measure.id for measure in measures.values() if measure.pinned}
        self._number_places: list[tuple[int, int, dict[str, Any]]] = [
            (at, self.columns[name], {}) for at, name in enumerate(_NUMBERS) if name in self.columns
        ]
        self._stocks = {measure.id for measure in measures.values() if measure.counts != "events"}
        self._last: dict[tuple[Any, ...], Staged] = {}

    def staged(self) -> Iterator[Staged]:
        """The observations of all usable rows; fills `scopes` and `report`."""
        for line, row in self._rows:
            self.report.rows += 1
            try:
                staged = self._of_row(line, row)
            except _Unusable as unusable:
                self.report.reject(line, unusable.column, str(unusable))
                continue
            if self._set_column is not None:
                self._keep_set(staged, row)
            if staged.measure in self._stocks:
                self._keep_last(staged, row)
            else:
                yield staged
        yield from self._last.values()

    def _keep_set(self, staged: Staged, row: Sequence[str]) -> None:
        name = self._text(row, "set")
        if name and staged.measure in self._pinned_measures:
            self.pinned.append(Pinned.of(staged, "", name))

    def _keep_last(self, staged: Staged, row: Sequence[str]) -> None:
        """Of a stock that was counted on several days of a month the last count is the month's."""
        own = "" if self._key_column is None else cells.text(row[self._key_column])
        month = cells.month_of(staged.observed_at)
        what = staged.measure, month, staged.unit_id, staged.use_case_id, staged.vendor_id, own
        if (other := self._last.get(what)) is not None:
            self.report.warnings["A count that a later one of the same month replaces."] += 1
            staged = max(other, staged, key=lambda each: each.observed_at)
        self._last[what] = staged

    def _of_row(self, line: int, row: Sequence[str]) -> Staged:
        """What repeats from row to row is read once: its names make the head, its date the day."""
        date_text = row[self.columns["date"]]
        day = self._days.get(date_text) or self._day(date_text, row)
        names = self._head_of(row)
        head = self._heads.get(names) or self._head(names, row)
        num, den, n, amount = numbers = self._numbers(row, head.measure)
        scope = self._scope(head.key, day)
        if amount is not None:
            self.report.amounts[f"{head.key} {day.at:%Y-%m}"] += amount
            amount = self._rounder.rounded(amount, (head.key, day.month, head.place))
        place = head.place
        key = self._key(line, row, head, day, numbers)
        return Staged(
            scope.number, day.at, key, place.unit_id, place.use_case_id, head.vendor, n, line, head.measure.id, num,
            den, amount,
        )  # fmt: skip

    def _day(self, text: str, row: Sequence[str]) -> "_Day":
        at: datetime = self._read(row, "date", self._moment)
        day = self._days[text] = _Day(at, str(at), cells.month_of(at))
        return day

    def _head(self, names: tuple[str, ...], row: Sequence[str]) -> "_Head":
        key, measure = self._measure(row)
        place, vendor = self._place(row), self._text(row, "vendor").lower()
        rest = f"{place.unit_id}\x1f{place.use_case_id}\x1f{vendor}\x1f"
        head = self._heads[names] = _Head(key, measure, place, self._vendor(row), rest)
        return head

    def _measure(self, row: Sequence[str]) -> tuple[str, Measure]:
        key = self._text(row, "measure").lower() or self._one_measure
        if key not in self._measures:
            raise _Unusable("measure", f"“{key[:40]}” is not a measure of the catalogue.")
        return key, self._measures[key]

    def _numbers(self, row: Sequence[str], measure: Measure) -> _Numbers:
        """Numerator, denominator, sample and amount; those that the measure needs are there."""
        found: list[Any] = [None, None, None, None]
        for at, place, known in self._number_places:
            if cell := row[place]:
                number = known.get(cell)
                found[at] = self._given(row, at, cell, known) if number is None else number
        for at in _NEEDED_AT[measure.uom]:
            if found[at] is None:
                raise _Unusable(_NUMBERS[at], f"{measure.name} needs {' and '.join(NEEDED[measure.uom])}.")
        num, den, n, amount = found
        if n is None:  # how many things were looked at
            n = int(min(den or 0, cells.MOST)) if measure.uom == "share" else 1
        return num, den, n, amount

    def _given(self, row: Sequence[str], at: int, cell: str, known: dict[str, Any]) -> float | int | Decimal | None:
        """The number in a cell, which is read once; None if it is empty in another way."""
        if not cells.text(cell):
            return None
        number: Decimal = self._read(row, _NUMBERS[at], cells.number)
        if at in _NOT_NEGATIVE and number < 0:
            raise _Unusable(_NUMBERS[at], "A denominator or sample cannot be negative.")
        if at == _SAMPLE and number > cells.MOST:
            raise _Unusable("n", "A sample cannot be that large.")
        if len(known) > MOST_NUMBERS:  # numbers that differ from row to row
            known.clear()
        found = known[cell] = _KINDS[at](number)
        return found

    def _place(self, row: Sequence[str]) -> Place:
        if ref := self._text(row, "use_case"):
            if ref not in self._register.use_cases:
                raise _Unusable("use_case", f"There is no use case {ref[:40]}.")
            return self._register.use_cases[ref]
        if unit := self._text(row, "unit"):
            if unit.lower() not in self._register.units:
                raise _Unusable("unit", f"There is no unit {unit[:80]}.")
            return self._register.units[unit.lower()]
        return self._register.default

    def _vendor(self, row: Sequence[str]) -> int | None:
        if not (name := self._text(row, "vendor")):
            return None
        if name.lower() not in self._register.vendors:
            raise _Unusable("vendor", f"There is no vendor {name[:80]}.")
        return self._register.vendors[name.lower()]

    def _scope(self, measure: str, day: "_Day") -> Scope:
        """A replacing file replaces the months of the measures that it holds, and no others."""
        scope = day.scopes.get(measure)
        if scope is None:
            name = f"{measure} {day.month:%Y-%m}"
            scope = self.scopes.setdefault(name, Scope(name, len(self.scopes), day.month, day.month))
            scope.watermark = max(scope.watermark or date.min, min(day.at.date(), months.last(day.month)))
            day.scopes[measure] = scope
        scope.rows += 1
        return scope

    def _key(self, line: int, row: Sequence[str], head: "_Head", day: "_Day", numbers: _Numbers) -> int:
        """What a row is about is its key; where files add up what it says as well: a difference is no repetition."""
        own = "" if self._key_column is None else cells.text(row[self._key_column])
        key = key_of_text(f"{head.key}\x1f{day.text}\x1f{head.rest}{own}")
        if (first := self._lines.setdefault(key, line)) != line:
            raise _Unusable("key", f"This is the same observation as on line {first}; a column key tells them apart.")
        if head.measure.id in self._stocks:  # a later count of the month is one of the same thing
            return key_of_text(f"{head.key}\x1f{day.month:%Y-%m}\x1f{head.rest}{own}")
        return key_of_text(f"{key}\x1f{numbers}") if self._adds and not own else key

    def _text(self, row: Sequence[str], column: str) -> str:
        place = self.columns.get(column)
        return cells.text(row[place]) if place is not None and place < len(row) else ""

    def _read(self, row: Sequence[str], column: str, how: Callable[[str], Any]) -> Any:
        given = self._text(row, column)
        if not given:
            raise _Unusable(column, "The cell is empty.")
        try:
            return how(given)
        except ValueError as error:
            raise _Unusable(column, str(error)) from None


def _columns(header: Sequence[str], named: Mapping[str, str]) -> dict[str, int]:
    """Where each column is, by the name that this feed's module knows it under."""
    places = {name.lower(): place for name, place in unique_columns(header).items()}
    roles = {name.lower(): role for role, name in named.items()}
    if missing := [name for name in roles if name not in places]:
        raise Invalid(f"The file has no column {', '.join(missing)}, which the feed names.", field="file")
    return {roles.get(name, name): place for name, place in places.items()}


class _Unusable(Exception):
    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column


class _Head(NamedTuple):
    """What the names of a row stand for."""

    key: str
    measure: Measure
    place: Place
    vendor: int | None
    rest: str


@dataclass(frozen=True, slots=True)
class _Day:
    """What the date of a row stands for."""

    at: datetime
    text: str
    month: date
    scopes: dict[str, Scope] = field(default_factory=dict)
