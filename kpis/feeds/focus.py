"""FOCUS cost files, versions 1.0 to 1.4 and the token keys of the draft after it, told apart by their header.

Cost is counted by the month of the charge (EffectiveCost at ChargePeriodStart), which a correction keeps when it is
billed later; the invoice is counted by the billing month (BilledCost at BillingPeriodStart). Both are kept.
Source: FOCUS specification, focus.finops.org; corrections: its appendix on correction handling.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from caio_portal.common.errors import Invalid
from kpis.feeds import cells
from kpis.feeds.delivery import (
    Pinned,
    Report,
    Rounder,
    Row,
    Scope,
    Staged,
    Unmatched,
    divided,
    key_of_text,
    unique_columns,
    varied,
)
from kpis.feeds.mapping import MOST_KINDS, Finder, Place, Portions

REQUIRED = ("EffectiveCost", "BilledCost", "ChargePeriodStart", "BillingPeriodStart")
AI_CATEGORY = "ai and machine learning"
ZERO = Decimal(0)
_TIMES = ("BillingAccountId", "BillingCurrency", "BillingPeriodStart", "BillingPeriodEnd", "ChargePeriodStart",
          "ChargePeriodEnd", "ChargeCategory", "x_ExportDateTime")  # fmt: skip
_BOUGHT = ("ServiceCategory", "ServiceProviderName", "ProviderName", "ConsumedUnit", "SkuPriceDetails", "SkuMeter")
PLACES = 100_000  # keeps the keys of a row's portions apart from those of its measures
# Which columns first appeared in which version; the newest one present dates the file.
_SINCE = {
    "1.4": ("BillingPeriodStatus", "CredentialId", "PrincipalId"),
    "1.3": ("ServiceProviderName", "HostProviderName", "AllocatedMethodId"),
    "1.2": ("InvoiceId", "PricingCurrency", "BillingAccountType"),
    "1.1": ("SkuMeter", "SkuPriceDetails", "ServiceSubcategory"),
}


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of the measures that a cost file brings."""

    effective: int
    billed: int
    inference: int
    tokens: Mapping[str, int]


def version(columns: Iterable[str]) -> str:
    """The version of FOCUS that a header looks like."""
    present = set(columns)
    return next((number for number, names in _SINCE.items() if present.intersection(names)), "1.0")


class FocusFile:
    """One cost file, row by row."""

    def __init__(
        self,
        header: Sequence[str],
        rows: Iterable[Row],
        *,
        ids: Ids,
        finder: Callable[[Mapping[str, int], Callable[[str], None]], Finder],
        moment: Callable[[str], datetime],
        currency: str,
    ) -> None:
        self.columns = unique_columns(header)
        if missing := [name for name in REQUIRED if name not in self.columns]:
            raise Invalid(f"This is not a FOCUS cost file: the column {', '.join(missing)} is missing.")
        self.scopes: dict[str, Scope] = {}
        self.report = Report()
        self.pinned: list[Pinned] = []
        self.report.warnings[f"Read as FOCUS {version(self.columns)}."] = 1
        self._rows = rows
        self._ids = ids
        self._finder = finder(self.columns, self._warn)
        self._moment = moment
        self._currency = currency
        self._rounder = Rounder()
        self._seen: dict[int, int] = {}
        self._width = max(self.columns.values(), default=-1) + 1
        self._times: dict[tuple[str, ...], _Times] = {}
        self._bought: dict[tuple[str, ...], _Bought] = {}
        self._time_cells, self._bought_cells = cells.getter(self.columns, _TIMES), cells.getter(self.columns, _BOUGHT)

    def staged(self) -> Iterator[Staged]:
        """The observations of all usable rows; fills `scopes` and `report`."""
        for line, row in self._rows:
            self.report.rows += 1
            try:
                yield from self._of_row(line, row if len(row) >= self._width else [*row, *[""] * self._width])
            except _Unusable as unusable:
                self.report.reject(line, unusable.column, str(unusable))

    def _of_row(self, line: int, row: Sequence[str]) -> list[Staged]:
        """What repeats from row to row is read once: the periods with their scope, and what was bought of whom."""
        cost, billed = self._amount(row, "EffectiveCost"), self._amount(row, "BilledCost")
        times, bought = self._times_of(row), self._bought_of(row)
        scope = times.scope
        scope.rows += 1
        found = self._finder.find(row)
        portions = self._finder.register.portions(found, times.month)
        self._count(times, cost, billed, portions)
        if not found.matched:
            self.report.miss(Unmatched(scope.number, times.month, self._finder.labels(row)), cost)
        charges: list[_Charge] = [
            (self._ids.effective, times.charged_at, cost, None), (self._ids.billed, times.billed_at, billed, None),
        ]  # fmt: skip
        if bought.is_ai:
            charges.append((self._ids.inference, times.charged_at, cost, None))
        if bought.tokens:
            quantity = float(self._amount(row, "ConsumedQuantity"))
            charges += [(measure, times.charged_at, None, quantity) for measure in bought.tokens]
        key = self._key(scope, row)
        if len(portions) == 1:
            place = portions[0][0]
            return [self._staged(line, scope.number, key, bought.vendor, place, charge) for charge in charges]
        return [
            self._staged(line, scope.number, key + number * PLACES, bought.vendor, place, part)
            for charge in charges
            for number, (place, part) in enumerate(_parts(charge, portions))
        ]

    def _staged(self, line: int, scope: int, key: int, vendor: int | None, place: Place, charge: "_Charge") -> Staged:
        measure, at, amount, num = charge
        if amount is not None:
            amount = self._rounder.rounded(amount, (measure, at.year, at.month, place, scope))
        return Staged(
            scope, at, varied(key, measure), place.unit_id, place.use_case_id, vendor, 1, line, measure, num, None,
            amount,
        )  # fmt: skip

    def _times_of(self, row: Sequence[str]) -> "_Times":
        cells_of = self._time_cells(row)
        if (known := self._times.get(cells_of)) is None:
            self._check_currency(row)
            charged_at, billed_at = self._date(row, "ChargePeriodStart"), self._date(row, "BillingPeriodStart")
            known = self._times[cells_of] = _Times(
                self._scope(row, charged_at, billed_at), charged_at, billed_at, cells.month_of(charged_at),
                f"effective {charged_at:%Y-%m}", f"billed {billed_at:%Y-%m}",
            )  # fmt: skip
        return known

    def _bought_of(self, row: Sequence[str]) -> "_Bought":
        cells_of = self._bought_cells(row)
        if (known := self._bought.get(cells_of)) is None:
            if len(self._bought) > MOST_KINDS:  # details that differ from row to row
                self._bought.clear()
            is_ai = self._text(row, "ServiceCategory").lower() == AI_CATEGORY
            vendor = self._finder.vendor(self._provider(row))
            known = self._bought[cells_of] = _Bought(is_ai, vendor, tuple(self._tokens(row)))
        return known

    def _scope(self, row: Sequence[str], charged_at: datetime, billed_at: datetime) -> Scope:
        """Billing account and period: what a replacing delivery replaces."""
        name = f"{self._text(row, 'BillingAccountId')} {billed_at:%Y-%m}".strip()
        month = cells.month_of(charged_at)
        scope = self.scopes.get(name)
        if scope is None:
            scope = self.scopes[name] = Scope(name, len(self.scopes), month, month)
        scope.saw(month)
        scope.saw(cells.month_of(billed_at))
        if self._text(row, "x_ExportDateTime"):
            at = self._date(row, "x_ExportDateTime")
            scope.exported_at = max(filter(None, (scope.exported_at, at)), default=None)
        self._note_watermark(row, scope)
        return scope

    def _note_watermark(self, row: Sequence[str], scope: Scope) -> None:
        """A file is complete up to the end of its usage, but never beyond its billing period."""
        if self._text(row, "ChargeCategory").lower() != "usage" or not self._text(row, "ChargePeriodEnd"):
            return
        until = self._date(row, "ChargePeriodEnd")
        if self._text(row, "BillingPeriodEnd"):
            until = min(until, self._date(row, "BillingPeriodEnd"))
        day = (until.astimezone(UTC) - timedelta(microseconds=1)).date()
        scope.watermark = max(scope.watermark or day, day)

    def _key(self, scope: Scope, row: Sequence[str]) -> int:
        """Rows have no key of their own: what they say is their key, and equal ones are numbered."""
        key = key_of_text("\x1f".join((scope.name, *row)))
        times = self._seen[key] = self._seen.get(key, 0) + 1
        return varied(key, -times)

    def _tokens(self, row: Sequence[str]) -> Iterator[int]:
        """The measures of tokens: all, and by direction where the row tells it. Token-hours are not tokens."""
        if self._text(row, "ConsumedUnit").lower() != "tokens":
            return
        yield self._ids.tokens["any"]
        if (kind := token_kind(self._text(row, "SkuPriceDetails"), self._text(row, "SkuMeter"))) in self._ids.tokens:
            yield self._ids.tokens[kind]

    def _count(self, times: "_Times", cost: Decimal, invoice: Decimal, portions: Portions) -> None:
        amounts = self.report.amounts
        amounts[times.effective] += cost
        amounts[times.billed] += invoice
        if portions[0][0].use_case_id is None:  # shares are of use cases, a unit gets all or nothing
            self.report.unallocated += cost

    def _check_currency(self, row: Sequence[str]) -> None:
        given = self._text(row, "BillingCurrency")
        if given and given.upper() != self._currency:
            raise _Unusable("BillingCurrency", f"The amount is in {given}; this feed is in {self._currency}.")

    def _provider(self, row: Sequence[str]) -> str:
        return self._text(row, "ServiceProviderName") or self._text(row, "ProviderName")

    def _text(self, row: Sequence[str], column: str) -> str:
        place = self.columns.get(column)
        return cells.text(row[place]) if place is not None and place < len(row) else ""

    def _amount(self, row: Sequence[str], column: str) -> Decimal:
        try:
            return cells.number(row[self.columns[column]])
        except (LookupError, ValueError):  # which of them is told in a sentence
            return self._read(row, column, cells.number)

    def _date(self, row: Sequence[str], column: str) -> datetime:
        return self._read(row, column, self._moment)

    def _read(self, row: Sequence[str], column: str, how: Callable[[str], Any]) -> Any:
        given = self._text(row, column)
        if not given:
            raise _Unusable(column, "The cell is empty.")
        try:
            return how(given)
        except ValueError as error:
            raise _Unusable(column, str(error)) from None

    def _warn(self, sentence: str) -> None:
        self.report.warnings[sentence] += 1


_Charge = tuple[int, datetime, Decimal | None, float | None]  # measure, when, amount, number of tokens


def _parts(charge: _Charge, portions: Portions) -> Iterator[tuple[Place, _Charge]]:
    """A charge divided; amounts add up to it exactly."""
    measure, at, amount, num = charge
    weights = [weight for _, weight in portions]
    amounts = [None] * len(weights) if amount is None else divided(amount, weights)
    for (place, weight), part in zip(portions, amounts, strict=True):
        yield place, (measure, at, part, None if num is None else num * float(weight))


@dataclass(frozen=True, slots=True)
class _Times:
    """What the periods of a row stand for."""

    scope: Scope
    charged_at: datetime
    billed_at: datetime
    month: date
    effective: str  # the names under which the report adds up
    billed: str


@dataclass(frozen=True, slots=True)
class _Bought:
    """What was bought, and of whom."""

    is_ai: bool
    vendor: int | None
    tokens: tuple[int, ...]  # measures


class _Unusable(Exception):
    def __init__(self, column: str, sentence: str) -> None:
        super().__init__(sentence)
        self.column = column


def token_kind(details: str, meter: str) -> str:
    """input, output or cached; empty if the row does not tell.

    Keys of the draft after 1.4 (TokenDirection, TokenCacheAction), of an earlier draft (TokenType), else the meter.
    """
    keys = cells.pairs(details)
    words = " ".join(str(keys.get(key, "")) for key in ("TokenDirection", "TokenCacheAction", "TokenType")).lower()
    words = words.strip() or meter.lower()
    if "read" in words:
        return "cached"
    return next((kind for kind in ("output", "input") if kind in words), "input" if "write" in words else "")
