import pytest

from kpis import catalogue
from kpis.catalogue import Catalogue, Measure
from kpis.defining import counts_the_same, next_measure, next_number, objections, objections_to_key
from tests.kpis.definitions import own, shipped

TERM = {"measure": "releases", "num": "num", "den": "den"}
COST = {"measure": "inference_cost", "num": "amount"}


@pytest.fixture
def book():
    return catalogue.shipped()


def said(draft, before, book):
    return list(objections(draft, before, book))


def test_what_is_sound_is_not_objected_to(book):
    assert said(own(terms=[TERM]), None, book) == []
    for kpi in book.kpis:
        assert said(kpi, kpi, book) == []


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"terms": [TERM | {"den": None}]}, "terms", "Nothing makes the denominator."),
        ({"terms": [TERM | {"num": None}]}, "terms", "Nothing makes the numerator."),
        ({"terms": [TERM, COST]}, "terms", "The numerator adds money to what is none."),
        ({"terms": [TERM | {"den": "amount"}]}, "terms-0-den", "Releases has no amount, only numerator, denominator "
         "and sample."),
        ({"terms": [TERM, TERM | {"series": "By team"}]}, "terms-1-series",
         "A series is named in small letters, digits and underscores, 20 at most."),
        ({"terms": [TERM | {"measure": "nothing"}]}, "terms", "Prompts used again names unknown measures: nothing."),
        ({"terms": [TERM | {"measure": "golden_set"}]}, "terms-0-measure",
         "Golden-set results belong to Model quality, which tells when the set of questions changes."),
        ({"terms": [TERM], "formula": "percentile"}, "formula",
         "A percentile needs single durations, which only the portal's own records have."),
        ({"terms": [TERM], "uom": "business_days"}, "uom",
         "Business days are counted in the portal's own records only."),
        ({"terms": [TERM], "uom": "money"}, "uom", "A value in money needs a numerator in money."),
        ({"terms": [TERM | {"n": False}], "formula": "mean"}, "terms",
         "A mean divides by the sample: some measure has to count in it."),
        ({"terms": [TERM], "formula": "difference_of_ratios"}, "formula",
         "The difference needs a series named control, with what it is compared with."),
        ({"terms": [TERM | {"measure": "training"}], "window": "year_to_date"}, "window",
         "Required training is counted on a day, which is not added up over months."),
        ({"terms": [TERM | {"measure": "training"}], "error_budget": True}, "error_budget",
         "Only what happens uses up an error budget, not what is counted on a day."),
        ({"terms": [TERM], "key": "alerts"}, "key", "alerts is taken."),
    ],
)  # fmt: skip
def test_what_cannot_be_counted_is_said(book, changes, field, words):
    assert (field, words) in said(own(**changes), None, book)


def test_what_is_counted_from_records_is_not_copied(book):
    draft = shipped("risk_posture").model_copy(update={"key": "our_risk", "name": "Our risk"})

    assert [field for field, _ in said(draft, None, book)] == ["source"]


@pytest.mark.parametrize("key", ["x", "Big", "training_completion", "measures", "risk_at", "a" * 41])
def test_keys_that_cannot_be(book, key):
    assert len(list(objections_to_key(key, book.by_key))) == 1


def test_numbers_follow_those_of_everything_that_there_was(book):
    mine = own(terms=[TERM]).model_copy(update={"number": 1003})
    gone = own("prompts_gone", terms=[TERM]).model_copy(update={"number": 1005})
    measure = Measure(id=10_004, name="Ours", uom="count", of="")
    more = Catalogue(format=1, measures=book.measures | {"ours": measure}, kpis=(*book.kpis, mine), retired=(gone,))

    assert (next_number(book), next_number(more)) == (1000, 1006)
    assert (next_measure(book), next_measure(more)) == (10_000, 10_005)
    assert "prompts_gone" in more.by_key
    assert "prompts_gone" not in more.in_force


def test_words_count_nothing_else(book):
    kpi = shipped("training_completion")

    assert counts_the_same(kpi, kpi.model_copy(update={"name": "Other", "low": 1}))
    assert not counts_the_same(kpi, kpi.model_copy(update={"denominator": "Other"}))
