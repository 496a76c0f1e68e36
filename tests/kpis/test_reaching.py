from decimal import Decimal as D

import pytest

from kpis import catalogue
from kpis.reaching import to_reach
from kpis.status import Bands
from kpis.values import Sums

KPIS = catalogue.current().by_key


@pytest.mark.parametrize(
    ("key", "sums", "expected"),
    [
        ("training_completion", Sums(D(90), D(100), 100), "5 more of 100 would reach the target."),
        ("training_completion", Sums(D(95), D(100), 100), ""),
        ("training_completion", Sums(D(0), D(0), 0), ""),
        ("high_risk_approved", Sums(D(7), D(8), 8), "1 more of 8 would reach the target."),
        ("safety_violation_rate", Sums(D(5), D(2_000), 2_000), "3 fewer of 5 would reach the target."),
        ("incident_rate", Sums(D(4), D(120), 120), "2 fewer of 4 would reach the target."),
        ("time_to_mitigate", Sums(D(100), D(3), 3), "28 fewer hours over 3 cases would reach the target."),
        ("cost_per_key_action", Sums(D(800), D(10_000), 1),
         "$300 less, or 6,000 more for the same cost, would reach the target."),
        ("developer_enps", Sums(D(10), D(84), 84),
         "7 more promoters, or as many fewer detractors, among 84 would reach the target."),
        ("ai_portfolio_roi", Sums(D(110_000), D(100_000), 4), "$10k more would reach the target."),
        ("budget_variance", Sums(D(120), D(100), 1), "$15 less would reach the target."),
        ("budget_variance", Sums(D(80), D(100), 1), "$15 more would reach the target."),
        ("time_to_decision", Sums(n=5, hist=((4, 2), (12, 1), (20, 2))),
         "1 more of 5 within 10 days would reach the target."),
        ("time_to_decision", Sums(n=4, hist=((4, 1), (12, 3))), "2 more of 4 within 10 days would reach the target."),
        ("retention_uplift", Sums(D(1), D(2), 2), ""),
        ("risk_posture", Sums(D(90), D(9), 9), ""),
    ],
)  # fmt: skip
def test_what_it_would_take(key, sums, expected):
    kpi = KPIS[key]

    assert to_reach(kpi, sums, kpi.value(sums, Sums(D(1), D(1), 1)), kpi.bands) == expected


def test_one_that_is_reached_by_what_was_told():
    kpi, bands = KPIS["time_to_decision"], Bands(high=D(10))
    before = Sums(n=5, hist=((4, 2), (12, 1), (20, 2)))

    after = Sums(n=5, hist=((4, 2), (10, 1), (20, 2)))

    assert to_reach(kpi, before, kpi.value(before), bands).startswith("1 more")
    assert kpi.value(after) == 10
