"""Figures worked out by hand from what OpenAI and Anthropic answer."""

import json

import pytest
from django.db.models import Sum

from caio_portal.common.errors import Invalid
from kpis.models import UnmatchedSpend
from tests.kpis.factories import make_use_case
from tests.kpis.feeds.deliveries import D, feed_of, load, sample, sums, warned

pytestmark = pytest.mark.django_db
FOLDER = "finops/providers"
DAY = 1_788_220_800  # 2026-09-01 00:00 UTC


def page(*results: dict[str, object], **more: object) -> str:
    return json.dumps({"object": "page", "data": [{"start_time": DAY, "results": list(results)}], **more})


def test_input_tokens_of_openai_hold_the_cached_ones(shared_data):
    use_case = make_use_case()
    rules = [{"when": {"project": "proj_cx"}, "use_case": use_case.ref}]

    loaded = load(
        feed_of("provider", mapping={"rules": rules}),
        sample(shared_data, f"{FOLDER}/openai_organization_usage_completions.json"),
    )

    # Two projects on six days (the fifth has no results): 8,063,424 and 4,383,449 in, 895,933 and 487,047 out.
    assert loaded.report.rows == 12
    assert sums("cached_tokens")["2026-09"][0] == 3_225_367 + 1_753_377
    assert sums("input_tokens")["2026-09"][0] == 8_063_424 + 4_383_449 - 3_225_367 - 1_753_377
    assert sums("output_tokens", "use_case_id")[use_case.pk][0] == 895_933
    assert sums("tokens")["2026-09"][0] == 8_063_424 + 4_383_449 + 895_933 + 487_047


def test_input_tokens_of_anthropic_do_not_hold_them(shared_data):
    load(feed_of("provider"), sample(shared_data, f"{FOLDER}/anthropic_usage_report_messages.json"))

    # The default workspace is null; writing into the cache is input, too.
    assert sums("cached_tokens")["2026-09"][0] == 10_435_623 + 8_497_971
    assert sums("input_tokens")["2026-09"][0] == 3_478_541 + 2_832_657 + 347_850 + 283_262
    assert sums("output_tokens")["2026-09"][0] == 434_815 + 354_077


def test_cost_of_openai_is_told_in_dollars_and_the_other_pages_are_missed(shared_data):
    use_case = make_use_case()
    rules = [{"when": {"project": "proj_cx"}, "use_case": use_case.ref}]

    loaded = load(
        feed_of("provider", mapping={"rules": rules}),
        sample(shared_data, f"{FOLDER}/openai_organization_costs_page1.json"),
    )

    assert sums("effective_cost")["2026-09"][3] == D("121.679702")
    assert sums("inference_cost", "use_case_id")[use_case.pk][3] == D("75.698222")
    assert loaded.report.unallocated == D("45.981480") == UnmatchedSpend.objects.aggregate(Sum("amount"))["amount__sum"]
    assert warned(loaded, "more pages") == 1


def test_cost_of_anthropic_is_told_in_cents():
    bucket = {"starting_at": "2026-09-01T00:00:00Z", "results": [{"amount": "123.45", "currency": "USD"}]}

    load(feed_of("provider"), json.dumps({"data": [bucket], "has_more": False}))

    assert sums("effective_cost")["2026-09"][3] == D("1.2345")


def test_the_same_page_twice_and_a_newer_answer_of_a_day_count_once():
    feed, first = feed_of("provider"), page({"amount": {"value": 1.5, "currency": "usd"}, "project_id": "a"})
    load(feed, first)

    assert load(feed, first).unchanged is True
    load(feed, page({"amount": {"value": 2, "currency": "usd"}, "project_id": "a"}))

    assert sums("effective_cost")["2026-09"][3] == D(2)


def test_pages_in_one_file_are_added_up_each_once():
    day = {"project_id": "a"}
    pages = [page({"amount": {"value": n, "currency": "usd"}} | day, has_more=n == 1) for n in (1, 2)]

    loaded = load(feed_of("provider"), "\n".join(pages))

    assert sums("effective_cost")["2026-09"][3] == D(3)
    assert warned(loaded, "more pages") == 0
    with pytest.raises(Invalid, match="Page 2 of the file is the same"):
        load(feed_of("provider"), "\n".join([pages[0], pages[0]]))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{}", "no answer of a provider"),
        (page(), "holds no results: that is unknown, not zero"),
        (page({"amount": {"value": 1, "currency": "eur"}}), "The amount is in eur; this feed is in USD"),
        (page({"amount": "1", "rbac_group_id": "g"}), "Results by group overlap"),
        (page({"input_tokens": 5, "input_cached_tokens": 9}), "More tokens were read from the cache"),
        (page({"object": "organization.usage.images.result", "images": 3}), "neither usage nor cost"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(content, sentence):
    with pytest.raises(Invalid, match=sentence):
        load(feed_of("provider"), content)
