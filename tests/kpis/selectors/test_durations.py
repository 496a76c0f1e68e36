"""What is not finished yet stands beside durations with its age, and percentiles come from summed histograms."""

import random
from datetime import UTC, date, datetime

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from governance.models import Incident
from kpis import buckets, catalogue
from kpis.selectors.detail import detail
from kpis.selectors.durations import percentiles
from kpis.services import rollups
from kpis.values import Sums, histogram
from portfolio.stages import Stage
from tests.factories import make_person, make_unit
from tests.kpis.factories import decide, make_use_case

pytestmark = pytest.mark.django_db
OCTOBER = date(2026, 10, 1)


def day(month: int, number: int, hour: int = 0) -> datetime:
    return datetime(2026, month, number, hour, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _mid_november():
    with clock.at(datetime(2026, 11, 15, 12, tzinfo=UTC)):
        yield


@pytest.fixture
def unit():
    return make_unit("Northwind")


def page(unit, key, month=OCTOBER):
    rollups.mark_records()
    rollups.roll_up_due()
    return detail(catalogue.current().by_key[key], None, month, make_person(Role.OWNER, unit=unit))


def test_use_cases_that_are_not_in_production_count_with_their_age(unit):
    make_use_case(unit, (Stage.IDEA, day(9, 1)), (Stage.PRODUCTION, day(10, 1)))
    waiting = make_use_case(unit, (Stage.IDEA, day(8, 1)), (Stage.PRODUCTION, day(11, 3)))
    make_use_case(unit, (Stage.IDEA, day(5, 1)), (Stage.RETIRED, day(6, 1)))
    make_use_case(unit, (Stage.IDEA, day(11, 5)))

    found = page(unit, "time_to_production")

    # One took 30 days; at the end of October another had waited for 92, and two had left or not begun.
    assert (found.reading.value, found.unfinished.count, found.unfinished.at_least) == (30, 1, "61 days")
    assert [(each.ref, each.age) for each in found.unfinished.oldest] == [(waiting.ref, "92 days")]


def test_open_reviews_and_incidents_lead_to_their_pages_and_hide_what_may_not_be_seen(unit):
    use_case, secret = make_use_case(unit, (Stage.PILOT, day(1, 1))), make_use_case(unit, confidential=True)
    decide(make_use_case(unit, (Stage.PILOT, day(1, 1))), day(10, 1), day(10, 9))
    for number, each in enumerate((use_case, secret)):
        review = decide(each, day(10, 12), day(11, 2 + number), waited=number).decision.review
    Incident.objects.create(
        ref="I-1", title="x", description="x", unit=unit, severity=2, category="quality",
        occurred_at=day(10, 30, 12), detected_at=day(10, 30, 12), mitigated_at=day(11, 1, 6),
    )  # fmt: skip

    reviews, incidents = page(unit, "time_to_decision").unfinished, page(unit, "time_to_mitigate").unfinished

    assert (reviews.count, reviews.at_least) == (2, "13 business days")  # 6 decided; 14 and 13 waiting
    assert [(each.name, each.age) for each in reviews.oldest] == [
        (use_case.title, "14 business days"), ("", "13 business days"),
    ]  # fmt: skip
    assert review.ref not in {each.ref for each in reviews.oldest}
    assert [(each.ref, each.age) for each in incidents.oldest] == [("I-1", "36 hours")]


def test_an_approval_without_a_benefit_waits(unit):
    use_case = make_use_case(unit, (Stage.PILOT, day(1, 1)))
    decide(use_case, day(9, 1), day(9, 10))

    found = page(unit, "time_to_first_value").unfinished

    assert [(each.ref, each.age) for each in found.oldest] == [(use_case.ref, "52 days")]


def test_percentiles_of_latency_come_from_buckets_that_were_added_up():
    kpi, dice = catalogue.current().by_key["latency_compliance"], random.Random(3)
    days = [[dice.lognormvariate(mean, 0.6) for _ in range(2_000)] for mean in (0, 0, 1)]
    summed = [sum(counts) for counts in zip(*map(buckets.of_durations, days), strict=True)]

    told = dict(percentiles(kpi, Sums(hist=histogram(summed))))

    exact = sorted(second for one in days for second in one)[int(6_000 * 0.95)]
    assert list(told) == ["Median", "95th percentile", "99th percentile"]
    assert float(told["95th percentile"].removesuffix(" s")) == pytest.approx(exact, rel=0.05)
