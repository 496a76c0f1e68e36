from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from caio_portal.common import clock
from kpis import selectors
from kpis.models import BudgetLine, FeedKind
from kpis.selectors.costs import costs
from kpis.services import feeds, rollups
from kpis.status import Status
from tests.factories import make_person, make_unit
from tests.kpis.factories import make_feed, make_file, make_use_case
from tests.vendors.factories import VendorFactory

pytestmark = pytest.mark.django_db
HEADER = (
    "BillingAccountId,BillingCurrency,BillingPeriodStart,ChargePeriodStart,EffectiveCost,BilledCost,ProviderName,Tags"
)


@pytest.fixture(autouse=True)
def _mid_november():
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        yield


def test_the_budget_of_a_quarter():
    unit = make_unit("Claims")
    use_case = make_use_case(unit)
    VendorFactory(name="Solora")
    for month, planned in ((7, 100), (8, 100), (9, 200)):
        BudgetLine.objects.create(unit=unit, month=date(2026, month, 1), planned=planned, committed=planned / 2)
    feed = make_feed(unit, kind=FeedKind.FOCUS)
    rows = [
        f'a,USD,2026-07-01,2026-07-03,90,0,Solora,"{{""use_case"": ""{use_case.ref}""}}"',
        "a,USD,2026-08-01,2026-08-03,114.5,0,,",
    ]
    feeds.load_file(feed.pk, make_file("\n".join([HEADER, *rows])), by=None)
    rollups.roll_up_due()

    budget = selectors.budget({unit.pk}, "2026q3")

    assert (budget.planned, budget.committed, budget.actual) == (400, 200, D("204.5"))
    assert [month.actual for month in budget.months] == [D(90), D("114.5"), None]
    assert (len(budget.year), budget.year[0].month) == (12, date(2025, 10, 1))
    assert budget.variance == D("2.25")  # against July and August only
    assert (budget.status, budget.forecast) == (Status.ON_TRACK, D("306.75"))
    assert budget.unallocated == D("114.5")
    assert [(share.name, share.actual) for share in budget.by_vendor] == [("Solora", D(90))]
    assert [(share.name, share.planned) for share in budget.by_unit] == [("Claims", D(200))]
    reading = selectors.headline({unit.pk}, date(2026, 8, 1), ["budget_variance"])[0]
    assert (reading.value, reading.value_words) == (D("2.25"), "+2.2%")


def test_some_days_are_no_measure_against_the_plan_of_a_month():
    unit = make_unit("Claims")
    for month in (10, 11):
        BudgetLine.objects.create(unit=unit, month=date(2026, month, 1), planned=100)
    feed = make_feed(unit, kind=FeedKind.FOCUS)
    rows = [f"a,USD,2026-{month}-01,2026-{month}-01,{cost},0,," for month, cost in ((10, 104), (11, 3))]
    feeds.load_file(feed.pk, make_file("\n".join([HEADER, *rows])), by=None)
    rollups.roll_up_due()

    budget = selectors.budget({unit.pk}, "2026Q4")
    (share,) = costs(budget, {unit.pk}, make_person()).units

    assert (budget.actual, budget.unallocated, budget.variance, budget.forecast) == (107, 107, 4, 312)
    assert (budget.status, budget.absolute_variance) == (Status.ON_TRACK, 4)
    assert (share.actual, share.variance, share.forecast) == (107, 4, 312)


def test_without_cost_there_is_no_variance():
    unit = make_unit()
    BudgetLine.objects.create(unit=unit, month=date(2026, 7, 1), planned=100)
    rollups.mark_everything()
    rollups.roll_up_due()

    budget = selectors.budget({unit.pk}, "2026Q3")

    assert (budget.variance, budget.forecast, budget.status) == (None, None, Status.NO_DATA)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_budget_asks_five_queries(rows, django_assert_num_queries):
    units = [make_unit() for _ in range(rows)]
    for unit in units:
        BudgetLine.objects.create(unit=unit, month=date(2026, 7, 1), planned=100)

    with django_assert_num_queries(5):
        selectors.budget({unit.pk for unit in units}, "2026Q3")
