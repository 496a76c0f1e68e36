from datetime import date
from decimal import Decimal

import pytest

from portfolio import value
from portfolio.value import Cost, Gain, Month

JAN, FEB, MAR, APR = (date(2026, month, 1) for month in range(1, 5))


def cost(month: date, amount: int, kind: str = "actual", category: str = "people") -> Cost:
    return Cost(month, category, kind, Decimal(amount))


def months(*nets: int) -> list[Month]:
    return [
        Month(value.add_months(JAN, step), Decimal(max(-net, 0)), Decimal(max(net, 0))) for step, net in enumerate(nets)
    ]


@pytest.mark.parametrize(
    ("start", "step", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 1)),
        (date(2026, 12, 5), 1, date(2027, 1, 1)),
        (date(2026, 3, 1), -3, date(2025, 12, 1)),
        (date(2026, 3, 1), 24, date(2028, 3, 1)),
    ],
)
def test_add_months(start, step, expected):
    assert value.add_months(start, step) == expected


@pytest.mark.parametrize(
    ("baseline", "reached", "lower_is_better", "expected"),
    [
        (None, None, False, None),
        (10, None, False, None),
        (None, 30, False, 30),
        (10, 16, False, 6),
        (30, 20, True, 10),
        (20, 30, True, -10),
    ],
)
def test_improvement(baseline, reached, lower_is_better, expected):
    assert value.improvement(baseline, reached, lower_is_better=lower_is_better) == expected


def test_best_known_prefers_what_was_paid_within_a_category():
    costs = [
        cost(JAN, 100, "planned"),
        cost(JAN, 80, "committed"),
        cost(JAN, 30, "actual"),
        cost(JAN, 40, "actual"),
        cost(JAN, 10, "planned", "models"),
        cost(FEB, 90, "committed"),
        cost(FEB, 100, "planned"),
    ]

    assert value.best_known(costs) == {JAN: 80, FEB: 90}  # 30 + 40 + 10; 90


@pytest.mark.parametrize(
    ("period", "expected"),
    [("once", [0, 1200, 0]), ("month", [0, 1200, 1200]), ("quarter", [0, 400, 400]), ("year", [0, 100, 100])],
)
def test_gain_in_spreads_evenly_from_its_start(period, expected):
    gain = Gain(date(2026, 2, 14), period, Decimal(1200))

    assert [value.gain_in(gain, month) for month in (JAN, FEB, MAR)] == expected


@pytest.mark.parametrize(
    ("nets", "expected"),
    [
        ((-100, 40, 60, 10), MAR),  # -100, -60, 0, 10
        ((-100, 150, -80, 40), APR),  # -100, 50, -30, 10: February did not last
        ((-100, 40), None),
        ((50, 50), None),  # nothing was paid
        ((50, -20), JAN),  # never below zero
        ((), None),
    ],
)
def test_payback(nets, expected):
    assert value.payback(months(*nets)) == expected


def test_npv_discounts_by_the_year():
    flows = months(-1000, *[0] * 11, 1080)  # after exactly one year at 8 %: worth what it cost

    assert round(value.npv(flows, rate=Decimal("0.08")), 9) == 0


def test_npv_of_the_first_month_is_not_discounted():
    assert value.npv(months(-500)) == -500


def test_worth_by_hand():
    costs = [cost(JAN, 6000, "actual"), cost(FEB, 1000, "planned", "models")]
    gains = [Gain(MAR, "month", Decimal(500)), Gain(APR, "once", Decimal(9000))]

    found = value.worth(costs, gains, horizon=4)

    # January -6000, February -1000, March +500, April +9500
    assert [month.net for month in found.months] == [-6000, -1000, 500, 9500]
    assert (found.cost, found.gain, found.payback) == (7000, 10000, APR)
    assert found.roi == Decimal(3000) / Decimal(7000)
    assert round(found.npv, 2) == Decimal("2818.99")


def test_worth_of_nothing():
    found = value.worth([], [])

    assert (found.months, found.cost, found.roi, found.payback, found.npv) == ((), 0, None, None, 0)
