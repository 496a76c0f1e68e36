from datetime import UTC, date, datetime

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import NotAllowed
from kpis.models import KpiValue
from kpis.selectors.concerns.quiet import quiet
from kpis.services import feeds, rollups
from tests.factories import make_person, make_unit
from tests.kpis.factories import make_feed, make_file

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
