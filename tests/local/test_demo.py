"""The demonstration company: complete, believable, the same for one anchor, and every figure made again."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from caio_portal.accounts.models import Notice, OrgUnit, User
from caio_portal.briefings.models import Briefing, BriefingState
from caio_portal.common import clock
from caio_portal.local.demo import loading
from governance.models import Meeting, Review
from kpis import catalogue, months, selectors
from kpis.models import KpiValue
from kpis.services import rollups
from kpis.status import Status
from portfolio.models import UseCase
from tests.kpis import recompute
from tests.kpis.recompute_governance import GOVERNANCE
from tests.kpis.recompute_records import FORMULAS, from_records
from vendors.models import Scorecard, Vendor

ANCHOR = datetime(2026, 10, 31, 18, tzinfo=UTC)
OCTOBER = date(2026, 10, 1)
Told = dict[str, Counter[tuple[Any, ...]]]


@pytest.fixture(scope="module")
def told_before(django_db_setup: None, django_db_blocker: Any) -> Iterator[Told]:
    """What a first load tells; it is taken back, and the same company loaded again for the tests below."""
    with django_db_blocker.unblock(), transaction.atomic():
        with transaction.atomic():
            loading.load(ANCHOR, "password")
            told = tell()
            transaction.set_rollback(True)
        loading.load(ANCHOR, "password")
        with clock.at(ANCHOR):
            yield told
        transaction.set_rollback(True)


def tell() -> Told:
    """Everything that pages show, by the names of things: keys are never the same twice."""
    names: dict[str, dict[int | None, str]] = {
        "unit": dict(OrgUnit.objects.values_list("pk", "name")),
        "use case": dict(UseCase.objects.values_list("pk", "title")),
        "vendor": dict(Vendor.objects.values_list("pk", "name")),
    }
    return {
        "kpis": Counter(
            (
                row.kpi,
                row.series,
                row.month,
                names["unit"][row.unit_id],
                names["use case"].get(row.use_case_id),
                names["vendor"].get(row.vendor_id),
                row.num,
                row.den,
                row.n,
                str(row.hist),
            )
            for row in KpiValue.objects.all()
        ),
        "use cases": Counter(UseCase.objects.values_list("ref", "title", "stage", "tier", "stage_since")),
        "meetings": Counter(
            Meeting.objects.values_list("held_on", "minutes_text", "entries__review__ref", "entries__consent")
        ),
        "reviews": Counter(Review.objects.values_list("ref", "use_case__title", "state", "opened_at", "closed_at")),
        "vendors": Counter(Scorecard.objects.values_list("vendor__name", "quarter", "total", "advice")),
        "notices": Counter(Notice.objects.values_list("user__email", "text", "created_at", "read_at")),
    }


def units() -> set[int]:
    return set(OrgUnit.objects.values_list("pk", flat=True))


def test_two_loads_tell_the_same(told_before):
    assert tell() == told_before


def test_every_kpi_has_a_value_and_most_are_on_track(told_before):
    card = selectors.scorecard(units(), OCTOBER)

    assert [reading.kpi.key for reading in card.readings if reading.value is None] == []
    assert card.by_status[Status.ON_TRACK] >= 18
    assert 4 <= card.by_status[Status.WATCH] <= 9
    assert 1 <= card.by_status[Status.OFF_TRACK] <= 3


def test_the_figures_move_within_what_one_believes(told_before):
    keys = ["ai_portfolio_roi", "high_risk_approved", "regulatory_readiness", "budget_variance", "risk_posture"]

    found = {reading.kpi.key: reading for reading in selectors.headline(units(), OCTOBER, keys)}

    assert 60 < found["ai_portfolio_roi"].value < 250
    assert 60 < found["high_risk_approved"].value < 95
    assert 80 < found["regulatory_readiness"].value < 95
    assert -10 < found["budget_variance"].value < 10
    assert all(len({point.value for point in reading.trend[-12:]}) > 3 for reading in found.values())


def test_people_have_read_their_notices_but_for_the_last(told_before):
    unread = Counter(Notice.objects.filter(read_at=None).values_list("user__email", flat=True))

    assert unread["office@demo.example"] == loading.UNREAD
    assert max(unread.values()) == loading.UNREAD
    assert User.objects.filter(email__endswith="@demo.example").count() == 21


def test_two_briefings_are_approved_and_wait_for_their_publication(told_before):
    found = Briefing.objects.order_by("quarter").values_list("quarter", "state", "drafted_at__month")

    assert list(found) == [("2026Q2", BriefingState.APPROVED, 7), ("2026Q3", BriefingState.APPROVED, 10)]


def test_few_vendors_are_in_trouble(told_before):
    advice = Counter(Scorecard.objects.filter(quarter="2026Q4").values_list("advice", flat=True))

    assert advice["keep"] + advice["expand"] >= 8
    assert 2 <= advice["replace"] + advice["exit"] + advice["renegotiate"] <= 4


def of_records(scope: tuple[Any, ...]) -> bool:
    """Whether a series is made of the portal's own records, as others of the same KPI may not be."""
    key, series, *_ = scope
    return (key in FORMULAS or key in GOVERNANCE) and series not in {
        term.series for term in catalogue.current().by_key[key].terms
    }


def test_observations_added_up_in_plain_python_give_the_same_sums(told_before):
    counted = recompute.from_observations()
    kpis = {scope[0] for scope in counted}

    stored = {scope: sums for scope, sums in recompute.stored().items() if scope[0] in kpis and not of_records(scope)}

    assert stored == counted
    assert len(kpis) >= 18


def test_records_read_one_by_one_give_the_same_sums(told_before):
    keys = FORMULAS.keys() | GOVERNANCE.keys()
    stored = recompute.stored()
    first = min(scope[2] for scope in stored)

    for month in months.between(first, OCTOBER):
        expected = from_records(month, ANCHOR, FORMULAS | GOVERNANCE)
        of_month = {scope: sums for scope, sums in stored.items() if scope[0] in keys and scope[2] == month}
        assert {scope: sums for scope, sums in of_month.items() if of_records(scope)} == expected

    assert {sums.n for sums in stored.values()} > {Decimal(1)}


def test_computing_everything_again_changes_nothing(told_before):
    assert rollups.changes_of_recomputing() == []


def test_another_password_opens_the_accounts_that_are_there(told_before, client, monkeypatch):
    monkeypatch.setenv("DEMO_PASSWORD", "another word")
    with transaction.atomic():
        call_command("load_demo", stdout=(out := StringIO()))
        opened = client.login(username="office@demo.example", password="another word")
        call_command("load_demo", stdout=(again := StringIO()))
        transaction.set_rollback(True)

    assert opened
    assert out.getvalue() == "The demonstration data are there, now with this password.\n"
    assert again.getvalue() == "The demonstration data are there.\n"


def test_council_has_met_and_will_meet(told_before):
    held = list(Meeting.objects.exclude(closed_at=None).order_by("held_on"))
    coming = Meeting.objects.get(closed_at=None)

    assert [bool(one.minutes_approved_at) for one in held] == [*(True for _ in held[1:]), False]
    assert all(meeting.entries.exists() for meeting in [*held, coming])
    assert sum("Approved" in one.minutes_text for one in held) >= 2
    assert coming.held_on > ANCHOR.date() + timedelta(days=31)
