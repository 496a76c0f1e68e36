"""A benefit that several use cases bring, on the executive page and in the briefing; all sums are made by hand."""

from decimal import Decimal

import pytest

from caio_portal.briefings.executive import executive_page
from caio_portal.briefings.models import Audience
from caio_portal.briefings.snapshot import build
from caio_portal.common import clock
from caio_portal.common.quarters import Quarter
from portfolio import services
from portfolio.models import Benefit
from tests.factories import make_person, make_unit, make_use_case

pytestmark = pytest.mark.django_db


def _benefit(**fields):
    usual = {
        "metric": "Minutes a case", "uom": "minutes", "period": "month", "lower_is_better": True, "worth": 10,
        "currency": "USD", "state": "measured", "baseline": 30, "target": 20, "value": 21, "sample": 120,
        "method": "All cases of May.",
    }  # fmt: skip
    return Benefit(**usual | fields)


@pytest.fixture
def units():
    """(30 - 21) * 10 * 12 = 1,080 a year are stated in Claims; Letters has 30 % of them, and 500 a year of its own."""
    company, office = make_unit("Company"), make_person()
    claims, letters = make_unit("Claims", parent=company), make_unit("Letters", parent=company)
    first = make_use_case("Triage", unit=claims, owner=office, stage="production")
    second = make_use_case("Letters", unit=letters, owner=office, stage="production")
    whole = services.state_benefit(first.pk, _benefit(), by=office)
    services.state_benefit(second.pk, _benefit(same_as=whole, share=30), by=office)
    own = _benefit(metric="Postage", uom="USD", period="year", worth=1, baseline=600, target=200, value=100)
    services.state_benefit(second.pk, own, by=office)
    return company, claims, letters


def _figures(page):
    found = {figure.key: figure.value for figure in page.snapshot.figures()}
    return found["value"], found["attained"]


def test_each_unit_has_its_share_and_all_together_the_benefit_once(units):
    company, claims, letters = units

    of_all = executive_page(company, frozenset(unit.pk for unit in units))
    of_claims, of_letters = (executive_page(unit, frozenset([unit.pk])) for unit in (claims, letters))

    # at the targets: (30 - 20) * 10 * 12 = 1,200, of which 840 and 360, and 600 - 200 = 400
    assert _figures(of_all) == (Decimal("1580.00"), Decimal("98.8"))  # 1,080 + 500, of 1,200 + 400
    assert _figures(of_claims) == (Decimal("756.00"), Decimal("90.0"))  # 70 % of 1,080, of 840
    assert _figures(of_letters) == (Decimal("824.00"), Decimal("108.4"))  # 30 % of 1,080 and 500, of 360 + 400


def test_the_page_and_the_briefing_say_that_it_is_shared(units):
    company, *_ = units

    page = executive_page(company, frozenset(unit.pk for unit in units))
    briefing = build.build(Quarter.of(clock.today()), Audience.BOARD, 1)

    said = "2 benefits are shares of what several use cases bring: each counts its own, the sum counts it once."
    assert page.value_and_risk.source.endswith(said)
    assert briefing.portfolio.source.endswith(said)
    assert {line.title: line.value for line in briefing.portfolio.top} == {
        "Letters": Decimal("824.00"), "Triage": Decimal("756.00"),
    }  # fmt: skip


def test_nothing_is_said_where_nothing_is_shared(units):
    page = executive_page(units[0], frozenset())

    assert page.value_and_risk.source.endswith("twelve months.")
