"""Figures worked out by hand from results of promptfoo, Inspect and garak."""

import json

import pytest

from caio_portal.common.errors import Invalid
from tests.kpis.factories import make_use_case
from tests.kpis.feeds.deliveries import feed_of, load, sample, sums, warned

pytestmark = pytest.mark.django_db
PROMPTFOO = "eval/promptfoo/results_v3.json"
GUIDE = "eval/inspect/2025-05-12T20-28-26-04-00_security-guide.json"


def test_promptfoo_counts_what_was_graded(shared_data):
    use_case = make_use_case()
    rules = [{"when": {"use_case_id": "uc-017"}, "use_case": use_case.ref}]

    loaded = load(feed_of("promptfoo", mapping={"rules": rules}), sample(shared_data, PROMPTFOO))

    # Four rows: two passed, one failed, and one whose assertion threw an error, which grades nothing.
    assert sums("golden_set", "use_case_id") == {use_case.pk: (2, 3, 3, None)}
    assert (loaded.report.rows, warned(loaded, "threw an error")) == (4, 1)


def test_promptfoo_by_metric_and_as_incorrect_answers(shared_data):
    feed = feed_of("promptfoo", mapping={"metric": "factuality", "measure": "incorrect_by_judge"})

    loaded = load(feed, sample(shared_data, PROMPTFOO))

    assert sums("incorrect_by_judge") == {"2026-11": (1, 2, 2, None)}
    assert warned(loaded, "asserts nothing") == 2


def test_what_a_model_graded_is_corrected_by_what_people_found_of_it(shared_data):
    judge = {"sensitivity": 0.9, "specificity": 0.95}
    feed = feed_of("promptfoo", mapping={"metric": "factuality", "measure": "incorrect_by_judge", "judge": judge})

    load(feed, sample(shared_data, PROMPTFOO))

    assert sums("incorrect_by_judge")["2026-11"][0] == pytest.approx(2 * (1 / 2 - 0.05) / 0.85)


def test_promptfoo_leaves_out_what_asserts_nothing_and_what_the_provider_failed():
    component = {"pass": True, "reason": "Assertion passed", "assertion": {"type": "contains"}}
    rows = [
        {"success": True, "failureReason": 0, "gradingResult": {"pass": True, "componentResults": []}},
        {"success": False, "failureReason": 2, "error": "429 Too Many Requests", "gradingResult": None},
        {"success": True, "failureReason": 0, "gradingResult": {"componentResults": [component]}},
    ]
    run = {"version": 3, "timestamp": "2026-09-03T00:00:00.000Z", "results": rows}

    loaded = load(feed_of("promptfoo"), json.dumps({"evalId": "e", "results": run}))

    assert sums("golden_set") == {"2026-09": (1, 1, 1, None)}
    assert (warned(loaded, "asserts nothing"), warned(loaded, "provider failed")) == (1, 1)


def test_a_newer_export_of_a_run_replaces_it(shared_data):
    feed, content = feed_of("promptfoo"), sample(shared_data, PROMPTFOO)
    load(feed, content)

    load(feed, content + b"\n")

    assert sums("golden_set")["2026-11"][:2] == (2, 3)


def test_inspect_counts_scored_samples(shared_data):
    feed = feed_of("inspect")

    load(feed, sample(shared_data, GUIDE))
    load(feed, sample(shared_data, "eval/inspect/mmlu-no-summary-choices.eval"))

    assert sums("golden_set") == {"2025-05": (3, 3, 3, None), "2025-12": (0, 1, 1, None)}


def test_a_cancelled_run_carries_scores_but_is_no_evidence(shared_data):
    with pytest.raises(Invalid, match=r"The run is cancelled: only a successful one is evidence\."):
        load(feed_of("inspect"), sample(shared_data, "eval/inspect/2025-05-12T20-28-13-04-00_popularity.json"))


def test_inspect_leaves_out_samples_without_a_grade(shared_data):
    log = json.loads(sample(shared_data, GUIDE))
    log["samples"][0]["error"] = {"message": "timeout"}
    log["samples"][1]["scores"]["model_graded_fact"]["value"] = "P"

    loaded = load(feed_of("inspect"), json.dumps(log))

    assert sums("golden_set")["2025-05"][:2] == (1.5, 2)
    assert warned(loaded, "no grade") == 1


def test_grades_of_a_model_are_not_those_of_people(shared_data):
    with pytest.raises(Invalid, match="the measure is incorrect_by_judge"):
        load(feed_of("inspect", mapping={"measure": "incorrect_answers"}), sample(shared_data, GUIDE))


def test_garak_counts_outputs_and_not_group_scores(shared_data):
    feed = feed_of("garak")

    load(feed, sample(shared_data, "eval/garak/quack.report.jsonl"))
    load(feed, sample(shared_data, "eval/garak/test_with_ci.report.jsonl"))

    assert sums("redteam_violations") == {"2025-08": (0 + 13, 1 + 50, 51, None)}  # 25.5 %; the mean of the two is 13 %


def garak(*evals: dict[str, object], end: bool = True) -> str:
    rows = [{"entry_type": "init", "start_time": "2026-09-03T00:00:00", "run": "r"}]
    rows += [{"entry_type": "eval", "probe": "p", "detector": "d", **one} for one in evals]
    return "\n".join(json.dumps(row) for row in [*rows, *([{"entry_type": "completion"}] if end else [])])


def test_garak_leaves_out_outputs_without_a_verdict_and_repetitions():
    one = {"passed": 6, "fails": 2, "nones": 2, "total_evaluated": 8, "total_processed": 10}

    loaded = load(feed_of("garak"), garak(one, one, {"passed": 1, "total": 4, "probe": "old"}))

    assert sums("redteam_violations") == {"2026-09": (2 + 3, 8 + 4, 12, None)}
    assert warned(loaded, "without a verdict") == 4


@pytest.mark.parametrize(
    ("kind", "content", "sentence"),
    [
        ("garak", garak({"passed": 1, "total": 4}, end=False), "The scan did not complete"),
        ("garak", garak(), "not a report of garak"),
        ("garak", "[1]\n", "Line 1 is not a JSON object"),
        ("promptfoo", "{}", "not a result of promptfoo"),
        ("inspect", "{}", "not a log of Inspect"),
        ("inspect", b"PK\x03\x04broken", "not a log of Inspect, or it is damaged"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(kind, content, sentence):
    with pytest.raises(Invalid, match=sentence):
        load(feed_of(kind), content)


def test_a_measure_that_the_kind_does_not_bring_is_refused():
    with pytest.raises(Invalid, match="this kind of feed brings golden_set or"):
        feed_of("promptfoo", mapping={"measure": "training"})
