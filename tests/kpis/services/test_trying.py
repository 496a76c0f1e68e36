from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from kpis import catalogue, published
from kpis.models import Target
from kpis.selectors.sums import read
from kpis.services import definitions, feeds, rollups
from kpis.services.definitions import numbered
from kpis.services.trying import try_kpi
from kpis.values import Sums
from tests.factories import make_person, make_unit
from tests.kpis.definitions import changed, shipped
from tests.kpis.factories import make_feed, make_file

pytestmark = pytest.mark.django_db
KEY = "releases_evaluated"
ROWS = "\n".join(f"2026-{month:02}-03,releases,{month},{2 * month}" for month in range(6, 11))


@pytest.fixture(autouse=True)
def _loaded():
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        feeds.load_file(make_feed().pk, make_file(f"date,measure,num,den\n{ROWS}\n"), by=None)
        rollups.roll_up_due()
        yield


def tried(draft):
    before = catalogue.current().by_key[draft.key]
    return try_kpi(numbered(draft, before, catalogue.current()), before)


def test_what_is_tried_is_what_a_rollup_writes_then():
    terms = [{"measure": "releases", "num": "num", "den": "n"}]
    draft = changed(KEY, terms=terms, window="trailing_3", denominator="All of them")

    trial = tried(draft)

    definitions.publish_kpi(draft, "Try it", by=make_person(Role.CAIO, unit=make_unit()))
    published.read()
    rollups.roll_up_due()
    kpi = catalogue.current().by_key[KEY]
    cells = read([kpi], None, date(2026, 6, 1), date(2026, 10, 1))[KEY, ""]
    assert [(month.month, new.reading.sums.den, new.reading.value) for month, _, new in trial.months] == [
        (10, 54, 50), (9, 48, 50), (8, 42, 50)
    ]  # fmt: skip
    assert cells[date(2026, 10, 1)].sums == Sums(Decimal(10), Decimal(20), 20)
    assert trial.counts_again


def test_other_bounds_and_windows_are_judged_on_what_is_stored(django_assert_max_num_queries):
    with django_assert_max_num_queries(5):
        trial = tried(changed(KEY, low=40, window="quarter", name="Tested releases"))

    month, old, new = trial.months[0]
    assert (month, old.reading.status.value, new.reading.status.value) == (date(2026, 10, 1), "off_track", "on_track")
    assert [new.reading.sums.den for _, _, new in trial.months] == [20, 48, 30]
    assert not trial.counts_again
    assert trial.changes[0] == "Name: “Releases with an evaluation report” becomes “Tested releases”"


def test_percentiles_of_records_are_judged_on_what_is_stored():
    trial = tried(changed("time_to_decision", percentile=85))

    assert trial.changes == ("Percentile: “50” becomes “85”",)
    assert [new.reading.value for _, _, new in trial.months] == [None] * 3


def test_targets_that_no_longer_fit_are_counted():
    Target.objects.create(kpi=KEY, low=90, set_at=clock.now())

    assert tried(changed(KEY, low=None, high=5, direction="down")).targets == 1
    assert tried(changed(KEY, low=20)).targets == 0
    assert tried(changed(KEY, uom="points", low=20)).targets == 1


def test_what_ships_is_tried_alone():
    trial = try_kpi(shipped(KEY), None)

    assert [old for _, old, _ in trial.months] == [None] * 3
    assert trial.months[0][2].reading.value == 50
