"""How vendors are scored: the loader of scorecard.toml."""

import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Self

from pydantic import Field, model_validator

from caio_portal.common.records import Record
from vendors.models import Advice, AssessmentKind, Criticality

FILE = Path(__file__).with_name("scorecard.toml")
DIMENSIONS = ("performance", "security", "roadmap", "cost")
COMPUTED = (
    "availability_margin",
    "incident_load",
    "assessment_validity",
    "clauses_agreed",
    "months_to_end_of_life",
    "spend_ratio",
)


class Ageing(Record):
    fresh_days: int = Field(gt=0)
    stale_days: int
    least_weight: Decimal = Field(ge=0, le=1)

    @model_validator(mode="after")
    def _stale_after_fresh(self) -> Self:
        if self.stale_days <= self.fresh_days:
            raise ValueError("stale_days must be greater than fresh_days")
        return self

    def weight(self, days: int) -> Decimal:
        """What evidence of this age counts: 1 while fresh, then a straight line to least_weight, then 0."""
        if days <= self.fresh_days:
            return Decimal(1)
        if days > self.stale_days:
            return Decimal(0)
        gone = Decimal(days - self.fresh_days) / Decimal(self.stale_days - self.fresh_days)
        return 1 - gone * (1 - self.least_weight)


class Dimension(Record):
    key: str
    title: str
    question: str
    weight: int = Field(gt=0, le=100)


class Criterion(Record):
    key: str = Field(pattern=r"^[a-z_]{1,40}$")
    dimension: str
    title: str
    question: str
    weight: int = Field(gt=0, le=100)
    evidence: str = ""
    levels: tuple[str, ...] = ()
    computed: str = ""

    @model_validator(mode="after")
    def _judged_or_computed(self) -> Self:
        if not self.computed and (len(self.levels) != 6 or not self.evidence):
            raise ValueError(f"{self.key}: say what 0 to 5 mean (six levels) and what counts as evidence")
        return self


class Scale(Record):
    """How a computed value becomes a score: straight lines between points (value, score)."""

    title: str
    uom: str
    points: tuple[tuple[Decimal, Decimal], ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _points_in_order(self) -> Self:
        values = [value for value, _ in self.points]
        if values != sorted(set(values)):
            raise ValueError(f"{self.title}: the values of the points must rise")
        if any(not 0 <= score <= 5 for _, score in self.points):
            raise ValueError(f"{self.title}: scores lie between 0 and 5")
        return self

    def score(self, value: Decimal) -> Decimal:
        first, last = self.points[0], self.points[-1]
        if value <= first[0]:
            return first[1]
        for (low, low_score), (high, high_score) in zip(self.points, self.points[1:], strict=False):
            if value <= high:
                return low_score + (value - low) / (high - low) * (high_score - low_score)
        return last[1]


class Bounds(Record):
    below: Decimal | None = None
    at_least: Decimal | None = None

    def hold(self, value: Decimal | None) -> bool:
        """Whether the value lies within; an unknown one never does."""
        if value is None:
            return False
        return (self.below is None or value < self.below) and (self.at_least is None or value >= self.at_least)


class AdviceRule(Record):
    advice: Advice
    because: str
    total: Bounds | None = None
    lowest: Bounds | None = None
    performance: Bounds | None = None
    security: Bounds | None = None
    roadmap: Bounds | None = None
    cost: Bounds | None = None

    def conditions(self) -> dict[str, Bounds]:
        return {key: bounds for key in ("total", "lowest", *DIMENSIONS) if (bounds := getattr(self, key))}


class Clause(Record):
    key: str
    title: str


class Criteria(Record):
    version: str
    bar: int
    heat: tuple[int, int, int, int]
    least_coverage: int = Field(ge=0, le=100)
    ageing: Ageing
    dimensions: tuple[Dimension, ...]
    criteria: tuple[Criterion, ...]
    computed: dict[str, Scale]
    required_assessments: dict[Criticality, tuple[AssessmentKind, ...]]
    clauses: tuple[Clause, ...]
    advice: tuple[AdviceRule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for objection in self._objections():
            raise ValueError(objection)
        return self

    def _objections(self) -> list[str]:
        found = []
        if tuple(dimension.key for dimension in self.dimensions) != DIMENSIONS:
            found.append(f"the dimensions are {', '.join(DIMENSIONS)}, in this order")
        if sum(dimension.weight for dimension in self.dimensions) != 100:
            found.append("the weights of the dimensions must add up to 100")
        keys = [criterion.key for criterion in self.criteria]
        found += [f"{key} is there twice" for key in sorted(set(keys)) if keys.count(key) > 1]
        found += [f"{c.key}: {c.dimension} is no dimension" for c in self.criteria if c.dimension not in DIMENSIONS]
        found += [
            f"the weights of the criteria of {dimension.key} must add up to 100"
            for dimension in self.dimensions
            if sum(criterion.weight for criterion in self.of(dimension.key)) != 100
        ]
        return found + self._objections_to_computed() + self._objections_to_advice()

    def _objections_to_computed(self) -> list[str]:
        used = {criterion.computed for criterion in self.criteria if criterion.computed}
        found = [f"{name} is not computed by the portal" for name in sorted(used - set(COMPUTED))]
        return found + [f"{name} has no scale" for name in sorted(used - self.computed.keys())]

    def _objections_to_advice(self) -> list[str]:
        found = ["the last advice must apply always"] if self.advice[-1].conditions() else []
        missing = [level for level in Criticality if level not in self.required_assessments]
        return found + [f"required_assessments: {level} is missing" for level in missing]

    def of(self, dimension: str) -> tuple[Criterion, ...]:
        return tuple(criterion for criterion in self.criteria if criterion.dimension == dimension)

    def criterion(self, key: str) -> Criterion:
        return next(criterion for criterion in self.criteria if criterion.key == key)

    def heat_of(self, value: Decimal | None) -> int | None:
        """The colour (1 worst to 5 best) of a score from 0 to 100."""
        return None if value is None else 1 + sum(value >= start for start in self.heat)


def load(path: Path = FILE) -> Criteria:
    return Criteria.model_validate(tomllib.loads(path.read_text("utf-8"), parse_float=Decimal))


@cache
def current() -> Criteria:
    return load()
