"""The plain feed: a CSV with one observation a row, for every KPI that no other feed serves.

Columns: date, measure; num, den, n, amount as the measure needs; use_case, unit, vendor, key as they are known.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from caio_portal.common.errors import Invalid
from kpis import months
from kpis.catalogue import Measure
from kpis.feeds import cells
from kpis.feeds.delivery import Report, Rounder, Row, Scope, Staged, natural_key, unique_columns
from kpis.feeds.mapping import Place, Register

REQUIRED = ("date", "measure")
KNOWN = (*REQUIRED, "num", "den", "n", "amount", "use_case", "unit", "vendor", "key")
# What a row of a measure must hold.
_NEEDED = {"money": ("amount",), "count": ("num",), "share": ("num", "den"), "hours": ("num", "n")}


class ObservationFile:
    """One file of observations, row by row."""

    def __init__(
        self,
        header: Sequence[str],
        rows: Iterable[Row],
        *,
        measures: Mapping[str, Measure],
        register: Register,
        moment: Callable[[str], datetime],
    ) -> None:
        self.columns = {name.lower(): place for name, place in unique_columns(header).items()}
        if missing := [name for name in REQUIRED if name not in self.columns]:
            raise Invalid(f"This is not a file of observations: the column {', '.join(missing)} is missing.")
        self.scopes: dict[str, Scope] = {}
        self.report = Report()
        for name in self.columns.keys() - set(KNOWN):
            self.report.warnings[f"The column {name} is not used."] = 1
        self._rows = rows
        self._measures = measures
        self._register = register
        self._moment = moment
        self._rounder = Rounder()
        self._lines: dict[int, int] = {}

    def staged(self) -> Iterator[Staged]:
        """The observations of all usable rows; fills `scopes` and `report`."""
        for line, row in self._rows:
            self.report.rows += 1
            try:
                yield self._of_row(line, row)
            except _Unusable as unusable:
                self.report.reject(line, unusable.column, str(unusable))

    def _of_row(self, line: int, row: Sequence[str]) -> Staged:
        at: datetime = self._read(row, "date", self._moment)
        key, measure = self._measure(row)
        numbers = self._numbers(row, measure)
        place = self._place(row)
        scope = self._scope(key, at)
        amount = numbers["amount"]
        if amount is not None:
            amount = self._rounder.rounded(amount, (key, at.year, at.month, place))
            self.report.amounts[f"{key} {at:%Y-%m}"] += numbers["amount"] or 0
        return Staged(
            scope.number, at, self._key(line, row, key, at, place), place.unit_id, place.use_case_id, self._vendor(row),
            _sample(numbers, measure), line, measure.id, _float(numbers["num"]), _float(numbers["den"]), amount,
        )  # fmt: skip

    def _measure(self, row: Sequence[str]) -> tuple[str, Measure]:
        key = self._text(row, "measure").lower()
        if key not in self._measures:
            raise _Unusable("measure", f"“{key[:40]}” is not a measure of the catalogue.")
        return key, self._measures[key]

    def _numbers(self, row: Sequence[str], measure: Measure) -> dict[str, Decimal | None]:
        found = {
            name: self._read(row, name, cells.number) if self._text(row, name) else None
            for name in ("num", "den", "n", "amount")
        }
        for name in _NEEDED[measure.uom]:
            if found[name] is None:
                raise _Unusable(name, f"{measure.name} needs {' and '.join(_NEEDED[measure.uom])}.")
        if (found["den"] or 0) < 0 or (found["n"] or 0) < 0:
            raise _Unusable("den", "A denominator or sample cannot be negative.")
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

    def _scope(self, measure: str, at: datetime) -> Scope:
        """A replacing file replaces the months of the measures that it holds, and no others."""
        month = cells.month_of(at)
        name = f"{measure} {month:%Y-%m}"
        scope = self.scopes.setdefault(name, Scope(name, len(self.scopes), month, month))
        scope.rows += 1
        scope.watermark = max(scope.watermark or date.min, min(at.date(), months.last(month)))
        return scope

    def _key(self, line: int, row: Sequence[str], measure: str, at: datetime, place: Place) -> int:
        vendor = self._text(row, "vendor").lower()
        key = natural_key(measure, at, place.unit_id, place.use_case_id, vendor, self._text(row, "key"))
        if (first := self._lines.setdefault(key, line)) != line:
            raise _Unusable("key", f"This is the same observation as on line {first}; a column key tells them apart.")
        return key

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


class _Unusable(Exception):
    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column


def _float(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def _sample(numbers: Mapping[str, Decimal | None], measure: Measure) -> int:
    """How many things were looked at: n if given, else the denominator of a share."""
    if numbers["n"] is not None:
        return int(numbers["n"])
    return int(numbers["den"] or 0) if measure.uom == "share" else 1
