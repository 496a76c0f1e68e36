"""From the scores of the criteria to a scorecard: a pure function."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from caio_portal.common.records import Record
from vendors.criteria import Criteria, Criterion, Dimension
from vendors.models import Advice

TENTH = Decimal("0.1")


class Score(Record):
    """What one criterion was given, on which evidence."""

    value: Decimal | None  # 0 to 5; None: not known
    source: str
    as_of: date


class Line(Record):
    """How one criterion counts; the weight is its share of the dimension, in percent."""

    criterion: str
    title: str
    dimension: str
    weight: int
    score: Decimal | None
    counts: Decimal  # 0 to 1: what its evidence still counts
    source: str
    as_of: date | None


class DimensionScore(Record):
    key: str
    title: str
    weight: int
    value: Decimal | None  # 0 to 100; None: not enough evidence
    coverage: Decimal  # percent of the weight that has evidence, aged


class Scorecard(Record):
    criteria_version: str
    dimensions: tuple[DimensionScore, ...]
    total: Decimal | None
    coverage: Decimal
    advice: Advice
    reasons: tuple[str, ...]
    lines: tuple[Line, ...]

    def value(self, dimension: str) -> Decimal | None:
        return next(score.value for score in self.dimensions if score.key == dimension)


def score(criteria: Criteria, scores: Mapping[str, Score], as_of: date) -> Scorecard:
    """Weigh the scores by criterion and by the age of their evidence.

    A dimension is 20 x sum(score x weight x age) / sum(weight x age) over its criteria that have a score; the total is
    the same over the dimensions that are known. With too little evidence a number is None, never 0.
    """
    lines = tuple(_line(criteria, criterion, scores.get(criterion.key), as_of) for criterion in criteria.criteria)
    dimensions = tuple(_dimension(dimension, lines, criteria.least_coverage) for dimension in criteria.dimensions)
    coverage = sum((d.weight * d.coverage for d in dimensions), Decimal(0)) / sum(d.weight for d in dimensions)
    known = [(d.weight, d.value) for d in dimensions if d.value is not None]
    total = (
        _tenth(sum((weight * value for weight, value in known), Decimal(0)) / sum(weight for weight, _ in known))
        if (known and coverage >= criteria.least_coverage)
        else None
    )
    advice, because = _advice(criteria, dimensions, total)
    return Scorecard(
        criteria_version=criteria.version,
        dimensions=dimensions,
        total=total,
        coverage=_tenth(coverage),
        advice=advice,
        reasons=(because, *_below_the_bar(criteria, dimensions), *_evidence(lines)),
        lines=lines,
    )


def _line(criteria: Criteria, criterion: Criterion, given: Score | None, as_of: date) -> Line:
    known = given is not None and given.value is not None
    counts = criteria.ageing.weight((as_of - given.as_of).days) if given and known else Decimal(0)
    return Line(
        criterion=criterion.key,
        title=criterion.title,
        dimension=criterion.dimension,
        weight=criterion.weight,
        score=given.value if given else None,
        counts=counts.quantize(Decimal("0.001")),
        source=given.source if given else "",
        as_of=given.as_of if given else None,
    )


def _dimension(dimension: Dimension, lines: tuple[Line, ...], least_coverage: int) -> DimensionScore:
    own = [line for line in lines if line.dimension == dimension.key]
    known = [(line.weight * line.counts, line.score) for line in own if line.score is not None]
    weight = sum((weight for weight, _ in known), Decimal(0))
    coverage = 100 * weight / sum(line.weight for line in own)
    value = None
    if weight and coverage >= least_coverage:
        value = _tenth(20 * sum((weight * given for weight, given in known), Decimal(0)) / weight)
    return DimensionScore(
        key=dimension.key, title=dimension.title, weight=dimension.weight, value=value, coverage=_tenth(coverage)
    )


def _advice(criteria: Criteria, dimensions: tuple[DimensionScore, ...], total: Decimal | None) -> tuple[Advice, str]:
    if total is None:
        return Advice.UNKNOWN, f"Less than {criteria.least_coverage}% of the weight has evidence that still counts."
    values: dict[str, Decimal | None] = {dimension.key: dimension.value for dimension in dimensions}
    known = [value for value in values.values() if value is not None]
    values |= {"total": total, "lowest": min(known, default=None)}
    for rule in criteria.advice:
        if all(bounds.hold(values[subject]) for subject, bounds in rule.conditions().items()):
            return rule.advice, f"{rule.advice.label}: {rule.because}."
    raise AssertionError("The last advice always applies.")


def _below_the_bar(criteria: Criteria, dimensions: tuple[DimensionScore, ...]) -> list[str]:
    low = [dimension for dimension in dimensions if dimension.value is not None and dimension.value < criteria.bar]
    return [f"{dimension.title} is {dimension.value}, below the bar of {criteria.bar}." for dimension in low]


def _evidence(lines: tuple[Line, ...]) -> list[str]:
    missing = [line.title for line in lines if line.score is None]
    stale = [line.title for line in lines if line.score is not None and not line.counts]
    ageing = [line.title for line in lines if 0 < line.counts < 1]
    sentences = (("Not known", missing), ("Evidence too old to count", stale), ("Evidence that is ageing", ageing))
    return [f"{words}: {', '.join(titles)}." for words, titles in sentences if titles]


def _tenth(value: Decimal) -> Decimal:
    return value.quantize(TENTH, ROUND_HALF_UP)
