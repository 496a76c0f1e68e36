from decimal import Decimal as D

import pytest

from kpis.values import Formula, Histogram, Sums, histogram, percentile, poisson, total, value


def days(*values: int) -> Histogram:
    return histogram(values.count(day) for day in range(max(values) + 1))


def test_ratio_of_sums_is_not_the_mean_of_ratios():
    parts = [Sums(D(9), D(10), 10), Sums(D(10), D(100), 100)]

    result = value(Formula.RATIO, total(parts), scale=100)

    assert round(result, 2) == D("17.27")


def test_relative_difference():
    assert value(Formula.RELATIVE_DIFFERENCE, Sums(D(106), D(100), 1), scale=100) == D(6)


def test_difference_of_ratios_needs_its_control():
    exposed, control = Sums(D(90), D(100), 100), Sums(D(80), D(100), 100)

    assert value(Formula.DIFFERENCE_OF_RATIOS, exposed, scale=100, control=control) == D(10)
    assert value(Formula.DIFFERENCE_OF_RATIOS, exposed, scale=100) is None
    assert value(Formula.DIFFERENCE_OF_RATIOS, exposed, scale=100, control=Sums()) is None


def test_mean_and_sum():
    assert value(Formula.MEAN, Sums(D(30), n=4)) == D("7.5")
    assert value(Formula.SUM, Sums(D(30), n=4)) == D(30)


@pytest.mark.parametrize("formula", list(Formula))
def test_nothing_is_not_zero(formula):
    assert value(formula, Sums()) is None


@pytest.mark.parametrize(
    ("records", "percent", "expected"),
    [
        ((7,), 50, "7"),
        ((3, 9), 50, "6"),
        ((0, 0, 10), 50, "0"),
        ((1, 2, 3, 4), 50, "2.5"),
        ((1, 2, 3, 4), 85, "3.55"),
        ((10, 20, 30, 40, 50), 90, "46"),
    ],
)
def test_percentile_is_that_of_postgresql(records, percent, expected):
    assert percentile(days(*records), percent) == D(expected)


def test_histograms_add_day_by_day():
    added = Sums(hist=histogram([1, 2])) + Sums(hist=histogram([0, 1, 5]))

    assert added.hist == ((0, 1), (1, 3), (2, 5))
    assert percentile((Sums(hist=days(3)) + Sums(hist=days(9))).hist, 50) == D(6)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0, 3.69), (1, 0.0253, 5.57), (5, 1.62, 11.67), (100, 81.36, 121.63)],  # the exact limits by chi-square
)
def test_the_interval_of_a_rate_of_rare_events(count, low, high):
    found = poisson(D(count), D(2))

    assert [float(bound) * 2 for bound in found] == [pytest.approx(low, abs=0.03), pytest.approx(high, abs=0.03)]
    assert poisson(D(1), D(0)) is None
