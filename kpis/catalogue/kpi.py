"""One KPI: its definition, and what it reads."""

from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from caio_portal.common.records import Record
from kpis.months import Window
from kpis.status import Bands, Direction
from kpis.values import Formula, Sums, value

MAIN = ""  # the series that the value is made of; others stand beside it
INVITED = "invited"  # answers of those invited: the response rate of a survey
NEW_SET = "new_set"  # how many pinned sets of questions changed in a month: what is before is another series

PERSPECTIVES = {
    "value": "Value",
    "delivery": "Delivery and service",
    "adoption": "Adoption",
    "risk": "Risk and trust",
    "cost": "Cost",
    "people": "People",
}
_SCALES = {"percent": 100, "percentage_points": 100, "points": 100, "per_100": 100, "per_1000": 1000}

Key = Field(pattern=r"^[a-z][a-z0-9_]{2,39}$")


class Measure(Record):
    """A quantity that arrives by feed."""

    id: int = Field(ge=1, le=32767)
    name: str
    uom: Literal["money", "count", "share", "hours"]
    of: str
    # A stock is counted on a day: of several counts in a month the last one is the month's. Distinct things (people)
    # are not even added from use cases to their unit: somebody uses two of them, and counts once.
    counts: Literal["events", "stock", "distinct"] = "events"
    pinned: bool = False  # graded on a set of questions that stays the same: results on another set are another series


class Term(Record):
    """What the observations of one measure add to the sums of a KPI."""

    measure: str
    series: str = MAIN
    num: Literal["num", "den", "n", "amount"] | None = None
    den: Literal["num", "den", "n", "amount"] | None = None
    n: bool = True
    hist: bool = False  # whether its log buckets are added up as well
    snapshot: bool = False  # whether its months are never added, whatever the window of the KPI is


class Kpi(Record):
    """One version of the definition of one KPI."""

    key: str = Key
    number: int = Field(ge=1)
    version: int = Field(default=1, ge=1)
    # The version since which the same is counted, whose values this one has; without it that is this one.
    counted_since: int | None = Field(default=None, ge=1)
    name: str = Field(max_length=60)
    question: str
    perspective: Literal["value", "delivery", "adoption", "risk", "cost", "people"]
    formula: Formula
    percentile: int = Field(default=50, ge=1, le=99)
    numerator: str
    denominator: str
    source: Literal["records", "observations"]
    family: str = Field(pattern=r"^[a-z]+$")
    terms: tuple[Term, ...] = ()
    extra_series: tuple[str, ...] = ()
    measures: tuple[str, ...] = ()
    uom: Literal[
        "percent",
        "percentage_points",
        "points",
        "per_100",
        "per_1000",
        "days",
        "business_days",
        "hours",
        "money",
        "score",
        "count",
    ]
    unit_label: str = ""
    decimals: int = Field(default=1, ge=0, le=6)
    signed: bool = False
    direction: Direction
    low: Decimal | None = None
    high: Decimal | None = None
    tolerance: Decimal = Field(default=Decimal(0), ge=0)
    window: Window
    frequency: Literal["daily", "weekly", "monthly", "quarterly"]
    minimum_sample: int = Field(ge=1)
    owner: Literal["owner", "caio", "caio_office", "vendor_manager"]
    feed: str
    missing_counts_as: Literal["no_data", "not_compliant"]
    empty: Literal["no_data", "not_applicable"] = "no_data"
    good: str
    dimensions: tuple[Literal["unit", "use_case", "vendor", "tier", "framework"], ...]
    lag_days: int = Field(default=0, ge=0)
    suppress_below: int = Field(default=0, ge=0)  # answers of so few people are not shown: somebody could be told
    per_million: str = ""  # the series by a million of which the numerator is told as well
    percentiles_beside: tuple[Literal[50, 85, 90, 95, 99], ...] = ()  # shown with the value, from the same histogram
    daily: bool = False  # a snapshot whose worst day, and the days off target, are told beside the last one
    error_budget: bool = False  # a service objective: its alerts ask how fast 100 % less `low` is used up

    @model_validator(mode="after")
    def _is_sound(self) -> Self:
        for objection in (_objection_to_bands(self), _objection_to_source(self)):
            if objection:
                raise ValueError(f"{self.key}: {objection}")
        return self

    @property
    def counted_by(self) -> int:
        """The version under which its values are stored."""
        return self.counted_since or self.version

    @property
    def scale(self) -> int:
        return _SCALES.get(self.uom, 1)

    @property
    def is_timed(self) -> bool:
        """Whether its histograms are log buckets of seconds, and not whole days or hours."""
        return any(term.hist for term in self.terms)

    @property
    def good_of_all(self) -> str:
        """The measure that an error budget is made of: what was good, of everything; empty if there is none."""
        main = [term for term in self.terms if term.series == MAIN]
        is_one = len(main) == 1 and (main[0].num, main[0].den) == ("num", "den")
        return main[0].measure if is_one else ""

    @property
    def money(self) -> tuple[bool, bool]:
        """Whether the numerator, and whether the denominator, is money."""
        if self.source == "records":
            return (self.formula is Formula.RELATIVE_DIFFERENCE,) * 2
        main = [term for term in self.terms if term.series == MAIN]
        return any(term.num == "amount" for term in main), any(term.den == "amount" for term in main)

    @property
    def bands(self) -> Bands:
        return Bands(self.low, self.high, self.tolerance)

    @cached_property
    def series(self) -> tuple[str, ...]:
        """The main series first, then those shown beside it."""
        return (MAIN, *sorted({*self.extra_series, *(term.series for term in self.terms)} - {MAIN}))

    def window_of(self, series: str) -> Window:
        """The window of the KPI; that of a series of stocks is its newest month."""
        stocks = any(term.snapshot for term in self.terms if term.series == series)
        return Window.SNAPSHOT if stocks else self.window

    def value(self, sums: Sums, control: Sums | None = None) -> Decimal | None:
        """The unrounded value of these sums in the KPI's unit."""
        return value(self.formula, sums, scale=self.scale, percent=self.percentile, control=control)

    def definition(self) -> dict[str, Any]:
        """The part that decides what is counted: a change of it needs a new version."""
        parts = {
            "formula",
            "percentile",
            "source",
            "family",
            "terms",
            "extra_series",
            "uom",
            "numerator",
            "denominator",
        }
        found = self.model_dump(mode="json", include=parts)
        for term in found["terms"]:
            del term["hist"], term["snapshot"]  # they stand beside what is counted
        return found


def _objection_to_bands(kpi: Kpi) -> str | None:
    wanted = {Direction.UP: (True, False), Direction.DOWN: (False, True), Direction.BAND: (True, True)}
    if (kpi.low is not None, kpi.high is not None) != wanted[kpi.direction]:
        return "up needs low, down needs high, band needs both."
    if kpi.low is not None and kpi.high is not None and kpi.low >= kpi.high:
        return "low must be below high."
    return None


def _objection_to_source(kpi: Kpi) -> str | None:
    if (kpi.source == "observations") != (MAIN in {term.series for term in kpi.terms}):
        return "terms belong to the main series if, and only if, it is made of observations."
    if kpi.daily and (kpi.source != "records" or kpi.window is not Window.SNAPSHOT):
        return "only a snapshot of the records is told day by day."
    if kpi.error_budget and (kpi.formula is not Formula.RATIO or kpi.uom != "percent" or kpi.low is None):
        return "only a share in percent with a lower bound has an error budget."
    if kpi.error_budget and not kpi.good_of_all:
        return "an error budget is made of one measure, what was good of everything."
    return None
