from decimal import Decimal as D

import pytest

from kpis.status import Bands, Direction, Status, improved, status

UP = Bands(low=D(95), tolerance=D(10))
DOWN = Bands(high=D(10), tolerance=D(5))
BAND = Bands(low=D(-5), high=D(5), tolerance=D(5))


@pytest.mark.parametrize(
    ("value", "bands", "expected"),
    [
        ("95", UP, Status.ON_TRACK),
        ("94.999999", UP, Status.WATCH),
        ("85", UP, Status.WATCH),
        ("84.99", UP, Status.OFF_TRACK),
        ("10", DOWN, Status.ON_TRACK),
        ("15", DOWN, Status.WATCH),
        ("15.01", DOWN, Status.OFF_TRACK),
        ("-5", BAND, Status.ON_TRACK),
        ("5.1", BAND, Status.WATCH),
        ("-10", BAND, Status.WATCH),
        ("10.01", BAND, Status.OFF_TRACK),
        ("-10.01", BAND, Status.OFF_TRACK),
    ],
)
def test_status_compares_with_the_bands(value, bands, expected):
    assert status(D(value), bands, 1) == expected


def test_status_does_not_round():
    assert status(D("99.96"), Bands(low=D(100), tolerance=D(1)), 2500) == Status.WATCH


@pytest.mark.parametrize(
    ("value", "n", "minimum", "applicable", "expected"),
    [
        (None, 0, 1, True, Status.NO_DATA),
        (D(99), 4, 5, True, Status.NO_DATA),
        (D(99), 5, 5, True, Status.ON_TRACK),
        (None, 0, 1, False, Status.NOT_APPLICABLE),
        (D(99), 9, 1, False, Status.NOT_APPLICABLE),
    ],
)
def test_status_without_enough_data(value, n, minimum, applicable, expected):
    assert status(value, UP, n, minimum=minimum, applicable=applicable) == expected


@pytest.mark.parametrize(
    ("before", "after", "bands", "direction", "expected"),
    [
        (D(80), D(90), UP, Direction.UP, True),
        (D(90), D(80), UP, Direction.UP, False),
        (D(9), D(12), DOWN, Direction.DOWN, False),
        (D(12), D(9), DOWN, Direction.DOWN, True),
        (D(-12), D(7), BAND, Direction.BAND, True),
        (D(1), D(2), BAND, Direction.BAND, None),
        (D(1), D(1), UP, Direction.UP, None),
        (None, D(1), UP, Direction.UP, None),
    ],
)
def test_improved_knows_the_direction(before, after, bands, direction, expected):
    assert improved(before, after, bands, direction) is expected


def test_labels_are_words():
    assert [entry.label for entry in Status] == ["On track", "Watch", "Off track", "No data", "Not applicable"]
