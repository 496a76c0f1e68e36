from datetime import UTC, date, datetime

import pytest

from kpis import months
from kpis.months import Window

SEPTEMBER = date(2026, 9, 1)


@pytest.mark.parametrize(
    ("window", "month", "first", "count"),
    [
        (Window.SNAPSHOT, SEPTEMBER, SEPTEMBER, 1),
        (Window.MONTH, SEPTEMBER, SEPTEMBER, 1),
        (Window.QUARTER, SEPTEMBER, date(2026, 7, 1), 3),
        (Window.QUARTER, date(2026, 7, 1), date(2026, 7, 1), 1),
        (Window.TRAILING_3, date(2026, 1, 1), date(2025, 11, 1), 3),
        (Window.TRAILING_12, SEPTEMBER, date(2025, 10, 1), 12),
        (Window.YEAR_TO_DATE, SEPTEMBER, date(2026, 1, 1), 9),
    ],
)
def test_window_months(window, month, first, count):
    result = window.months(month)

    assert (result[0], result[-1], len(result)) == (first, month, count)


def test_a_month_begins_and_ends_in_utc():
    assert months.start(SEPTEMBER) == datetime(2026, 9, 1, tzinfo=UTC)
    assert months.end(date(2026, 12, 1)) == datetime(2027, 1, 1, tzinfo=UTC)
    assert months.last(date(2024, 2, 3)) == date(2024, 2, 29)


def test_quarters():
    assert months.quarter(SEPTEMBER) == "2026Q3"
    assert months.of_quarter("2026Q3") == (date(2026, 7, 1), date(2026, 8, 1), SEPTEMBER)


def test_between_counts_both_ends():
    assert months.between(date(2025, 11, 30), date(2026, 1, 1)) == [
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
    ]


def test_parse_takes_a_month_or_a_day():
    assert months.parse("2026-09") == months.parse("2026-09-30") == SEPTEMBER
