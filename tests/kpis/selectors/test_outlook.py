from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest

from caio_portal.common import clock
from kpis import months
from kpis.selectors.budget import Budget, BudgetMonth
from kpis.selectors.outlook import is_spike, outlook
from kpis.status import Bands, Status


@pytest.fixture(autouse=True)
def _mid_november():
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        yield


def budget(planned, *actual):
    """A year to December 2026 with the actual cost of the months from January on; None: no file has come."""
    year = months.back(date(2026, 12, 1), 12)
    known = [*actual, *[None] * (12 - len(actual))]
    rows = tuple(
        BudgetMonth(month, D(planned), D(0), None if cost is None else D(cost), False)
        for month, cost in zip(year, known, strict=True)
    )
    return Budget("2026Q4", rows[-3:], rows, (), (), D(0), Bands(D(-5), D(5), D(5)))


def test_the_run_rate_is_that_of_the_last_three_months():
    found = outlook(budget(100, 0, 0, 0, 0, 0, 0, 70, 80, 90, 100))

    assert found.run_rate == 100 + 90 + 90
    assert found.variance == D(-20) / 3
    assert found.status == Status.WATCH


def test_the_trend_goes_on_as_it_went():
    found = outlook(budget(100, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100))

    assert found.trend == 100 + 110 + 120
    assert (found.low, found.high) == (280, 330)


def test_a_month_that_is_not_over_counts_as_what_it_will_be():
    low = outlook(budget(100, *[100] * 10, 20))  # November so far
    high = outlook(budget(100, *[100] * 10, 180))

    assert low.run_rate == 300
    assert high.run_rate == 100 + 180 + 100


def test_a_falling_trend_stops_at_nothing():
    assert outlook(budget(100, *[0] * 4, 500, 400, 300, 200, 100, 0)).trend == 0


@pytest.mark.parametrize(
    ("planned", "actual", "gone_on"),
    [
        (100, [100] * 10, None),
        (100, [120] * 10, date(2026, 12, 16)),  # 60 are left for a December of 120
        (100, [350] * 10, date(2026, 10, 27)),
        (0, [10] * 10, None),
    ],
)
def test_the_day_on_which_the_money_is_gone(planned, actual, gone_on):
    assert outlook(budget(planned, *actual)).gone_on == gone_on


def test_without_cost_there_is_no_outlook():
    found = outlook(budget(100))

    assert (found.run_rate, found.trend, found.variance, found.status) == (None, None, None, Status.NO_DATA)


@pytest.mark.parametrize(
    ("history", "newest", "expected"),
    [
        ([100] * 20, 160, True),
        ([100] * 20, 149, False),
        ([80, 120] * 10, 200, False),  # it scatters: 4 times 29.7 beyond 100
        ([80, 120] * 10, 220, True),
        ([0] * 20, 50, False),
        ([100] * 19 + [900], 120, False),  # one wild day does not move what is usual
    ],
)
def test_a_spike_stands_out_from_what_is_usual(history, newest, expected):
    assert is_spike([D(each) for each in history], D(newest)) is expected
