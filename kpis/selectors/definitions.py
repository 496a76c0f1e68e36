"""The definitions in force: which of them ship, which are the office's, and what the two differ in."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from caio_portal.accounts.roles import Role
from kpis import catalogue, published
from kpis.catalogue import PERSPECTIVES, Kpi, Measure
from kpis.defining import is_own
from kpis.models import DefinitionKind, Feed, PublishedDefinition
from kpis.selectors.versions import changes
from kpis.values import Formula

SHIPPED, CHANGED, OWN = "Shipped", "Changed here", "Own"
FORMULAS = {
    Formula.RATIO: "Ratio",
    Formula.RELATIVE_DIFFERENCE: "Relative difference",
    Formula.DIFFERENCE_OF_RATIOS: "Difference of ratios",
    Formula.MEAN: "Mean",
    Formula.SUM: "Sum",
    Formula.PERCENTILE: "Percentile",
}
EXPLAINED = {
    Formula.RATIO: "numerator ÷ denominator",
    Formula.RELATIVE_DIFFERENCE: "(numerator − denominator) ÷ denominator",
    Formula.DIFFERENCE_OF_RATIOS: "the ratio less that of the series control",
    Formula.MEAN: "numerator ÷ sample",
    Formula.SUM: "all of the numerator",
    Formula.PERCENTILE: "of single durations",
}
UOMS = {
    "percent": "Percent", "percentage_points": "Percentage points", "points": "Points", "per_100": "Per 100",
    "per_1000": "Per 1,000", "days": "Days", "business_days": "Business days", "hours": "Hours", "money": "Money",
    "score": "Score", "count": "A number",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DefinitionRow:
    """A KPI in the list of definitions."""

    kpi: Kpi
    origin: str
    is_retired: bool
    published: PublishedDefinition | None  # the newest one, if the office published any
    measures: str

    @property
    def number(self) -> int:
        return self.kpi.number

    @property
    def key(self) -> str:
        return self.kpi.key

    @property
    def name(self) -> str:
        return self.kpi.name

    @property
    def question(self) -> str:
        return self.kpi.question

    @property
    def perspective(self) -> str:
        return self.kpi.perspective

    @property
    def perspective_words(self) -> str:
        return PERSPECTIVES[self.kpi.perspective]

    @property
    def formula(self) -> str:
        return FORMULAS[self.kpi.formula]

    @property
    def owner(self) -> str:
        return owner_words(self.kpi)

    @property
    def frequency(self) -> str:
        return self.kpi.frequency.capitalize()

    @property
    def version(self) -> int:
        return self.kpi.version

    @property
    def is_behind(self) -> bool:
        """Whether another definition ships since an upgrade."""
        return upgraded_since(self.published) is not None

    @property
    def state(self) -> str:
        return "Retired" if self.is_retired else "In force"

    @property
    def at(self) -> datetime | None:
        return self.published.at if self.published else None


@dataclass(frozen=True, slots=True)
class MeasureRow:
    """A measure in the list, with the KPIs that read it and the feeds that bring it."""

    key: str
    measure: Measure
    origin: str
    kpis: tuple[Kpi, ...]
    feeds: int

    @property
    def number(self) -> int:
        return self.measure.id

    @property
    def name(self) -> str:
        return self.measure.name

    @property
    def of(self) -> str:
        return self.measure.of

    @property
    def uom(self) -> str:
        return self.measure.uom

    @property
    def counts(self) -> str:
        return self.measure.counts

    @property
    def kpi_names(self) -> str:
        return ", ".join(kpi.name for kpi in self.kpis)


def owner_words(kpi: Kpi) -> str:
    return "Use case owner" if kpi.owner == Role.OWNER else Role(kpi.owner).label


def definition_rows() -> list[DefinitionRow]:
    """Every KPI that there is or was, in one query."""
    book = catalogue.current()
    newest = {row.key: row for row in published.rows() if row.kind == DefinitionKind.KPI}
    return [
        DefinitionRow(
            kpi,
            origin_of(kpi, newest),
            kpi.key not in book.in_force,
            newest.get(kpi.key),
            _measures(kpi, book.measures),
        )
        for kpi in sorted(book.by_key.values(), key=lambda kpi: kpi.number)
    ]


def measure_rows() -> list[MeasureRow]:
    """Every measure, in one query."""
    book = catalogue.current()
    feeds = Counter(key for brought in Feed.objects.values_list("measures", flat=True) for key in brought)
    return [
        MeasureRow(
            key, measure, SHIPPED if key in catalogue.shipped().measures else OWN, _readers(key, book.kpis), feeds[key]
        )
        for key, measure in sorted(book.measures.items(), key=lambda item: item[1].id)
    ]


def origin_of(kpi: Kpi, newest: Mapping[str, PublishedDefinition]) -> str:
    if is_own(kpi):
        return OWN
    return CHANGED if kpi.key in newest and differs_from_shipped(kpi) else SHIPPED


def differs_from_shipped(kpi: Kpi) -> tuple[str, ...]:
    """In what the definition in force differs from the one that ships now, in words; empty of own ones."""
    shipped = catalogue.shipped().by_key.get(kpi.key)
    return changes(shipped.model_dump(mode="json"), kpi.model_dump(mode="json")) if shipped else ()


def newest_of(key: str) -> PublishedDefinition | None:
    """What the office published last for a KPI."""
    rows = PublishedDefinition.objects.filter(kind=DefinitionKind.KPI, key=key).order_by("-pk").select_related("by")
    return rows.first()


def upgraded_since(newest: PublishedDefinition | None) -> int | None:
    """The version that ships now, if it is another one than when the office published its own."""
    shipped = catalogue.shipped().by_key.get(newest.key) if newest else None
    return shipped.version if newest and shipped and shipped.version != newest.shipped else None


def _measures(kpi: Kpi, known: Mapping[str, Measure]) -> str:
    if not kpi.terms and not kpi.measures:
        return "The portal's own records"
    named = dict.fromkeys((*(term.measure for term in kpi.terms), *kpi.measures))
    return "; ".join(known[key].name if key in known else key for key in named)


def _readers(key: str, kpis: Iterable[Kpi]) -> tuple[Kpi, ...]:
    return tuple(kpi for kpi in kpis if key in kpi.measures or any(term.measure == key for term in kpi.terms))
