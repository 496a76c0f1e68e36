"""FOCUS cost files, versions 1.0 to 1.4 and the token keys of the draft after it, told apart by their header.

Cost is counted by the month of the charge (EffectiveCost at ChargePeriodStart), which a correction keeps when it is
billed later; the invoice is counted by the billing month (BilledCost at BillingPeriodStart). Both are kept.
Source: FOCUS specification, focus.finops.org; corrections: its appendix on correction handling.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from caio_portal.common.errors import Invalid
from kpis.feeds import cells
from kpis.feeds.delivery import (
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
from kpis.feeds.mapping import Finder, Portions

REQUIRED = ("EffectiveCost", "BilledCost", "ChargePeriodStart", "BillingPeriodStart")
AI_CATEGORY = "ai and machine learning"
ZERO = Decimal(0)
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
        self.report.warnings[f"Read as FOCUS {version(self.columns)}."] = 1
        self._rows = rows
        self._ids = ids
        self._finder = finder(self.columns, self._warn)
        self._moment = moment
        self._currency = currency
        self._rounder = Rounder()
        self._seen: Counter[int] = Counter()

    def staged(self) -> Iterator[Staged]:
        """The observations of all usable rows; fills `scopes` and `report`."""
        for line, row in self._rows:
            self.report.rows += 1
            try:
                yield from self._of_row(line, row)
            except _Unusable as unusable:
                self.report.reject(line, unusable.column, str(unusable))

    def _of_row(self, line: int, row: Sequence[str]) -> list[Staged]:
        cost = self._amount(row, "EffectiveCost")
        billed = self._amount(row, "BilledCost")
        charged_at = self._date(row, "ChargePeriodStart")
        billed_at = self._date(row, "BillingPeriodStart")
        self._check_currency(row)
        scope = self._scope(row, charged_at, billed_at)
        found = self._finder.find(row)
        portions = self._finder.register.portions(found, cells.month_of(charged_at))
        key = self._key(scope, row)
        vendor = self._finder.vendor(self._provider(row))
        self._count(charged_at, billed_at, cost, billed, portions)
        if not found.matched:
            self.report.miss(Unmatched(scope.number, cells.month_of(charged_at), self._finder.labels(row)), cost)

        def staged(measure: int, at: datetime, amount: Decimal | None, num: float | None = None) -> Iterator[Staged]:
            amounts = [amount] if amount is None or len(portions) == 1 else divided(amount, [w for _, w in portions])
            for number, (place, weight) in enumerate(portions):
                part = amounts[number] if amount is not None else None
                if part is not None:
                    part = self._rounder.rounded(part, (measure, at.year, at.month, place, scope.number))
                yield Staged(
                    scope.number, at, varied(key, measure + number * PLACES), place.unit_id, place.use_case_id, vendor,
                    1, line, measure, num if num is None or weight == 1 else num * float(weight), None, part,
                )  # fmt: skip

        wanted = [*staged(self._ids.effective, charged_at, cost), *staged(self._ids.billed, billed_at, billed)]
        if self._text(row, "ServiceCategory").lower() == AI_CATEGORY:
            wanted += staged(self._ids.inference, charged_at, cost)
        for measure, tokens in self._tokens(row):
            wanted += staged(measure, charged_at, None, tokens)
        return wanted

    def _scope(self, row: Sequence[str], charged_at: datetime, billed_at: datetime) -> Scope:
        """Billing account and period: what a replacing delivery replaces."""
        name = f"{self._text(row, 'BillingAccountId')} {billed_at:%Y-%m}".strip()
        month = cells.month_of(charged_at)
        scope = self.scopes.get(name)
        if scope is None:
            scope = self.scopes[name] = Scope(name, len(self.scopes), month, month)
        scope.rows += 1
        scope.saw(month)
        scope.saw(cells.month_of(billed_at))
        if exported := self._text(row, "x_ExportDateTime"):
            at = self._date(row, "x_ExportDateTime") if exported else None
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
        self._seen[key] += 1
        return varied(key, -self._seen[key])

    def _tokens(self, row: Sequence[str]) -> Iterator[tuple[int, float]]:
        """Tokens in all, and by direction where the row tells it. Token-hours and the like are not tokens."""
        if self._text(row, "ConsumedUnit").lower() != "tokens":
            return
        quantity = float(self._amount(row, "ConsumedQuantity"))
        yield self._ids.tokens["any"], quantity
        if (kind := token_kind(self._text(row, "SkuPriceDetails"), self._text(row, "SkuMeter"))) in self._ids.tokens:
            yield self._ids.tokens[kind], quantity

    def _count(self, charged: datetime, billed: datetime, cost: Decimal, invoice: Decimal, portions: Portions) -> None:
        amounts = self.report.amounts
        amounts[f"effective {charged:%Y-%m}"] += cost
        amounts[f"billed {billed:%Y-%m}"] += invoice
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
