from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from caio_portal.common import clock
from kpis import selectors
from kpis.models import Target
from kpis.selectors import sums
from kpis.services import feeds, rollups
from kpis.status import Status
from tests.factories import make_unit
from tests.kpis.factories import make_feed, make_file, make_use_case

pytestmark = pytest.mark.django_db
HEADER = "date,measure,num,den,n,amount,unit,key"
NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)


@pytest.fixture(autouse=True)
def _mid_november():
    with clock.at(NOW):
        yield


def observe(*rows):
    feed = make_feed()
    feeds.load_file(feed.pk, make_file("\n".join([HEADER, *rows])), by=None)
    rollups.roll_up_due()
    return feed


def of(card, key):
    return next(reading for reading in card.readings if reading.kpi.key == key)


def test_a_scorecard_has_every_kpi_under_its_perspective():
    card = selectors.scorecard(None, OCTOBER)

    assert len(card.readings) == 30
    assert {reading.status for reading in card.readings} == {Status.NO_DATA, Status.NOT_APPLICABLE}
    assert card.perspectives[0].name == "Value"


def test_ratios_of_units_are_made_of_their_sums():
    one, other = make_unit("One"), make_unit("Other")
    observe("2026-10-31,training,9,10,,,One,", "2026-10-31,training,10,100,,,Other,")

    both = of(selectors.scorecard(None, OCTOBER), "training_completion")
    alone = of(selectors.scorecard({one.pk}, OCTOBER), "training_completion")

    assert round(both.value, 2) == D("17.27")
    assert (alone.value, alone.status, alone.value_words) == (D(90), Status.WATCH, "90%")
    assert of(selectors.scorecard({other.pk}, SEPTEMBER), "training_completion").status == Status.NO_DATA


def test_a_window_that_ends_with_an_unknown_month_tells_nothing():
    observe("2026-09-30,satisfaction,150,200,,,,")

    reading = of(selectors.scorecard(None, OCTOBER), "stakeholder_satisfaction")

    assert (reading.value, reading.status, reading.sums.n) == (None, Status.NO_DATA, 0)


def test_a_window_adds_its_months_and_a_snapshot_does_not():
    observe(
        "2026-07-31,satisfaction,10,10,,,,", "2026-09-30,satisfaction,5,10,,,,", "2026-08-31,training,1,10,,,,",
        "2026-09-30,training,9,10,,,,",
    )  # fmt: skip

    card = selectors.scorecard(None, SEPTEMBER)

    assert of(card, "stakeholder_satisfaction").value == D(75)  # of the quarter: 15 of 20
    assert of(card, "training_completion").value == D(90)
    assert of(card, "training_completion").before == D(10)
    assert (of(card, "training_completion").change_words, of(card, "training_completion").is_better) == (
        "+80 points",
        True,
    )


def test_the_control_group_is_taken_off():
    observe("2026-10-31,retained_exposed,90,100,,,,", "2026-10-31,retained_control,80,100,,,,")

    assert of(selectors.scorecard(None, OCTOBER), "retention_uplift").value == D(10)


def test_a_small_sample_has_no_status():
    observe("2026-10-31,incorrect_answers,1,10,,,,", "2026-10-31,enps_responses,4,4,,,,")

    card = selectors.scorecard(None, OCTOBER)
    reading, answers = of(card, "hallucination_rate"), of(card, "developer_enps")

    assert (reading.value, reading.status) == (D(10), Status.NO_DATA)
    assert (answers.value, answers.status) == (None, Status.NO_DATA)  # and what so few people said is not shown


def test_the_nearest_target_holds():
    root = make_unit("Root")
    child = make_unit("Child", parent=root)
    observe("2026-10-31,training,70,100,,,Child,")
    target = {"kpi": "training_completion", "set_at": NOW}
    Target.objects.create(unit=root, low=90, **target)
    Target.objects.create(unit=child, low=60, **target)
    Target.objects.create(unit=child, period="2026", low=80, tolerance=5, **target)
    Target.objects.create(unit=child, period="2026Q4", low=70, **target)

    def bands(units, month):
        return of(selectors.scorecard(units, month), "training_completion").bands.low

    assert bands({root.pk, child.pk}, OCTOBER) == 90
    assert bands({child.pk}, OCTOBER) == 70
    assert bands({child.pk}, SEPTEMBER) == 80
    assert bands({child.pk}, date(2025, 9, 1)) == 60
    assert bands(None, OCTOBER) == 95


def test_values_as_known_on_a_day():
    feed = observe("2026-09-30,training,50,100,,,,")
    kpi = selectors.headline(None, SEPTEMBER, ["training_completion"])[0].kpi
    with clock.at(datetime(2026, 11, 20, tzinfo=UTC)):
        feeds.load_file(feed.pk, make_file(f"{HEADER}\n2026-09-30,training,60,100,,,,"), by=None)
        rollups.roll_up_due()

    def known(on):
        cells = sums.read([kpi], None, SEPTEMBER, SEPTEMBER, known_on=on)
        return sums.value(kpi, cells, SEPTEMBER)

    assert sums.value(kpi, sums.read([kpi], None, SEPTEMBER, SEPTEMBER), SEPTEMBER) == 60
    assert known(datetime(2026, 11, 16, tzinfo=UTC)) == 50
    assert known(datetime(2026, 11, 1, tzinfo=UTC)) is None


def test_coverage_knows_the_sources_of_earlier_months_whatever_is_shown():
    unit = make_unit("One")
    first, second = make_use_case(unit), make_use_case(unit)
    feed = make_feed()
    rows = [
        f"2026-09-30,service_requests,9,10,{first.ref}", f"2026-09-30,service_requests,9,10,{second.ref}",
        f"2026-10-31,service_requests,9,10,{first.ref}",
    ]  # fmt: skip
    feeds.load_file(feed.pk, make_file("\n".join(["date,measure,num,den,use_case", *rows])), by=None)
    rollups.roll_up_due()

    found = [selectors.headline(None, OCTOBER, ["service_availability"], length=length)[0] for length in (1, 12)]

    assert [reading.coverage for reading in found] == [0.5, 0.5]


def test_coverage_compares_with_the_sources_of_three_months():
    observe(*(f"2026-0{month}-28,service_requests,1,1,,,,k{month}" for month in (7, 8, 9)))

    reading = of(selectors.scorecard(None, SEPTEMBER), "service_availability")

    assert reading.coverage is None  # nothing reports per use case


@pytest.mark.parametrize("rows", [1, 3])
def test_the_scorecard_asks_five_queries(rows, django_assert_num_queries):
    units = [make_unit(f"Unit {number}") for number in range(rows)]
    observe(*(f"2026-10-31,training,9,10,,,{unit.name}," for unit in units))

    with django_assert_num_queries(5):
        selectors.scorecard({unit.pk for unit in units}, OCTOBER)
