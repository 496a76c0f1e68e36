"""Each expected number is worked out by hand beside its case."""

from datetime import date
from decimal import Decimal

import pytest

from vendors.criteria import Criteria
from vendors.models import Advice
from vendors.scorecard import Score, score

TODAY = date(2026, 9, 30)
LEVELS = tuple("012345")


def criterion(key: str, dimension: str, weight: int) -> dict[str, object]:
    return {
        "key": key,
        "dimension": dimension,
        "title": key.title(),
        "question": "?",
        "weight": weight,
        "levels": LEVELS,
        "evidence": "A test",
    }


CRITERIA = Criteria.model_validate(
    {
        "version": "test",
        "bar": 65,
        "heat": [45, 65, 75, 85],
        "least_coverage": 50,
        "ageing": {"fresh_days": 100, "stale_days": 300, "least_weight": "0.5"},
        "dimensions": [
            {"key": "performance", "title": "Performance", "question": "?", "weight": 40},
            {"key": "security", "title": "Security posture", "question": "?", "weight": 30},
            {"key": "roadmap", "title": "Roadmap alignment", "question": "?", "weight": 20},
            {"key": "cost", "title": "Cost", "question": "?", "weight": 10},
        ],
        "criteria": [
            criterion("quality", "performance", 60),
            criterion("support", "performance", 40),
            criterion("security", "security", 100),
            criterion("roadmap", "roadmap", 100),
            criterion("cost", "cost", 100),
        ],
        "computed": {},
        "required_assessments": {"critical": [], "important": [], "standard": []},
        "clauses": [],
        "advice": [
            {"advice": "exit", "because": "its total is below 35", "total": {"below": 35}},
            {"advice": "renegotiate", "because": "one dimension is below the bar", "lowest": {"below": 65}},
            {"advice": "expand", "because": "its total is at least 80", "total": {"at_least": 80}},
            {"advice": "keep", "because": "every dimension meets the bar"},
        ],
    }
)


def given(as_of: date = TODAY, **scores: float | None) -> dict[str, Score]:
    return {
        key: Score(value=None if value is None else Decimal(str(value)), source="A test", as_of=as_of)
        for key, value in scores.items()
    }


def test_dimensions_and_total_are_weighted():
    card = score(CRITERIA, given(quality=5, support=2.5, security=4, roadmap=3.5, cost=4), TODAY)

    # performance 20 x (60 x 5 + 40 x 2.5) / 100 = 80; the total (40 x 80 + 30 x 80 + 20 x 70 + 10 x 80) / 100 = 78
    assert [dimension.value for dimension in card.dimensions] == [80, 80, 70, 80]
    assert (card.total, card.coverage, card.advice) == (78, 100, Advice.KEEP)
    assert card.reasons == ("Keep: every dimension meets the bar.",)


def test_an_unknown_score_lowers_the_coverage_and_not_the_score():
    card = score(CRITERIA, given(quality=4, support=None, security=4, roadmap=4, cost=4), TODAY)

    # performance 20 x 4 on 60% of its weight; coverage (40 x 60 + 60 x 100) / 100 = 84
    assert (card.value("performance"), card.dimensions[0].coverage) == (80, 60)
    assert (card.total, card.coverage, card.advice) == (80, 84, Advice.EXPAND)
    assert card.reasons[-1] == "Not known: Support."


def test_a_dimension_with_too_little_evidence_is_not_known():
    card = score(CRITERIA, given(support=1, security=4, roadmap=3, cost=5), TODAY)

    # performance has 40% of its weight; the total (30 x 80 + 20 x 60 + 10 x 100) / 60 = 76.67
    assert (card.value("performance"), card.total) == (None, Decimal("76.7"))
    assert card.coverage == 76  # (40 x 40 + 60 x 100) / 100


def test_no_evidence_gives_no_numbers_and_no_advice():
    card = score(CRITERIA, {}, TODAY)

    assert [dimension.value for dimension in card.dimensions] == [None] * 4
    assert (card.total, card.coverage, card.advice) == (None, 0, Advice.UNKNOWN)
    assert card.reasons[0] == "Less than 50% of the weight has evidence that still counts."


def test_old_evidence_weighs_less():
    scores = given(support=5, security=4, roadmap=4, cost=4) | given(date(2026, 3, 14), quality=0)

    card = score(CRITERIA, scores, TODAY)

    # 200 days: half-way from 100 to 300, so 0.75; 20 x (45 x 0 + 40 x 5) / 85 = 47.06; coverage 85%
    assert (card.value("performance"), card.dimensions[0].coverage) == (Decimal("47.1"), 85)
    assert card.reasons[-1] == "Evidence that is ageing: Quality."


def test_evidence_beyond_its_last_day_does_not_count():
    scores = given(support=5, security=4, roadmap=4, cost=4) | given(date(2025, 9, 30), quality=5)

    card = score(CRITERIA, scores, TODAY)

    assert (card.value("performance"), card.dimensions[0].coverage) == (None, 40)
    assert card.reasons[-1] == "Evidence too old to count: Quality."


@pytest.mark.parametrize(
    ("scores", "advice"),
    [
        ({"quality": 1, "support": 1, "security": 2, "roadmap": 2, "cost": 2}, Advice.EXIT),  # 0.4 x 20 + 0.6 x 40 = 32
        ({"quality": 5, "support": 5, "security": 5, "roadmap": 3, "cost": 5}, Advice.RENEGOTIATE),
        ({"quality": 5, "support": 5, "security": 5, "roadmap": 4, "cost": 5}, Advice.EXPAND),
        ({"quality": 4, "support": 4, "security": 4, "roadmap": 3.5, "cost": 3.5}, Advice.KEEP),  # 77
    ],
)
def test_the_first_advice_that_applies_is_given(scores, advice):
    assert score(CRITERIA, given(**scores), TODAY).advice == advice


def test_the_reasons_name_what_is_below_the_bar():
    card = score(CRITERIA, given(quality=4, support=4, security=2, roadmap=4, cost=4), TODAY)

    assert card.reasons == (
        "Renegotiate: one dimension is below the bar.",
        "Security posture is 40.0, below the bar of 65.",
    )


def test_a_zero_is_a_score():
    card = score(CRITERIA, given(quality=0, support=0, security=4, roadmap=4, cost=4), TODAY)

    assert (card.value("performance"), card.coverage) == (0, 100)
