from datetime import UTC, date, datetime

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from kpis.models import DeliveryStyle, FeedBatch, KpiValue
from kpis.selectors.concerns.quiet import quiet
from kpis.services import feeds, rollups
from tests.factories import make_person, make_unit
from tests.kpis.factories import make_feed, make_file
from tests.kpis.feeds.deliveries import load, sums, warned

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 15, 12, tzinfo=UTC)


@pytest.fixture
def root():
    return make_unit("Root")


@pytest.fixture
def office(root):
    return make_person(Role.CAIO_OFFICE, unit=root)


@pytest.fixture
def late(root):
    """A feed that is complete until the middle of September; it is November."""
    with clock.at(NOW):
        feed = make_feed(root)
        feeds.load_file(feed.pk, make_file("date,measure,num,den\n2026-09-15,service_requests,9,10"), by=None)
        rollups.roll_up_due()
        yield feed


def test_no_month_waits_for_a_retired_feed_and_nobody_misses_it(late, office):
    assert KpiValue.objects.get().provisional is True
    assert len(list(quiet())) == 1

    feeds.retire_feed(late.pk, "Another gateway", by=office)
    rollups.roll_up_due()

    assert KpiValue.objects.get().provisional is False
    assert list(quiet()) == []
    with pytest.raises(Invalid, match="retired"):  # a file that was taken before, and waited for its job
        load(late, "date,measure,num,den\n2026-10-15,service_requests,9,10")
    assert "Another gateway" in AuditEvent.objects.get(action="feed.retired").payload


def test_months_wait_again_for_a_feed_that_is_used_again(late, office):
    feeds.retire_feed(late.pk, "Another gateway", by=office)
    rollups.roll_up_due()

    feeds.resume_feed(late.pk, by=office)

    assert {month for _, month in rollups.due()} == {date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)}
    rollups.roll_up_due()
    assert KpiValue.objects.get().provisional is True


def test_a_feed_is_retired_once_and_by_those_who_keep_it(late, office):
    with pytest.raises(NotAllowed, match="kept by the CAIO"):
        feeds.retire_feed(late.pk, "No", by=make_person())
    with pytest.raises(NotAllowed, match="in use"):
        feeds.resume_feed(late.pk, by=office)

    feeds.retire_feed(late.pk, "Yes", by=office)

    with pytest.raises(NotAllowed, match="retired"):
        feeds.retire_feed(late.pk, "Yes", by=office)


def test_a_withdrawn_batch_makes_its_months_wait_again(root, office):
    with clock.at(NOW):
        feed = make_feed(root, style=DeliveryStyle.DELTA)
        load(feed, "date,measure,num,den\n2026-08-31,service_requests,9,10\n2026-10-01,service_requests,9,10")
        newest = load(feed, "date,measure,num,den\n2026-10-31,service_requests,9,10")
        rollups.roll_up_due()
        was = KpiValue.objects.get(month=date(2026, 10, 1)).provisional

        feeds.withdraw_batch(newest.batches[0].pk, by=office, reason="Wrong file")

        feed.refresh_from_db()
        assert (was, feed.watermark) == (False, date(2026, 10, 1))
        assert {month.month for _, month in rollups.due()} == {10}
        rollups.roll_up_due()
        assert KpiValue.objects.get(month=date(2026, 10, 1)).provisional is True


COST = "BillingAccountId,BillingCurrency,BillingPeriodStart,ChargePeriodStart,EffectiveCost,BilledCost"
FIRST = "a,USD,2026-10-01,2026-10-01,100,0"


def test_what_another_file_repeats_stays_when_the_first_is_withdrawn(root, office):
    feed = make_feed(root, style=DeliveryStyle.LEDGER, kind="focus")
    first = load(feed, f"{COST}\n{FIRST}")
    second = load(feed, f"{COST}\n{FIRST}\na,USD,2026-10-01,2026-10-02,50,0")
    before = sums("effective_cost")

    feeds.withdraw_batch(first.batches[0].pk, by=office, reason="Wrong file")

    assert warned(second, "counts once") == 2  # effective and billed cost of a row
    assert before == sums("effective_cost") == {"2026-10": (None, None, 2, 150)}
    assert FeedBatch.objects.get(state="loaded").file_id == second.batches[0].file_id


RESPONSES = "RecordedDate,Status,Q1,team\n"
OBSERVED = "date,measure,num\n2026-10-01,key_actions,"


@pytest.mark.parametrize(
    ("kind", "measure", "files", "total"),
    [
        ("observations", "key_actions", (f"{OBSERVED}100", f"{OBSERVED}-10", f"{OBSERVED}100\n"), (90, None, 2, None)),
        (
            "survey",
            "enps_responses",
            (RESPONSES + "2026-10-01,ok,9,T\n" * 6, RESPONSES + "2026-10-20,ok,2,T\n" * 7),
            (6 - 7, 13, 13, None),
        ),
        (
            "litellm",
            "gateway_cost",
            tuple(f'{{"request_id": "{key}", "startTime": "2026-10-01T08:00:00Z", "spend": 1}}\n' * 2 for key in "aba"),
            (None, None, 2, 2),
        ),
    ],
)
def test_files_that_add_differences_to_one_day_are_added_up_and_what_they_repeat_is_not(
    root, kind, measure, files, total
):
    feed = make_feed(root, style=DeliveryStyle.DELTA, kind=kind)

    for content in files:
        load(feed, content + "\n")

    assert sums(measure) == {"2026-10": total}
