import copy
import tomllib
from decimal import Decimal

import pytest
from pydantic import ValidationError

from vendors import criteria
from vendors.criteria import Ageing, Criteria, Scale


@pytest.fixture
def document():
    return tomllib.loads(criteria.FILE.read_text(), parse_float=Decimal)


def test_the_shipped_criteria_load():
    current = criteria.load()

    assert [dimension.key for dimension in current.dimensions] == ["performance", "security", "roadmap", "cost"]
    assert {criterion.computed for criterion in current.criteria} - {""} == set(criteria.COMPUTED)


@pytest.mark.parametrize(
    ("days", "weight"),
    [(-10, "1"), (0, "1"), (180, "1"), (450, "0.7"), (720, "0.4"), (721, "0")],
)
def test_evidence_loses_weight_as_it_ages(days, weight):
    ageing = Ageing(fresh_days=180, stale_days=720, least_weight=Decimal("0.4"))

    assert ageing.weight(days) == Decimal(weight)


@pytest.mark.parametrize(
    ("value", "score"),
    [("-5", "0"), ("0", "0"), ("30", "1.5"), ("60", "3"), ("80", "4"), ("100", "5"), ("140", "5")],
)
def test_a_computed_value_scores_on_straight_lines(value, score):
    scale = Scale(title="Clauses", uom="%", points=((0, 0), (60, 3), (100, 5)))

    assert scale.score(Decimal(value)) == Decimal(score)


@pytest.mark.parametrize(
    ("change", "objection"),
    [
        (lambda d: d["dimensions"][0].update(weight=31), "the weights of the dimensions must add up to 100"),
        (lambda d: d["criteria"][0].update(weight=31), "the weights of the criteria of performance must add up to 100"),
        (lambda d: d["criteria"][0].update(dimension="style"), "style is no dimension"),
        (lambda d: d["criteria"].append(d["criteria"][0]), "quality is there twice"),
        (lambda d: d["criteria"][0].update(levels=["bad", "good"]), "say what 0 to 5 mean"),
        (lambda d: d["criteria"][1].update(computed="weather"), "weather is not computed by the portal"),
        (lambda d: d["computed"].pop("spend_ratio"), "spend_ratio has no scale"),
        (lambda d: d["computed"]["spend_ratio"].update(points=[[1, 1], [0, 2]]), "the values of the points must rise"),
        (lambda d: d["computed"]["spend_ratio"].update(points=[[0, 1], [1, 6]]), "scores lie between 0 and 5"),
        (lambda d: d["ageing"].update(stale_days=10), "stale_days must be greater than fresh_days"),
        (lambda d: d["advice"].pop(), "the last advice must apply always"),
        (lambda d: d["required_assessments"].pop("standard"), "required_assessments: standard is missing"),
        (lambda d: d.update(colour="red"), "colour"),
    ],
)
def test_criteria_that_do_not_fit_are_refused(document, change, objection):
    changed = copy.deepcopy(document)
    change(changed)

    with pytest.raises(ValidationError, match=objection):
        Criteria.model_validate(changed)


@pytest.mark.parametrize(("value", "heat"), [(None, None), ("44.9", 1), ("45", 2), ("65", 3), ("80", 4), ("85", 5)])
def test_heat_has_five_colours(value, heat):
    assert criteria.load().heat_of(None if value is None else Decimal(value)) == heat
