"""Figures worked out by hand from the gateway's samples."""

import json

import pytest

from caio_portal.common.errors import Invalid
from tests.factories import make_unit
from tests.kpis.factories import make_use_case
from tests.kpis.feeds.deliveries import D, feed_of, load, sample, sums, warned

pytestmark = pytest.mark.django_db


def activity(spend: float, *keys: float, **metadata: object) -> str:
    metrics = {"total_tokens": 100, "successful_requests": 9, "api_requests": 10}
    day = {
        "date": "2026-09-30", "metrics": {"spend": spend, **metrics},
        "breakdown": {
            "models": {"m": {"metrics": {"spend": spend, **metrics}}},
            "api_keys": {f"k{n}": {"metrics": {"spend": part}, "metadata": {}} for n, part in enumerate(keys)},
        },
    }  # fmt: skip
    return json.dumps({"results": [day], "metadata": metadata})


def test_daily_activity_counts_each_day_once_though_its_groups_overlap(shared_data):
    unit = make_unit("Customer Experience")
    use_case = make_use_case(unit)
    rules = [{"when": {"team": "team-cx"}, "use_case": use_case.ref}]
    feed = feed_of("litellm", mapping={"rules": rules})

    loaded = load(feed, sample(shared_data, "finops/litellm/user_daily_activity_synthetic.json"))

    # The totals of the answer itself; models and keys added up would be twice as much.
    assert sums("gateway_cost") == {"2026-09": (None, None, 80_009, D("233.145811"))}
    assert sums("gateway_tokens")["2026-09"][0] == 110_099_464
    assert sums("gateway_requests")["2026-09"][:2] == (79_629, 80_009)
    assert set(sums("gateway_cost", "use_case_id")) == {use_case.pk, None}
    assert 0 < loaded.report.unallocated < D("233.145811")
    assert len(loaded.batches) == 7  # one for each day: a later answer replaces its days


def test_what_a_cut_list_of_keys_leaves_out_is_unallocated():
    loaded = load(feed_of("litellm"), activity(10.5, 4, 2.5, has_more=True, page=1, total_pages=3))

    assert sums("gateway_cost")["2026-09"][3] == D("10.5")
    assert warned(loaded, "do not add up") == 1
    assert warned(loaded, "page 1 of 3") == 1


def test_a_day_and_a_key_that_stand_on_two_pages_are_added_up():
    pages = [activity(10, 4, 6, has_more=True, page=1, total_pages=2), activity(5, 5, page=2, total_pages=2)]

    loaded = load(feed_of("litellm"), f"[{','.join(pages)}]")

    assert sums("gateway_cost")["2026-09"][2:] == (20, D(15))
    assert sorted(spend for *_, spend in sums("gateway_cost", "natural_key").values()) == [0, 6, 9]  # rest, k1, k0
    assert warned(loaded, "page") == 0


@pytest.mark.parametrize("page", [1, 2])
def test_a_page_that_stands_in_the_file_twice_is_refused(page):
    pages = [activity(10, 4, page=1), activity(page * 10, 4, page=1)]

    with pytest.raises(Invalid, match="same"):
        load(feed_of("litellm"), f"[{','.join(pages)}]")


def test_a_day_is_one_of_the_gateways_zone():
    load(feed_of("litellm", zone="Asia/Tokyo"), activity(1).replace("2026-09-30", "2026-10-01"))

    assert list(sums("gateway_cost")) == ["2026-09"]  # midnight in Tokyo is the evening before


def test_spend_logs_are_added_up_by_day_and_key(shared_data):
    loaded = load(feed_of("litellm"), sample(shared_data, "finops/litellm/spendlogs_derived_500.jsonl"))

    assert (loaded.report.rows, loaded.observations) == (500, 3)
    assert sums("gateway_cost") == {"2023-11": (None, None, 500, D("0.149046"))}  # 0.14904585 to six decimals
    assert sums("gateway_requests")["2023-11"][:2] == (497, 500)


def test_a_logged_request_is_read_as_well_and_counts_once(shared_data):
    payload = json.loads(sample(shared_data, "finops/litellm/standard_logging_payload_example.json"))

    loaded = load(feed_of("litellm"), json.dumps(payload) + "\n" + json.dumps(payload) + "\n")

    assert sums("gateway_cost") == {"2025-12": (None, None, 1, D("0.000225"))}
    assert sums("gateway_tokens")["2025-12"][0] == 30
    assert warned(loaded, "logged twice") == 1


def test_people_who_are_active_are_counted_once_against_the_roster():
    staff = [f"e{n},active,Risk" for n in range(6)] + ["s1,active,Tiny", "e9,terminated,Risk"]
    load(feed_of("roster", name="Staff"), "\n".join(["employee_id,status,org", *staff]))
    risk = make_unit("Risk")
    asked = [("09-01", "E0"), ("09-10", "e1"), ("09-20", "e1"), ("09-29", "E2"), ("09-29", "bot"), ("09-29", "s1"),
             ("09-29", "e9"), ("09-29", None)]  # fmt: skip
    log = [
        {"request_id": f"r{n}", "startTime": f"2026-{day}T08:00:00Z", "spend": 0, "end_user": user}
        for n, (day, user) in enumerate(asked)
    ]

    loaded = load(feed_of("litellm", mapping={"roster": "Staff"}), "\n".join(map(json.dumps, log)))
    short = load(feed_of("litellm", mapping={"roster": "Staff"}), "\n".join(map(json.dumps, log[3:])))

    # From 2 to 29 September: e1 (twice) and e2 of six; e0 was there before, the bot and e9 are not on the roster.
    assert sums("active_users", "unit_id") == {risk.pk: (2, 6, 6, None)}
    assert (warned(loaded, "not on the roster"), warned(loaded, "fewer than 5")) == (2, 1)
    assert warned(short, "holds fewer") == 1


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{}", "neither daily activity nor a spend log"),
        ("[]", "has no entries"),
        ('{"results": ', "not valid JSON"),
        ("[1]", "Entry 1 of the JSON is not an object"),
        ('{"request_id": "", "startTime": "2026-01-01"}', "Line 1, request_id: The request has no identifier."),
        ('{"request_id": "a", "startTime": "soon"}', "Line 1, startTime: “soon” is not a moment."),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_gets_a_sentence(content, sentence):
    with pytest.raises(Invalid, match=sentence):
        load(feed_of("litellm"), content)
