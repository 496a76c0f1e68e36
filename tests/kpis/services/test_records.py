"""KPIs made of the portal's own records, as of the ends of months."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.audit.events import record
from caio_portal.common import clock
from governance.models import (
    Incident,
    IncidentUseCase,
    PolicyVersion,
    Risk,
    State,
    Suspension,
    Tiering,
)
from governance.selectors.controls import ControlSheet
from governance.selectors.policies import policy_in_force
from governance.services import controls
from governance.services.tiering import tier_use_cases
from kpis import catalogue, selectors
from kpis.models import KpiValue
from kpis.selectors import sums
from kpis.services import feeds, rollups
from kpis.services.answers import answer
from portfolio.models import Benefit, CostLine, MoveKind, Source, StageMove
from portfolio.stages import Stage
from tests.factories import make_person, make_unit
from tests.factories import make_use_case as make_registered
from tests.kpis import recompute
from tests.kpis.factories import decide, make_feed, make_file, make_use_case
from tests.kpis.recompute_records import FORMULAS, from_records
from tests.vendors.factories import VendorFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)
_number = count(1)


@pytest.fixture(autouse=True)
def _mid_november():
    with clock.at(NOW):
        yield


def day(month: int, number: int, hour: int = 10) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=UTC)


def tier(use_case, tier, ceiling, at, facts_hash="h1"):
    policy = PolicyVersion.objects.order_by("pk").first()
    Tiering.objects.create(
        use_case=use_case, policy=policy, facts_hash=facts_hash, tier=tier, ceiling=ceiling, trace={}, at=at
    )


def incident(unit, severity, occurred_at, mitigated_at=None, near_miss=False, use_case=None):
    found = Incident.objects.create(
        ref=f"I-{next(_number)}", title="x", description="x", unit=unit, severity=severity, category="quality",
        near_miss=near_miss, occurred_at=occurred_at, detected_at=occurred_at, mitigated_at=mitigated_at,
    )  # fmt: skip
    if use_case:
        IncidentUseCase.objects.create(incident=found, use_case=use_case)
    return found


def benefit(use_case, at, state, **figures):
    after = {
        "state": state,
        "baseline": None,
        "target": None,
        "value": None,
        "worth": None,
        "period": "month",
    } | figures
    record(
        "use_case.benefit_stated",
        use_case,
        by=None,
        occurred_at=at,
        benefit="Hours",
        state=state,
        before=None,
        after=after,
    )


def make_benefit(use_case, metric, **fields):
    return Benefit.objects.create(use_case=use_case, metric=metric, uom="hours", state="measured", **fields)


def roll():
    rollups.mark_records(cause="Test")
    rollups.roll_up_due()


def value(key, month, units=None):
    return selectors.headline(units, date(2026, month, 1), [key])[0]


def test_high_risk_approved_follows_the_approval_from_month_to_month():
    unit = make_unit()
    production = (Stage.PRODUCTION, day(5, 4))
    use_case = make_use_case(unit, (Stage.IDEA, day(5, 1)), production)
    tier(use_case, 3, 3, day(5, 1))
    approval = decide(use_case, day(5, 1), day(6, 10), valid_until=date(2026, 10, 15))
    Suspension.objects.create(approval=approval, reason="Overdue", suspended_at=day(8, 20), restored_at=day(9, 5))
    make_use_case(unit, (Stage.PRODUCTION, day(9, 1)))  # no tier: counts as high
    roll()

    found = {month: value("high_risk_approved", month).value for month in (4, 5, 6, 7, 8, 9, 10)}

    assert found == {4: None, 5: 0, 6: 100, 7: 100, 8: 0, 9: 50, 10: 0}
    assert value("high_risk_approved", 4).status == "not_applicable"
    assert value("high_risk_approved", 9).coverage == 0.5  # the tier of one of two is known


def test_an_approval_of_other_facts_does_not_count():
    use_case = make_use_case(None, (Stage.PRODUCTION, day(5, 4)))
    tier(use_case, 3, 3, day(5, 1))
    decide(use_case, day(5, 1), day(5, 10))
    tier(use_case, 3, 3, day(7, 3), facts_hash="h2")
    roll()

    assert [value("high_risk_approved", month).value for month in (6, 7)] == [100, 0]


def test_readiness_counts_the_controls_that_services_recorded_as_met():
    unit = make_unit()
    owner = make_person(Role.OWNER, unit=unit)
    with clock.at(day(5, 4)):
        use_case = make_registered(unit=unit, owner=owner, facts={"high_impact": "yes"})
        tier_use_cases([use_case])
        StageMove.objects.create(use_case=use_case, after=Stage.PILOT, kind=MoveKind.RECORDED, moved_at=clock.now())
    with clock.at(day(7, 4)):
        controls.record_evidence(use_case.pk, ["C01", "C02"], "Report", by=owner, attestation="Done.", met=True)
        controls.record_evidence(use_case.pk, ["C03"], "Plan", by=owner, attestation="Begun.")
    with clock.at(day(9, 4)):
        controls.set_control_state(use_case.pk, "C02", State.IN_PROGRESS, by=owner, reason="The screen is redone.")

    roll()

    found = {month: value("regulatory_readiness", month).sums for month in (6, 7, 9)}
    due = [line.control.id for line in ControlSheet.of(use_case, policy_in_force()).due_by(Stage.PILOT)]
    assert {month: sums.num for month, sums in found.items()} == {6: 0, 7: 2, 9: 1}
    assert found[9].den == len(due) > 3


def test_a_tier_that_could_be_high_counts_as_high():
    use_case = make_use_case(None, (Stage.PRODUCTION, day(5, 4)), source=Source.IMPORT)
    tier(use_case, 1, 3, day(5, 1))
    other = make_use_case(None, (Stage.PRODUCTION, day(5, 4)))
    tier(other, 2, 2, day(5, 1))
    roll()

    assert (value("high_risk_approved", 6).value, value("high_risk_approved", 6).sums.n) == (0, 1)


def test_measured_outcomes_counts_after_ninety_days():
    use_case = make_use_case(None, (Stage.PILOT, day(3, 1)), (Stage.PRODUCTION, day(5, 1)))
    make_use_case(None, (Stage.PILOT, day(8, 1)))
    benefit(use_case, day(6, 1), "claimed", target=5)
    benefit(use_case, day(9, 20), "measured", baseline=10, target=5, value=6)
    roll()

    found = {month: value("measured_outcomes", month).value for month in (4, 5, 8, 9, 10)}

    assert found == {4: None, 5: 0, 8: 0, 9: 100, 10: 50}


def test_time_to_production_is_the_median_of_six_months():
    for days in (10, 20, 90):
        registered = day(5, 1)
        make_use_case(
            None, (Stage.IDEA, registered), (Stage.PRODUCTION, registered.replace(day=1, month=6 if days < 30 else 8))
        )
    roll()

    assert value("time_to_production", 6).status == "no_data"  # two are too few
    assert value("time_to_production", 8).value == 31  # 31, 31 and 92 days
    assert value("time_to_production", 8).value_words == "31 days"


def test_a_window_ends_with_a_month_without_records():
    for number in (1, 2, 3):
        make_use_case(None, (Stage.IDEA, day(5, number)), (Stage.PRODUCTION, day(6, number)))
    roll()

    assert [value("time_to_production", month).value for month in (6, 8, 11)] == [31, 31, 31]


def test_the_portfolio_earns_what_finance_verified_less_all_its_cost():
    unit = make_unit()
    use_case = make_use_case(unit, (Stage.PRODUCTION, day(1, 1)))
    worth = {"baseline": 100, "value": 80, "target": 70, "worth": 10, "currency": "USD"}
    make_benefit(use_case, "Hours", lower_is_better=True, starts_on=date(2026, 9, 1), period="month", **worth)
    benefit(use_case, day(9, 1), "measured", period="month", **worth)
    benefit(use_case, day(10, 1), "verified", period="month", **worth)
    for category, amount in (("people", 60), ("models", 1000)):
        CostLine.objects.create(
            use_case=use_case, month=date(2026, 10, 1), category=category, kind="actual", amount=amount, currency="USD"
        )
    header = "date,measure,amount,use_case,key"
    rows = [f"2026-10-03,effective_cost,30,{use_case.ref},a", "2026-10-03,effective_cost,10,,b"]
    feeds.load_file(make_feed(unit).pk, make_file("\n".join([header, *rows])), by=None)
    roll()

    reading = value("ai_portfolio_roi", 10)

    assert (reading.sums.num, reading.sums.den) == (200, 60 + 30 + 10)
    assert (reading.value, reading.value_words) == (100, "100%")


def test_a_claim_without_a_baseline_is_the_improvement_itself():
    use_case = make_use_case(make_unit(), (Stage.PRODUCTION, day(1, 1)))
    saved = {"baseline": None, "value": None, "target": 30, "worth": 10, "currency": "USD"}
    Benefit.objects.create(
        use_case=use_case, metric="Hours", uom="hours", lower_is_better=True, period="month",
        starts_on=date(2026, 9, 1), **saved,
    )  # fmt: skip
    benefit(use_case, day(9, 1), "claimed", **saved)
    CostLine.objects.create(
        use_case=use_case, month=date(2026, 10, 1), category="people", kind="actual", amount=400, currency="USD"
    )
    roll()

    october = KpiValue.objects.get(
        kpi="ai_portfolio_roi", series="claimed", month=date(2026, 10, 1), use_case_id=use_case.pk, vendor_id=None
    )
    assert (october.num, october.den) == (300, 400)  # thirty hours saved at 10 USD, though fewer hours are better


def test_time_to_decision_counts_business_days_less_those_of_the_team():
    for opened, decided, waited in ((day(9, 1), day(9, 8), 0), (day(9, 4), day(9, 7), 0), (day(9, 1), day(9, 30), 15)):
        decide(make_use_case(None, (Stage.IDEA, opened)), opened, decided, waited=waited)
    roll()

    reading = value("time_to_decision", 9)

    assert (reading.sums.n, reading.sums.num, reading.value) == (3, 5 + 1 + 6, 5)


def test_incidents_count_once_and_by_the_month_in_which_they_occurred():
    unit = make_unit()
    running = [make_use_case(unit, (Stage.PILOT, day(3, 1))) for _ in range(4)]
    affected = incident(unit, 2, day(9, 5), day(9, 6, 16), use_case=running[0])
    IncidentUseCase.objects.create(incident=affected, use_case=running[1])
    incident(unit, 1, day(9, 5), near_miss=True)
    incident(unit, 4, day(9, 5))
    roll()

    rate, mitigation = value("incident_rate", 9), value("time_to_mitigate", 9)

    assert (round(rate.value, 3), rate.sums.den) == (Decimal("8.333"), 12)  # one in three months of four use cases
    assert (mitigation.value, mitigation.value_words) == (30, "30 hours")


def test_risk_posture_reads_the_register_as_it_was():
    use_case = make_use_case(None, (Stage.PILOT, day(3, 1)))
    record("risk.recorded", use_case, by=None, occurred_at=day(4, 1), risk="Bias", residual=12)
    record("risk.recorded", use_case, by=None, occurred_at=day(4, 1), risk="Drift", residual=6)
    record("risk.closed", use_case, by=None, occurred_at=day(6, 1), risk="Bias")
    roll()

    assert [value("risk_posture", month).value for month in (3, 4, 6)] == [None, 12, 6]
    assert Risk.objects.count() == 0


def test_vendor_compliance_without_vendors_is_not_applicable():
    VendorFactory()
    make_unit()
    roll()

    assert value("vendor_compliance", 9).status == "not_applicable"


def test_a_voided_use_case_counts_nowhere():
    use_case = make_use_case(None, (Stage.PRODUCTION, day(5, 4)))
    use_case.voided_at = NOW
    use_case.save()
    roll()

    assert value("high_risk_approved", 6).value is None


def test_the_answer_on_a_day_leaves_nothing_behind():
    use_case = make_use_case(None, (Stage.PRODUCTION, day(5, 4)))
    tier(use_case, 4, 4, day(5, 1))
    decide(use_case, day(5, 1), day(5, 20))

    kpi = catalogue.current().by_key["high_risk_approved"]
    found = [answer(kpi, use_case.unit, date(2026, 5, number)).reading.value for number in (3, 19, 20)]

    assert found == [None, 0, 100]
    assert sums.read([kpi], None, date(2026, 1, 1), date(2026, 12, 1)) == {}


def test_every_figure_equals_a_plain_recomputation():
    units = [make_unit(), make_unit()]
    for number in range(12):
        unit = units[number % 2]
        registered = day(1 + number % 4, 3 + number)
        use_case = make_use_case(
            unit,
            (Stage.IDEA, registered), (Stage.PILOT, day(5, 1 + number)), (Stage.PRODUCTION, day(6 + number % 3, 9)),
            *([(Stage.PILOT, day(9, 2)), (Stage.PRODUCTION, day(10, 1 + number))] if number % 3 == 0 else []),
        )  # fmt: skip
        tier(use_case, 1 + number % 4, min(5, 2 + number % 5), registered) if 1 + number % 4 <= 2 + number % 5 else None
        if number % 2:
            decide(use_case, day(6, 1), day(6, 2 + number), waited=number % 3, valid_until=date(2026, 9, 1 + number))
        benefit(
            use_case, day(7, 1 + number), ["claimed", "measured", "verified"][number % 3], baseline=1, target=2, value=3
        )
        incident(unit, 1 + number % 4, day(5 + number % 5, 7), day(10, 20), use_case=use_case)
    roll()

    for month in (date(2026, number, 1) for number in range(1, 12)):
        stored = {
            scope: found for scope, found in recompute.stored().items() if scope[0] in FORMULAS and scope[2] == month
        }
        assert stored == from_records(month, NOW)
