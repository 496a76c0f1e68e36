from datetime import date
from decimal import Decimal

from caio_portal.briefings import pictures
from caio_portal.briefings.snapshot import schema
from tests.briefings.factories import make_snapshot
from tests.briefings.sample import CASES, make_sample


def _with_history(*totals):
    history = tuple(
        schema.TiersAt(quarter=f"2026Q{place}", counts={1: low, 3: high}) for place, (low, high) in enumerate(totals, 1)
    )
    return make_snapshot(portfolio=schema.Portfolio(history=history))


def test_value_and_risk_names_what_lies_outside_the_appetite_and_its_value():
    beyond = [
        schema.Breach(
            ref=case.ref, title=case.title, tier=case.tier, owner="", residual=16, appetite=9, risk="", accepted=""
        )
        for case in (CASES[3], CASES[1])
    ]
    sample = make_sample()
    snapshot = sample.model_copy(
        update={
            "portfolio": sample.portfolio.model_copy(update={"points": CASES}),
            "risk": sample.risk.model_copy(update={"breaches": tuple(beyond)}),
        }
    )

    summary = pictures.value_and_risk(snapshot).summary

    assert "Two lie outside the appetite of the tier: Fraud graph and Credit scoring v4." in summary
    assert "Together they bring $16.1M a year." in summary


def test_value_and_risk_says_when_nothing_lies_outside():
    assert "None lies outside" in pictures.value_and_risk(make_snapshot()).summary


def test_tiers_say_how_the_register_and_its_grave_part_went():
    summary = pictures.tiers_over_time(_with_history((10, 2), (20, 5))).summary

    assert summary.startswith("The register grew from 12 to 25 use cases in two quarters.")
    assert summary.endswith("Those of tier 3 and above grew from 2 to 5.")


def test_spend_without_a_plan_is_not_set_against_nothing():
    month = schema.BudgetMonth(month=date(2026, 9, 1), planned=Decimal(0), actual=Decimal(6_600_000))
    snapshot = make_snapshot(budget=schema.Budget(months=(month,)))

    assert pictures.budget_over_time(snapshot).summary == "$6.6M spent to date; no budget has been planned."


def test_incidents_are_counted_in_whole_steps():
    assert pictures.incidents_over_time(make_snapshot()).y.high == 4
