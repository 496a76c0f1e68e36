from datetime import date

import pytest

from portfolio.inventory.dates import read_date

READ = {
    "2024-10-01 00:00:00": date(2024, 10, 1),
    "2024-10-01T08:30:00.125Z": date(2024, 10, 1),
    "2024-10": date(2024, 10, 1),
    "Jan-03": date(2003, 1, 1),
    "Sept. 2024": date(2024, 9, 1),
    "March '98": date(1998, 3, 1),
    "01/2024": date(2024, 1, 1),
    "01/15/2015 00:00:00": date(2015, 1, 15),
    "1/30/2026": date(2026, 1, 30),
    "09/24/2024 12:00:00 AM": date(2024, 9, 24),
    "9/1/2019 0:00": date(2019, 9, 1),
    "2020": date(2020, 1, 1),
    "July 4, 2025": date(2025, 7, 4),
    "4 July 2025": date(2025, 7, 4),
    "04-Jul-25": date(2025, 7, 4),
    "3.4.25": date(2025, 3, 4),
}
NOT_READ = [
    "",
    "soon",
    "Q3 2025",
    "13/13/2024",
    "31/12/2024",
    "2024-02-30",
    "45566",
    "1812",
    "2025-01-01 or later",
    "FY25",
]


@pytest.mark.parametrize("text", READ)
def test_read_date(text):
    assert read_date(text) == READ[text]


@pytest.mark.parametrize("text", NOT_READ)
def test_read_date_of_what_is_none(text):
    assert read_date(text) is None


def test_read_date_with_the_day_first():
    assert read_date("31/12/2024", "dmy") == date(2024, 12, 31)
