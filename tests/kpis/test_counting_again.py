"""What is counted again within a month, and what was graded on another golden set."""

import json
from datetime import UTC, date, datetime

import pytest

from caio_portal.common import clock
from kpis import charts, selectors
from kpis.models import AlertKind, DeliveryStyle, KpiValue
from kpis.selectors.concerns.judged import judged
from kpis.services import feeds, rollups
from tests.factories import make_person, make_unit
from tests.kpis.factories import make_feed, make_use_case
from tests.kpis.feeds.deliveries import feed_of, load

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)
HEADER = "date,measure,num,den,unit,key\n"


@pytest.fixture(autouse=True)
def _mid_november():
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        yield


def stored(kpi, month=OCTOBER, series=""):
    rows = KpiValue.objects.filter(kpi=kpi, month=month, series=series, use_case_id=None, vendor_id=None, inputs__gt=0)
    return {row.unit_id: (row.num, row.den) for row in rows}


@pytest.mark.parametrize("style", DeliveryStyle)
def test_of_a_stock_the_last_count_of_a_month_stands_whatever_the_style_of_its_feed(style):
    unit = make_unit("Claims")
    feed = make_feed(unit, style=style)
    load(feed, HEADER + "2026-10-05,training,4,10,Claims,a\n2026-10-05,training,1,1,Claims,b\n")

    load(feed, HEADER + "2026-10-20,training,8,10,Claims,a\n")
    if style != DeliveryStyle.REPLACEMENT:
        load(feed, HEADER + "2026-10-12,training,9,99,Claims,a\n")  # came late: it is not the last count
    rollups.roll_up_due()

    # A replacing file replaces the month; of the others, each thing (key) keeps its own last count.
    assert stored("training_completion") == {unit.pk: (8, 10) if style == DeliveryStyle.REPLACEMENT else (9, 11)}


def test_a_stock_counted_again_on_the_same_day_is_the_later_delivery_and_a_withdrawn_one_is_none():
    feed = make_feed(style=DeliveryStyle.DELTA)
    load(feed, HEADER + "2026-10-05,training,4,10,,\n")
    load(feed, HEADER + "2026-10-20,training,6,10,,\n")
    again = load(feed, HEADER + "2026-10-20,training,7,10,,\n")
    rollups.roll_up_due()
    before = stored("training_completion")

    feeds.withdraw_batch(again.batches[0].pk, by=make_person(), reason="Wrong file")
    rollups.roll_up_due()

    assert before == {feed.unit_id: (7, 10)}
    assert stored("training_completion") == {feed.unit_id: (4, 10)}
    assert rollups.changes_of_recomputing() == []


def test_what_happens_is_added_up_though_its_feed_brings_stocks_as_well():
    feed = make_feed(style=DeliveryStyle.LEDGER)
    load(feed, HEADER + "2026-10-05,training,4,10,,\n2026-10-05,satisfaction,4,10,,\n")

    load(feed, HEADER + "2026-10-06,training,5,10,,\n2026-10-06,satisfaction,5,10,,\n")
    rollups.roll_up_due()

    assert stored("stakeholder_satisfaction") == {feed.unit_id: (9, 20)}
    assert stored("training_completion") == {feed.unit_id: (5, 10)}


def promptfoo(day, passes, *questions, use_case="", run=""):
    """A run on these questions, of which so many pass."""
    rows = [
        {
            "success": True, "testCase": {"vars": {"q": question}, "metadata": {"use_case": use_case}},
            "gradingResult": {"componentResults": [{"pass": number < passes, "assertion": {"type": "equals"}}]},
        }
        for number, question in enumerate(questions)
    ]  # fmt: skip
    results = {"results": rows, "timestamp": f"{day}T08:00:00Z"}
    return json.dumps({"evalId": f"eval-{day}-{run}", "results": results, "config": {"description": "Nightly"}})


def inspect(day, passes, *questions):
    samples = [
        {"id": question, "input": question, "scores": {"exact": {"value": "C" if number < passes else "I"}}}
        for number, question in enumerate(questions)
    ]
    told = {"task": "qa", "created": f"{day}T08:00:00+00:00", "run_id": day}
    return json.dumps(
        {"status": "success", "eval": told, "results": {"scores": [{"name": "exact"}]}, "samples": samples}
    )


def quality(unit, month=OCTOBER):
    (reading,) = selectors.headline({unit.pk}, month, ["model_quality"], length=6)
    return reading


@pytest.mark.parametrize(("kind", "run"), [("promptfoo", promptfoo), ("inspect", inspect)])
def test_a_changed_golden_set_starts_a_new_series(kind, run):
    feed = feed_of(kind)
    old, new = [f"q{n}" for n in range(40)], [f"q{n}" for n in range(1, 41)]
    for month, passes in (("2026-07", 39), ("2026-08", 38)):
        load(feed, run(f"{month}-10", passes, *old))
    load(feed, run("2026-09-10", 30, *reversed(new)))
    load(feed, run("2026-10-10", 31, *new))  # the same questions in another order are the same set
    rollups.roll_up_due()

    reading, september, august = (quality(feed.unit, date(2026, month, 1)) for month in (10, 9, 8))

    assert stored("model_quality", date(2026, 9, 1), "new_set") == {feed.unit_id: (1, 0)}
    assert stored("model_quality", date(2026, 10, 1), "new_set") == {}
    assert (september.before, september.change_words, september.series_words) == (
        None, "", "New series since September 2026",
    )  # fmt: skip
    assert (reading.change_words, reading.numbers) == ("+2.5 points", (75.0, 77.5))
    assert (august.since, august.change_words) == (None, "−2.5 points")
    chart = charts.trend(reading)
    assert [line.y for line in chart.series] == [
        [None, None, None, None, 75.0, 77.5], [None, None, 97.5, 95.0, None, None],
    ]  # fmt: skip
    assert "New series since September 2026" in chart.summary


def test_a_month_in_which_the_set_changes_counts_the_newest_set_of_each_use_case():
    unit = make_unit()
    one, other = make_use_case(unit), make_use_case(unit)
    feed = feed_of("promptfoo", unit=unit)
    load(feed, promptfoo("2026-10-01", 2, "a", "b", use_case=one.ref))
    load(feed, promptfoo("2026-10-02", 1, "x", "y", use_case=other.ref))
    load(feed, promptfoo("2026-10-20", 1, "a", "c", use_case=one.ref))
    newest = load(feed, promptfoo("2026-10-21", 0, "a", "d", use_case=one.ref))
    rollups.roll_up_due()
    changed = stored("model_quality"), stored("model_quality", series="new_set")

    feeds.withdraw_batch(newest.batches[0].pk, by=make_person(), reason="Wrong set")
    rollups.roll_up_due()

    assert changed == ({unit.pk: (1, 4)}, {unit.pk: (1, 0)})
    assert stored("model_quality") == {unit.pk: (2, 4)}
    assert rollups.changes_of_recomputing() == []


def test_a_table_names_the_set_that_its_rows_were_graded_on():
    feed = make_feed()
    rows = ["2026-08-31,golden_set,95,100,v1", "2026-09-30,golden_set,94,100,v1", "2026-10-31,golden_set,70,100,v2"]

    load(feed, "\n".join(["date,measure,num,den,set", *rows]))
    rollups.roll_up_due()

    assert quality(feed.unit).since == OCTOBER


def test_no_trend_is_seen_across_a_change_of_set():
    feed = make_feed()
    lines = [
        f"2026-{month:02}-28,golden_set,{passes},1000,{name}"
        for month, passes, name in ((6, 990, "v1"), (7, 970, "v1"), (8, 950, "v1"), (9, 930, "v1"), (10, 905, "NAME"))
    ]
    text = "\n".join(["date,measure,num,den,set", *lines])

    load(feed, text.replace("NAME", "v1"))
    rollups.roll_up_due()
    same = [concern.kind for concern in judged() if concern.kpi == "model_quality"]
    load(feed, text.replace("NAME", "v2"))
    rollups.roll_up_due()
    other = [concern.kind for concern in judged() if concern.kpi == "model_quality"]

    assert (same, other) == ([AlertKind.TREND], [])
