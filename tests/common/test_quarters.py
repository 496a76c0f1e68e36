from datetime import date

import pytest

from caio_portal.common.quarters import Quarter


@pytest.mark.parametrize(
    ("day", "quarter"),
    [
        (date(2026, 1, 1), "2026Q1"),
        (date(2026, 3, 31), "2026Q1"),
        (date(2026, 9, 30), "2026Q3"),
        (date(2026, 12, 31), "2026Q4"),
    ],
)
def test_a_day_is_in_its_quarter(day, quarter):
    assert Quarter.of(day) == quarter


def test_quarter_knows_its_days_and_neighbours():
    quarter = Quarter("2026Q4")

    assert (quarter.first_day, quarter.last_day) == (date(2026, 10, 1), date(2026, 12, 31))
    assert (quarter.previous, quarter.next, quarter.back(5)) == ("2026Q3", "2027Q1", "2025Q3")
    assert quarter.months == (date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1))
    assert quarter.label == "Fourth quarter 2026"


@pytest.mark.parametrize("text", ["2026Q5", "2026q1", "26Q1", "2026Q1\n", ""])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="is not a quarter"):
        Quarter(text)
