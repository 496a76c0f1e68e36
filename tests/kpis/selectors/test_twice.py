"""Money that two sources tell of."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal as D

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from kpis.models import FeedKind
from kpis.selectors.twice import twice
from kpis.services import rollups
from portfolio.models import CostCategory, CostLine
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, signed_in
from tests.kpis.factories import make_feed, make_use_case
from tests.kpis.feeds.deliveries import load
from tests.vendors.factories import VendorFactory

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)
HEADER = (
    "BillingAccountId,BillingPeriodStart,ChargePeriodStart,EffectiveCost,BilledCost,ProviderName,ServiceCategory,Tags"
)


@pytest.fixture(autouse=True)
def _mid_november():
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        yield


def bill(unit, cost, ref, category="AI and Machine Learning"):
    line = f'a,2026-10-01,2026-10-03,{cost},{cost},OpenAI,{category},"{{""use_case"": ""{ref}""}}"'
    load(make_feed(unit, kind=FeedKind.FOCUS, name=f"Cost file {cost}"), f"{HEADER}\n{line}")
    rollups.roll_up_due()


def write(use_case, amount, category=CostCategory.INFRASTRUCTURE):
    CostLine.objects.create(
        use_case=use_case, month=OCTOBER, amount=amount, category=category, kind="actual", currency="USD"
    )


def test_a_vendor_whose_cost_two_feeds_bring_is_told():
    unit = make_unit()
    VendorFactory(name="OpenAI")
    office = make_person(Role.CAIO_OFFICE, unit=unit)
    bill(unit, 10, "")
    alone = twice(None, [OCTOBER], office)
    bucket = {"start_time": 1_790_985_600, "results": [{"amount": {"value": 10, "currency": "usd"}, "project_id": "p"}]}
    load(make_feed(unit, kind=FeedKind.PROVIDER, name="What OpenAI says"), json.dumps({"data": [bucket]}))

    found = twice(None, [OCTOBER], office)
    page = signed_in(office).get(reverse("kpis:budget") + "?quarter=2026Q4")

    assert alone.billed == ()
    assert [(each.vendor, each.month, each.feeds) for each in found.billed] == [
        ("OpenAI", OCTOBER, ("Cost file 10", "What OpenAI says"))
    ]
    assert twice({make_unit().pk}, [OCTOBER], office).billed == ()
    assert b"Perhaps counted twice" in page.content


def test_infrastructure_in_a_business_case_beside_a_cost_file_is_told():
    unit = make_unit()
    running = (Stage.PRODUCTION, datetime(2026, 1, 1, tzinfo=UTC))
    hosted, models_only, unbilled = (make_use_case(unit, running) for _ in range(3))
    office = make_person(Role.CAIO_OFFICE, unit=unit)
    for use_case in (hosted, models_only, unbilled):
        write(use_case, 70)
    write(hosted, 30, CostCategory.PEOPLE)
    bill(unit, 10, hosted.ref, "Compute")
    bill(unit, 11, models_only.ref)

    found = twice(None, [date(2026, 9, 1), OCTOBER], office)

    assert [(each.use_case, each.amount) for each in found.written] == [(hosted, D(70))]
    assert twice(None, [OCTOBER], make_person(Role.EXECUTIVE, unit=make_unit())).written == ()
