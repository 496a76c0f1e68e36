"""What the last day of a snapshot does not tell, worked out by hand."""

from datetime import UTC, date, datetime

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from governance.models import PolicyVersion, Tiering
from kpis import catalogue
from kpis.selectors.days import days
from kpis.selectors.detail import detail
from kpis.services import rollups
from portfolio.stages import Stage
from tests.factories import make_person, make_unit
from tests.governance.factories import make_incident
from tests.kpis.factories import decide, make_feed, make_use_case
from tests.kpis.feeds.deliveries import load

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)
KPI = catalogue.current().by_key["high_risk_approved"]


def on(day, hour=12, month=10):
    return datetime(2026, month, day, hour, tzinfo=UTC)


def tier(use_case, at, number, ceiling=None):
    Tiering.objects.create(
        use_case=use_case, policy=PolicyVersion.objects.earliest("pk"), facts_hash="h1", tier=number,
        ceiling=ceiling or number, trace={"held": ["rule"], "undecided": []}, at=at,
    )  # fmt: skip


def test_the_worst_day_and_the_days_off_target_of_a_month():
    unit = make_unit()
    approved, late = (make_use_case(unit, (Stage.PRODUCTION, on(day))) for day in (1, 10))
    for use_case in (approved, late):
        tier(use_case, on(1, month=9), 3)
    decide(approved, on(1, month=8), on(2, month=8))
    decide(late, on(12), on(20))

    with clock.at(on(25, 18)):
        running = days(KPI, {unit.pk}, OCTOBER, KPI.bands)
        then = days(KPI, None, OCTOBER, KPI.bands, known_on=on(15, 0))
    with clock.at(on(15, month=11)):
        over = days(KPI, None, OCTOBER, KPI.bands)
        others = days(KPI, {make_unit().pk}, OCTOBER, KPI.bands)

    # In production from the 10th to the 19th without leave: on ten days only one of two was approved.
    assert (over.worst, over.on, over.missed, over.counted) == (50, date(2026, 10, 10), 10, 31)
    assert (running.missed, running.counted, then.missed, then.counted) == (10, 25, 5, 14)
    assert others is None
    assert days(catalogue.current().by_key["risk_posture"], None, OCTOBER, KPI.bands) is None


def test_incidents_are_told_by_a_million_key_actions_as_well():
    unit = make_unit()
    use_case = make_use_case(unit, (Stage.PRODUCTION, on(1, month=7)))
    rows = [f"2026-{month:02}-28,key_actions,{count},{use_case.ref}" for month, count in ((9, 100_000), (10, 400_000))]
    with clock.at(on(15, month=11)):
        load(make_feed(unit), "\n".join(["date,measure,num,use_case", *rows]))
        for occurred in (on(3), on(4, month=9)):
            make_incident(unit, occurred_at=occurred, detected_at=occurred, severity=2)
        rollups.mark_records()
        rollups.roll_up_due()

        page = detail(
            catalogue.current().by_key["incident_rate"], None, OCTOBER, make_person(Role.CAIO_OFFICE, unit=unit)
        )
        before = detail(
            catalogue.current().by_key["incident_rate"], None, date(2026, 8, 1), make_person(Role.CAIO_OFFICE)
        )

    # 2 incidents in half a million actions of three months; the limits of Poisson for 2 are about 0.23 and 7.22.
    assert page.per_million == ("4.00", "0.45 to 14.44 with 95% confidence")
    assert page.series == ()
    assert before.per_million == ("", "")


def test_parts_are_by_the_tier_and_stage_that_use_cases_had_in_the_month():
    unit = make_unit()
    use_case = make_use_case(
        unit, (Stage.PILOT, on(1, month=8)), (Stage.PRODUCTION, on(20)), (Stage.RETIRED, on(5, month=11)), tier=4
    )
    tier(use_case, on(1, month=8), 2)
    tier(use_case, on(2, month=11), 4)
    rows = [f"2026-{month:02}-28,service_requests,9,10,{use_case.ref}" for month in (9, 10)]
    with clock.at(on(15, month=11)):
        load(make_feed(unit), "\n".join(["date,measure,num,den,use_case", *rows]))
        rollups.roll_up_due()
        office, kpi = make_person(Role.CAIO_OFFICE, unit=unit), catalogue.current().by_key["service_availability"]

        pages = [detail(kpi, None, date(2026, month, 1), office) for month in (9, 10)]

    assert [[part.tier for part in page.tiers] for page in pages] == [[2], [2]]
    assert [[part.stage for part in page.stages] for page in pages] == [["pilot"], ["production"]]
