from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import business_days

MONDAY = date(2026, 11, 16)
FRIDAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (MONDAY, 0, MONDAY),
        (MONDAY, 1, date(2026, 11, 17)),
        (MONDAY, 5, date(2026, 11, 23)),
        (FRIDAY, 1, date(2026, 11, 23)),
        (date(2026, 11, 21), 1, date(2026, 11, 23)),
        (FRIDAY, 10, date(2026, 12, 4)),
    ],
)
def test_add_skips_the_week_end(start, days, due):
    assert business_days.add(start, days, ()) == due


def test_add_skips_holidays():
    assert business_days.add(FRIDAY, 1, {date(2026, 11, 23)}) == date(2026, 11, 24)


def test_add_does_not_count_backwards():
    with pytest.raises(ValueError, match="forwards"):
        business_days.add(MONDAY, -1)


@given(
    start=st.dates(date(2020, 1, 1), date(2030, 1, 1)),
    days=st.integers(0, 80),
    holidays=st.frozensets(st.dates(date(2020, 1, 1), date(2031, 1, 1)), max_size=5),
)
def test_between_undoes_add(start, days, holidays):
    end = business_days.add(start, days, holidays)

    assert business_days.between(start, end, holidays) == days


@given(start=st.dates(date(2020, 1, 1), date(2030, 1, 1)), length=st.integers(-5, 60))
def test_between_counts_each_business_day(start, length):
    end = start + timedelta(days=length)
    days = [start + timedelta(days=n) for n in range(1, length + 1)]

    assert business_days.between(start, end, ()) == sum(business_days.is_business_day(day, ()) for day in days)
