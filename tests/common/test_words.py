from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from caio_portal.common import words

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("title", "expected"),
    [("A person decides, the AI advises", "a person decides, the AI advises"), ("AI literacy", "AI literacy")],
)
def test_a_title_inside_a_sentence(title, expected):
    assert words.inner(title) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "–"), (0, "0"), (1234567, "1,234,567"), (12.5, "12.5"), (12.0, "12"), (Decimal("1.005"), "1"), (-3, "-3")],
)
def test_number(value, expected):
    assert words.number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "–"),
        (12, "12"),
        (950, "950"),
        (999.6, "1k"),
        (1500, "1.5k"),
        (61_400_000, "61.4M"),
        (2_000_000_000, "2B"),
    ],
)
def test_compact(value, expected):
    assert words.compact(value) == expected


@pytest.mark.parametrize(
    ("value", "currency", "short", "expected"),
    [
        (Decimal("1234.5"), "USD", False, "$1,234"),
        (Decimal("12.5"), "EUR", False, "€12.5"),
        (61_400_000, "USD", True, "$61.4M"),
        (-5_300_000, "USD", True, "−$5.3M"),
        (10, "CHF", False, "10 CHF"),
        (None, "USD", False, "–"),
    ],
)
def test_money(value, currency, short, expected):
    assert words.money(value, currency, short=short) == expected


def test_percent_and_points():
    assert (words.percent(0.784), words.percent(Decimal("0.5"), 1), words.percent(None)) == ("78%", "50.0%", "–")
    assert (words.points(0.06), words.points(-0.015), words.points(0)) == ("+6 points", "−1.5 points", "0 points")


def test_plural():
    assert (words.plural(1, "use case"), words.plural(3611, "use case")) == ("1 use case", "3,611 use cases")
    assert words.plural(2, "policy", "policies") == "2 policies"


def test_day_and_moment():
    assert (words.day(date(2026, 11, 3)), words.day(date(2026, 11, 3), short=False)) == (
        "3 Nov 2026",
        "3 November 2026",
    )
    assert words.moment(datetime(2026, 11, 3, 9, 5, tzinfo=UTC)) == "3 Nov 2026, 09:05"


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (timedelta(seconds=-20), "just now"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(hours=5), "in 5 hours"),
        (timedelta(days=-1), "yesterday"),
        (timedelta(days=9), "in 9 days"),
        (timedelta(days=-90), "3 months ago"),
        (timedelta(days=-800), "2 years ago"),
    ],
)
def test_ago(gap, expected):
    assert words.ago(NOW + gap, NOW) == expected


def test_ago_counts_days_of_the_calendar():
    assert [words.ago(date(2026, 11, day), NOW) for day in (19, 20, 21)] == ["yesterday", "today", "tomorrow"]


def test_size():
    assert [words.size(octets) for octets in (1, 2_400_000, None)] == ["1 byte", "2.4 MB", "–"]


@pytest.mark.parametrize(("amount", "expected"), [(0, "none"), (4, "four"), (10, "ten"), (11, "11"), (1200, "1,200")])
def test_small_numbers_are_words(amount, expected):
    assert words.small(amount) == expected
