from datetime import date

import pytest

from caio_portal.audit.models import AuditEvent
from caio_portal.common.errors import Invalid, NotAllowed
from kpis.models import BatchState, DirtyMonth, FeedBatch, Observation
from kpis.services import feeds
from tests.factories import make_person, make_unit
from tests.kpis.factories import make_feed, make_file, make_use_case

pytestmark = pytest.mark.django_db
HEADER = "date,measure,num,den,amount,use_case,unit,key"


def load(feed, *rows, header=HEADER, **options):
    return feeds.load_file(feed.pk, make_file("\n".join([header, *rows])), by=None, **options)


def test_observations_are_loaded_with_their_place():
    unit = make_unit("Claims")
    use_case = make_use_case(unit)
    feed = make_feed()

    loaded = load(
        feed,
        f"2026-09-01,service_requests,995,1000,,{use_case.ref},,",
        "2026-09-02,service_requests,990,1000,,,claims,",
        "2026-09-02,effective_cost,,,12.5,,,",
    )

    rows = Observation.objects.order_by("row").values_list("unit_id", "use_case_id", "n", "num", "den", "row")
    assert list(rows) == [
        (unit.pk, use_case.pk, 1000, 995, 1000, 2),
        (unit.pk, None, 1000, 990, 1000, 3),
        (feed.unit_id, None, 1, None, None, 4),
    ]
    assert (loaded.observations, loaded.new) == (3, 3)
    assert sorted(DirtyMonth.objects.values_list("family", "month")) == [
        ("cost", date(2026, 9, 1)),
        ("service", date(2026, 9, 1)),
        ("value", date(2026, 9, 1)),
    ]


def test_a_later_file_replaces_the_measures_and_months_that_it_holds():
    feed = make_feed()
    load(feed, "2026-08-31,training,1,2,,,,", "2026-09-01,training,1,2,,,,", "2026-09-01,satisfaction,1,2,,,,")

    load(feed, "2026-09-01,training,2,2,,,,")

    assert sorted(Observation.objects.values_list("observed_at__month", "num")) == [(8, 1), (9, 1), (9, 2)]
    assert FeedBatch.objects.filter(state=BatchState.SUPERSEDED).get().scope == "training 2026-09"


def test_the_same_file_again_changes_nothing():
    feed = make_feed()
    row = "2026-09-01,training,1,2,,,,"
    load(feed, row)

    again = load(feed, row)

    assert (again.unchanged, FeedBatch.objects.count(), Observation.objects.count()) == (True, 1, 1)


def test_a_withdrawn_batch_takes_its_observations_along():
    feed, person = make_feed(), make_person()
    batch = load(feed, "2026-09-01,training,1,2,,,,").batches[0]

    feeds.withdraw_batch(batch.pk, by=person, reason="Wrong file")

    assert (Observation.objects.count(), FeedBatch.objects.get().state) == (0, BatchState.WITHDRAWN)
    assert DirtyMonth.objects.last().cause == f"Batch {batch.pk} was withdrawn"
    assert AuditEvent.objects.latest("pk").action == "batch.withdrawn"
    with pytest.raises(NotAllowed):
        feeds.withdraw_batch(batch.pk, by=person, reason="Again")
    assert load(feed, "2026-09-01,training,1,2,,,,").new == 1


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ("2026-09-01,nothing,1,2,,,,", "Line 2, measure: “nothing” is not a measure of the catalogue."),
        ("2026-09-01,training,1,,,,,", "Line 2, den: Required training needs num and den."),
        ("2026-09-01,training,1,-2,,,,", "Line 2, den: A denominator or sample cannot be negative."),
        ("2026-09-01,training,1,2,,UC-1,,", "Line 2, use_case: There is no use case UC-1."),
        ("2026-09-01,training,1,2,,,Mars,", "Line 2, unit: There is no unit Mars."),
        (",training,1,2,,,,", "Line 2, date: The cell is empty."),
        (
            "2026-09-01,training,1,2,,,,\n2026-09-01,training,9,9,,,,",
            "Line 3, key: This is the same observation as on line 2",
        ),
    ],
)
def test_a_bad_row_is_named_and_nothing_is_loaded(row, sentence):
    with pytest.raises(Invalid) as refused:
        load(make_feed(), row)

    assert sentence in str(refused.value)
    assert Observation.objects.count() == 0


def test_a_trial_writes_nothing():
    feed = make_feed()

    report = feeds.try_file(feed, make_file(f"{HEADER}\n2026-09-01,training,1,2,,,,\n,,,,,,,\nx,training,1,2,,,,"))

    assert (report.rows, report.rejected, report.problems[0].line) == (2, 1, 4)
    assert Observation.objects.count() == FeedBatch.objects.count() == 0


@pytest.mark.parametrize(
    "content",
    [
        '[{"date": "2026-09-01", "measure": "training", "num": 1, "den": 2.0, "use_case": null}]',
        '{"date": "2026-09-01", "measure": "training", "num": 1, "den": 2}\n'
        '{"date": "2026-09-02", "measure": "satisfaction", "num": 0, "den": 0}\n',
        '{"date": "2026-09-01", "measure": "training", "num": 1, "den": 2}',
    ],
)
def test_json_and_json_lines_are_tables_as_well(content):
    feeds.load_file(make_feed().pk, make_file(content, "x.json"), by=None)

    assert Observation.objects.filter(num=1, den=2).count() == 1
