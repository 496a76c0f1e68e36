from decimal import Decimal as D

import pytest

from kpis import catalogue, words
from kpis.values import Sums

KPIS = catalogue.current().by_key


@pytest.mark.parametrize(
    ("key", "amount", "expected"),
    [
        ("high_risk_approved", "92.44", "92.4%"),
        ("high_risk_approved", "99.96", "99.9%"),
        ("high_risk_approved", "100", "100%"),
        ("service_availability", "99.996", "99.99%"),
        ("budget_variance", "4.2", "+4.2%"),
        ("budget_variance", "-12", "−12%"),
        ("time_to_decision", "1", "1 business day"),
        ("time_to_decision", "7.5", "7.5 business days"),
        ("cost_per_key_action", "0.0412", "$0.0412"),
        ("cost_per_key_action", "10.0435", "$10.04"),
        ("incident_rate", "1.25", "1.2 per 100 use-case months"),
        ("developer_enps", "-8", "−8 points"),
        ("risk_posture", "6.04", "6"),
        ("ai_portfolio_roi", None, "–"),
    ],
)
def test_value(key, amount, expected):
    assert words.value(KPIS[key], None if amount is None else D(amount)) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("high_risk_approved", "all"),
        ("training_completion", "at least 95%"),
        ("time_to_decision", "at most 10 business days"),
        ("budget_variance", "−5% to +5%"),
        ("cost_per_key_action", "at most $0.0500"),
        ("safety_violation_rate", "at most 1 per 1,000 outputs"),
    ],
)
def test_target(key, expected):
    assert words.target(KPIS[key], KPIS[key].bands) == expected


@pytest.mark.parametrize(
    ("key", "before", "after", "expected"),
    [
        ("training_completion", "90", "92.1", "+2.1 points"),
        ("training_completion", "90", "89", "−1 point"),
        ("training_completion", "90", "90.04", "No change"),
        ("time_to_decision", "12", "10", "−2 days"),
        ("cost_per_key_action", "0.05", "0.04", "−$0.0100"),
        ("budget_variance", "3", "5", "+2 points"),
        ("training_completion", None, "1", ""),
    ],
)
def test_change(key, before, after, expected):
    assert words.change(KPIS[key], None if before is None else D(before), D(after)) == expected


@pytest.mark.parametrize(
    ("key", "sums", "expected"),
    [
        ("cost_per_key_action", Sums(D("61412.5"), D(1_204_310), 3), "$61,412 / 1,204,310"),
        ("budget_variance", Sums(D("-12.5"), D(100), 3), "−$12.5 / $100"),
        ("time_to_decision", Sums(D(96), D(12), 12), "96 business days / 12"),
        ("drift_response", Sums(D(1), D(0), 2), "1 hour / 2"),
        ("training_completion", Sums(D(90), D(100), 100), "90 / 100"),
        ("risk_posture", Sums(D(9), D(0), 1), "9"),
    ],
)
def test_what_a_value_is_made_of_reads_with_its_unit(key, sums, expected):
    assert words.made_of(KPIS[key], sums) == expected


@pytest.mark.parametrize(
    ("key", "sums", "expected"),
    [
        ("service_availability", Sums(D(997_600), D(1_000_000), 1_000_000), "±<0.1 of 1,000,000"),
        ("hallucination_rate", Sums(D(6), D(120), 120), "±4.1 of 120"),
        ("time_to_decision", Sums(D(109), D(13), 13), "of 13"),
        ("training_completion", Sums(D(90), D(100), 100), "of 100"),  # all people, no sample
        ("time_to_decision", Sums(), ""),
    ],
)
def test_how_far_a_value_can_be_trusted(key, sums, expected):
    assert words.confidence(KPIS[key], sums) == expected


def test_the_interval_is_told_in_the_unit_of_the_kpi():
    assert words.interval(KPIS["incident_rate"], Sums(D(5), D(250), 250)) == (
        "0.6 to 4.7 per 100 use-case months with 95% confidence"
    )
    assert words.interval(KPIS["safety_violation_rate"], Sums(D(7), D(10_000), 10_000)).startswith(
        "0.34 to 1.44 per 1,000"
    )
    assert words.interval(KPIS["adoption_rate"], Sums(D(7), D(10), 10)) == ""


def test_the_answers_behind_a_net_promoter_score():
    # 37 promoters, 38 passive, 9 detractors of 84: a score of 33.3, from 46 who are not passive.
    score, opinions = D(28) / 84 * 100, D(46) / 84 * 100

    assert words.answers(score, opinions) == "44% promoters, 45% passive, 11% detractors"
    assert words.answers(None, opinions) == "–"


def test_the_margin_of_a_net_promoter_score():
    # 95 promoters and 64 detractors of 242: 12.8 points, give or take 1.96 times the root of (0.657 - 0.0164) / 242.
    score, opinions = D(100 * (95 - 64)) / 242, D(100 * (95 + 64)) / 242

    assert words.margin(score, opinions, 242) == "±10.1 points with 95% confidence"
    assert words.margin(score, None, 242) == words.margin(None, opinions, 0) == ""
