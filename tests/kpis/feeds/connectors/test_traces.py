"""Figures worked out by hand from MLflow's traces."""

import json

import pytest

from caio_portal.common.errors import Invalid
from tests.kpis.factories import make_use_case
from tests.kpis.feeds.deliveries import feed_of, load, sample, sums, warned

pytestmark = pytest.mark.django_db
SAMPLE = "lifecycle/mlflow/mlflow_traces_search_3.17.2.json"


def search(*assessments: dict[str, object], **more: object) -> str:
    trace = {"trace_id": "t", "request_time": "2026-09-30T23:59:00Z", "state": "OK", "assessments": list(assessments)}
    return json.dumps({"traces": [{**trace, **more}]})


def said(value: object, source: str = "HUMAN", at: str = "1", **more: object) -> dict[str, object]:
    told = {"assessment_name": "correct", "source": {"source_type": source}, "create_time": at}
    return {**told, "feedback": {"value": value}, **more}


@pytest.mark.parametrize(
    ("metric", "measure", "other"),
    [
        ("groundedness", "incorrect_by_judge", "incorrect_answers"),
        ("safety", "incorrect_answers", "incorrect_by_judge"),
    ],
)
def test_people_and_a_judge_are_measures_of_their_own(shared_data, metric, measure, other):
    loaded = load(feed_of("traces", mapping={"metric": metric}), sample(shared_data, SAMPLE))

    # Four traces: one right, one wrong, two that nobody assessed.
    assert sums(measure) == {"2026-11": (1, 2, 2, None)}
    assert sums(other) == {}
    assert (loaded.report.rows, warned(loaded, "without an assessment")) == (4, 2)


def test_several_things_assessed_need_a_choice(shared_data):
    with pytest.raises(Invalid, match=r"several things \(groundedness, safety\): the feed must name one"):
        load(feed_of("traces"), sample(shared_data, SAMPLE))


def test_the_last_valid_word_of_each_counts_and_the_tag_names_the_use_case():
    use_case = make_use_case()
    told = [said("no", at="2"), said("yes"), said(True, at="3", valid=False), said(False, "LLM_JUDGE")]

    load(feed_of("traces"), search(*told, tags={"use_case": use_case.ref, "mlflow.user": "x"}))

    assert sums("incorrect_answers", "use_case_id") == {use_case.pk: (1, 1, 1, None)}
    assert sums("incorrect_by_judge") == {"2026-09": (1, 1, 1, None)}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{}", "not a search of MLflow"),
        (search(said(1), request_time="soon"), "laid out"),
        ('{"traces": []}', "The file has no rows"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(content, sentence):
    with pytest.raises(Invalid, match=sentence):
        load(feed_of("traces"), content)


def test_what_failed_or_says_neither_does_not_count():
    failed = load(feed_of("traces"), search(said(True), state="ERROR"))
    vague = load(feed_of("traces"), search(said("perhaps")))

    assert (warned(failed, "A request failed"), warned(vague, "neither right nor wrong")) == (1, 1)
    assert sums("incorrect_answers") == {}


def test_what_a_judge_said_is_corrected_and_what_people_said_is_not():
    told = [said("no"), said("no", "LLM_JUDGE")]
    judge = {"sensitivity": 0.8, "specificity": 0.9}

    load(feed_of("traces", mapping={"judge": judge}), search(*told))

    assert sums("incorrect_by_judge")["2026-09"][:2] == (1, 1)  # never more than all
    assert sums("incorrect_answers")["2026-09"][:2] == (1, 1)
