from datetime import UTC, datetime
from decimal import Decimal

import pytest

from kpis.feeds import cells


@pytest.mark.parametrize(("cell", "expected"), [(" a ", "a"), ("NULL", ""), ("(null)", ""), ("", ""), (" n/a", "")])
def test_text_knows_what_means_nothing(cell, expected):
    assert cells.text(cell) == expected


@pytest.mark.parametrize(
    ("cell", "zone", "order", "expected"),
    [
        ("2025-06-01T00:00:00Z", "UTC", "mdy", datetime(2025, 6, 1, tzinfo=UTC)),
        ("2025-06-01T00:00:00.0000000Z", "UTC", "mdy", datetime(2025, 6, 1, tzinfo=UTC)),
        ("2025-06-01T02:00:00+02:00", "UTC", "mdy", datetime(2025, 6, 1, tzinfo=UTC)),
        ("2024-10-01 00:00:00", "UTC", "mdy", datetime(2024, 10, 1, tzinfo=UTC)),
        ("2024-10-01 00:00:00", "Europe/Paris", "mdy", datetime(2024, 9, 30, 22, tzinfo=UTC)),
        ("2024-10-01 00:00:00 UTC", "Europe/Paris", "mdy", datetime(2024, 10, 1, tzinfo=UTC)),
        ("2025-06-01", "UTC", "mdy", datetime(2025, 6, 1, tzinfo=UTC)),
        ("5/1/25", "UTC", "mdy", datetime(2025, 5, 1, tzinfo=UTC)),
        ("5/1/25", "UTC", "dmy", datetime(2025, 1, 5, tzinfo=UTC)),
        ("6/21/2025 16:14", "UTC", "mdy", datetime(2025, 6, 21, 16, 14, tzinfo=UTC)),
        ("6/21/2025 9:41 AM", "UTC", "mdy", datetime(2025, 6, 21, 9, 41, tzinfo=UTC)),
    ],
)
def test_moments(cell, zone, order, expected):
    assert cells.moments(zone, order)(cell) == expected


@pytest.mark.parametrize("cell", ["yesterday", "13/13/25", "2025-13-01", "5/1"])
def test_moments_refuse_what_is_no_date(cell):
    with pytest.raises(ValueError, match="is not a date"):
        cells.moments("UTC", "mdy")(cell)


@pytest.mark.parametrize(("cell", "expected"), [("1.50", "1.50"), (" -3 ", "-3"), ("8E-7", "8E-7")])
def test_number(cell, expected):
    assert cells.number(cell) == Decimal(expected)


@pytest.mark.parametrize("cell", ["1,5", "NaN", "Infinity", "$4"])
def test_number_refuses(cell):
    with pytest.raises(ValueError, match="number"):
        cells.number(cell)


def test_pairs_reads_json_objects_and_nothing_else():
    assert cells.pairs('{"a": 1}') == {"a": 1}
    assert cells.pairs("[1]") == cells.pairs("{broken") == cells.pairs("NULL") == {}
