from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.business_days import WorkingDays, fixed

MONDAY = date(2026, 11, 16)
FRIDAY = date(2026, 11, 20)
DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
CALENDARS = st.builds(
    lambda weekend, days: WorkingDays("Any", weekend, fixed(days)),
    st.frozensets(st.integers(0, 6), max_size=6),
    st.frozensets(st.dates(date(2020, 1, 1), date(2031, 1, 1)), max_size=5),
)


def usual(*holidays: date) -> WorkingDays:
    return WorkingDays("Usual", (5, 6), fixed(holidays))


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
    assert usual().add(start, days) == due


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (date(2026, 11, 19), 1, date(2026, 11, 22)),  # Thursday to Sunday
        (date(2026, 11, 20), 1, date(2026, 11, 22)),  # Friday is off
        (date(2026, 11, 22), 5, date(2026, 11, 29)),  # Sunday to Sunday
    ],
)
def test_a_weekend_may_be_friday_and_saturday(start, days, due):
    calendar = WorkingDays("Gulf", (4, 5), fixed(()))

    assert calendar.add(start, days) == due
    assert calendar.between(start, due) == days


def test_add_skips_holidays():
    assert usual(date(2026, 11, 23)).add(FRIDAY, 1) == date(2026, 11, 24)


def test_what_falls_due_on_a_holiday_is_due_after_it():
    calendar = usual(date(2026, 11, 23))

    assert [calendar.at_or_after(date(2026, 11, day)) for day in (20, 21, 23)] == [FRIDAY] + [date(2026, 11, 24)] * 2


def test_add_does_not_count_backwards():
    with pytest.raises(ValueError, match="forwards"):
        usual().add(MONDAY, -1)


def test_a_week_without_business_days_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        WorkingDays("Never", range(7), fixed(()))


@given(start=DAYS, days=st.integers(0, 60), calendar=CALENDARS)
def test_between_undoes_add(start, days, calendar):
    assert calendar.between(start, calendar.add(start, days)) == days


@given(start=DAYS, length=st.integers(-5, 60), calendar=CALENDARS)
def test_between_counts_each_business_day(start, length, calendar):
    days = [start + timedelta(days=n) for n in range(1, length + 1)]

    assert calendar.between(start, start + timedelta(days=length)) == sum(map(calendar.is_business_day, days))
