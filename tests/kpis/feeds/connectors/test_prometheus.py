"""Figures worked out by hand from answers of Prometheus."""

import json

import pytest
from django.db import connection

from caio_portal.common.errors import Invalid
from kpis import buckets
from tests.kpis.factories import make_use_case
from tests.kpis.feeds.deliveries import feed_of, load, sample, sums, warned

pytestmark = pytest.mark.django_db
FIRST_OF_OCTOBER = 1_790_812_800  # 2026-10-01 00:00 UTC: what was counted until then belongs to September


def answer(*series: tuple[dict[str, str], str], kind: str = "matrix", **more: object) -> str:
    values = {
        "matrix": lambda v: {"values": [[FIRST_OF_OCTOBER, v]]},
        "vector": lambda v: {"value": [FIRST_OF_OCTOBER, v]},
    }
    result = [{"metric": metric, **values[kind](value)} for metric, value in series]
    return json.dumps({"status": "success", "data": {"resultType": kind, "result": result}, **more})


def test_availability_is_weighted_by_requests(shared_data):
    first, second = make_use_case(), make_use_case()
    rules = [
        {"when": {"use_case_id": "uc-017"}, "use_case": first.ref},
        {"when": {"use_case_id": "uc-031"}, "use_case": second.ref},
    ]

    load(
        feed_of("prometheus", mapping={"rules": rules}),
        sample(shared_data, "telemetry/prometheus/availability_daily_increase.json"),
    )

    (good, valid, _, _) = sums("service_requests")["2025-11"]
    by_use_case = sums("service_requests", "use_case_id")
    ratios = [num / den for num, den, *_ in by_use_case.values()]
    assert round(100 * good / valid, 3) == 99.480
    assert round(100 * sum(ratios) / 2, 3) == 99.658  # what the mean of use cases would have said
    assert set(by_use_case) == {first.pk, second.pk}


def test_latency_counts_at_an_edge_and_keeps_its_histogram(shared_data):
    content = sample(shared_data, "telemetry/prometheus/latency_daily_buckets.json")

    load(feed_of("prometheus"), content)

    series = json.loads(content)["data"]["result"]
    at_edge = {
        edge: sum(float(v) for s in series if s["metric"]["le"] == edge for _, v in s["values"])
        for edge in ("2.56", "+Inf")
    }
    (quick, requests, _, _) = sums("fast_requests")["2025-11"]
    assert (quick, requests) == pytest.approx((at_edge["2.56"], at_edge["+Inf"]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT n, hist FROM observation")
        rows = cursor.fetchall()
    assert all(sum(hist) == n for n, hist in rows)
    total = [sum(counts) for counts in zip(*(hist for _, hist in rows), strict=True)]
    assert buckets.percentile(total, 100 * quick / requests) == pytest.approx(2.56, rel=0.01)


def test_an_objective_between_two_edges_is_refused(shared_data):
    feed = feed_of("prometheus", mapping={"objective": 3})

    with pytest.raises(Invalid, match=r"The objective of 3 s is no edge of the buckets: 0.01, .*2.56, 5.12"):
        load(feed, sample(shared_data, "telemetry/prometheus/latency_daily_buckets.json"))


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("empty_vector", "The answer holds no data: that is unknown, not zero."),
        ("error_response", "Prometheus answered with an error: invalid parameter"),
    ],
)
def test_no_data_is_unknown_and_an_error_is_none(shared_data, name, sentence):
    with pytest.raises(Invalid, match=sentence):
        load(feed_of("prometheus"), sample(shared_data, f"telemetry/prometheus/{name}.json"))


def test_client_errors_are_left_out_but_refusals_by_policy_count():
    load(
        feed_of("prometheus"),
        answer(
            ({"code": "200"}, "90"),
            ({"code": "404"}, "50"),
            ({"code": "429"}, "6"),
            ({"code": "503"}, "4"),
            kind="vector",
        ),
    )

    assert sums("service_requests") == {"2026-09": (90, 100, 100, None)}


def test_of_what_is_not_a_number_nothing_is_known():
    loaded = load(
        feed_of("prometheus"),
        answer(
            ({"code": "200", "job": "a"}, "90"),
            ({"code": "500", "job": "a"}, "NaN"),  # not 90 of 90: nobody knows how many failed
            ({"code": "200", "job": "b"}, "90"),
            ({"code": "503", "job": "b"}, "10"),
            ({"code": "404", "job": "b"}, "+Inf"),  # left out anyway
            warnings=["too slow"],
        ),
    )

    assert sums("service_requests")["2026-09"][:2] == (90, 100)
    assert (warned(loaded, "NaN or infinite"), warned(loaded, "too slow")) == (2, 1)


def test_a_bucket_that_is_not_known_makes_its_time_unknown_and_no_other():
    loaded = load(
        feed_of("prometheus"),
        answer(
            ({"le": "2.56", "job": "a"}, "90"),
            ({"le": "+Inf", "job": "a"}, "100"),
            ({"le": "2.56", "job": "b"}, "NaN"),
            ({"le": "+Inf", "job": "b"}, "100"),
            ({"le": "5.12", "job": "c"}, "95"),
            ({"le": "+Inf", "job": "c"}, "100"),
        ),
    )

    assert sums("fast_requests")["2026-09"][:2] == (90, 100)
    assert warned(loaded, "A bucket is missing or no number") == 2


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("[]", "not an answer of Prometheus"),
        (answer(({"job": "x"}, "1")), "neither a status code nor bucket edges"),
        ('{"status": "success", "data": {"resultType": "scalar"}}', "neither a matrix nor a vector"),
        (answer(({"code": "200"}, "1"), ({"code": "500"}, "many")), "“many” is not a number"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(content, sentence):
    with pytest.raises(Invalid, match=sentence):
        load(feed_of("prometheus"), content)
