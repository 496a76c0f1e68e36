from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from tests.factories import make_person
from tests.vendors.factories import (
    AssessmentFactory,
    ContractFactory,
    CriterionScoreFactory,
    ProductFactory,
    VendorFactory,
)
from vendors import ports, scoring
from vendors.models import Advice, CriterionScore, Scorecard
from vendors.ports import CriterionValue


@pytest.fixture(autouse=True)
def _autumn(db):
    with clock.at(datetime(2026, 10, 5, 9, tzinfo=UTC)):
        yield


@pytest.fixture
def manager():
    return make_person(Role.VENDOR_MANAGER)


@pytest.fixture
def measured(monkeypatch):
    """What the apps above answer, instead of the ones that are installed."""
    values: list[CriterionValue] = []
    monkeypatch.setattr(ports.criterion_values, "providers", [lambda vendor, quarter: values])
    return values


def actions() -> list[str]:
    return [event.action for event in AuditEvent.objects.filter(subject_type="vendors.vendor").order_by("pk")]


def test_scoring_a_criterion_computes_the_scorecard_and_leaves_a_trail(manager, measured):
    vendor = VendorFactory()

    scoring.score_criterion(vendor.pk, "2026Q3", "quality", Decimal(4), "Tests", date(2026, 9, 1), by=manager)

    given = CriterionScore.objects.get(vendor=vendor, criterion="quality")
    assert (given.score, given.source, given.as_of) == (4, "Tests", date(2026, 9, 1))
    assert Scorecard.objects.get(vendor=vendor).advice == Advice.UNKNOWN
    assert actions() == ["criterion.scored", "scorecard.computed"]


def test_scoring_again_in_the_quarter_replaces_the_score(manager, measured):
    vendor = VendorFactory()
    for score in (Decimal(4), Decimal(2)):
        scoring.score_criterion(vendor.pk, "2026Q3", "quality", score, "Tests", date(2026, 9, 1), by=manager)

    assert CriterionScore.objects.get(vendor=vendor, criterion="quality").score == 2


@pytest.mark.parametrize(
    ("criterion", "quarter", "objection"),
    [
        ("clauses", "2026Q3", "Protective clauses is computed by the portal and not scored by hand."),
        ("quality", "2026Q2", "Scores are given for 2026Q4 and 2026Q3; earlier scorecards do not change."),
        ("quality", "2027Q1", "Scores are given for 2026Q4 and 2026Q3; earlier scorecards do not change."),
    ],
)
def test_some_scores_are_refused(manager, criterion, quarter, objection):
    with pytest.raises(NotAllowed, match=objection):
        scoring.score_criterion(
            VendorFactory().pk, quarter, criterion, Decimal(4), "Tests", date(2026, 9, 1), by=manager
        )


@pytest.mark.parametrize(
    ("score", "source", "as_of", "field"),
    [
        (Decimal("5.01"), "Tests", date(2026, 9, 1), "score"),
        (Decimal(-1), "Tests", date(2026, 9, 1), "score"),
        (Decimal(1), "  ", date(2026, 9, 1), "source"),
        (Decimal(1), "Tests", date(2026, 10, 6), "as_of"),
    ],
)
def test_scores_that_make_no_sense_are_refused(manager, score, source, as_of, field):
    with pytest.raises(Invalid) as refused:
        scoring.score_criterion(VendorFactory().pk, "2026Q3", "quality", score, source, as_of, by=manager)

    assert refused.value.field == field


def test_only_keepers_score():
    with pytest.raises(NotAllowed, match="Only vendor managers"):
        scoring.score_criterion(
            VendorFactory().pk, "2026Q3", "quality", Decimal(4), "T", date(2026, 9, 1), by=make_person(Role.EXECUTIVE)
        )


def test_what_the_portal_knows_is_scored_by_the_scales(measured):
    vendor = VendorFactory(critical=True)
    for kind in ("security", "privacy", "responsible_ai"):
        AssessmentFactory(vendor=vendor, kind=kind)
    AssessmentFactory(vendor=vendor, kind="resilience", result="conditional")
    ContractFactory(vendor=vendor, clauses={"no_training": True, "audit_right": True, "portability": False})
    ContractFactory(vendor=vendor, ends_on=date(2026, 8, 1), notice_by=date(2026, 5, 1), clauses={})
    ProductFactory(vendor=vendor, ends_on=date(2027, 9, 30))
    measured += [
        CriterionValue("availability_margin", Decimal("-0.1"), "Gateway", date(2026, 9, 30)),
        CriterionValue("incident_load", Decimal(4), "Incidents", date(2026, 9, 30)),
        CriterionValue("spend_ratio", Decimal(120), "Invoices", date(2026, 9, 30)),
    ]

    scoring.compute_scorecard(vendor.pk, "2026Q3")

    found = {row.criterion: row.score for row in CriterionScore.objects.filter(vendor=vendor)}
    assert found == {
        "assessments": Decimal("4.25"),  # 3.5 of 4 are 87.5%: 2 + 37.5 / 50 x 3
        "clauses": Decimal("1.43"),  # 2 of 7 are 28.57%: 28.57 / 60 x 3
        "lifecycle": Decimal("3.00"),  # 365 days are 11.99 months: 2 + 5.99 / 6
        "availability": Decimal("2.00"),
        "incidents": Decimal("3.00"),
        "spend": Decimal("1.50"),  # half-way from 110 (3) to 130 (0)
    }


def test_what_nobody_measured_is_not_known(measured):
    vendor = VendorFactory()

    scoring.compute_scorecard(vendor.pk, "2026Q3")

    rows = CriterionScore.objects.filter(vendor=vendor, score=None).values_list("criterion", flat=True)
    assert set(rows) == {"availability", "incidents", "spend", "clauses", "lifecycle"}


def test_evidence_of_earlier_quarters_counts_on_and_ages(measured):
    vendor = VendorFactory()
    for criterion in ("quality", "latency", "support"):
        CriterionScoreFactory(vendor=vendor, quarter="2025Q3", criterion=criterion, as_of=date(2025, 9, 30))

    card = scoring.compute_scorecard(vendor.pk, "2026Q3")

    line = next(line for line in card.lines if line["criterion"] == "quality")
    # 365 days: 1 - (365 - 180) / 540 x 0.6
    assert (line["score"], line["counts"]) == ("4.00", "0.794")


def test_computing_again_changes_nothing_and_says_nothing(measured):
    vendor = VendorFactory()
    for criterion in (
        "quality",
        "latency",
        "support",
        "certification",
        "transparency",
        "isolation",
        "fit",
        "regulation",
    ):
        CriterionScoreFactory(vendor=vendor, criterion=criterion)

    first = scoring.compute_scorecard(vendor.pk, "2026Q3")
    second = scoring.compute_scorecard(vendor.pk, "2026Q3")

    assert (first.pk, first.total, first.lines) == (second.pk, second.total, second.lines)
    assert actions() == ["scorecard.computed"]


def test_several_scores_compute_one_scorecard(manager, measured):
    vendor = VendorFactory()

    scoring.score_criteria(
        vendor.pk, "2026Q3", {"quality": Decimal(4), "latency": None}, "Review", date(2026, 9, 1), by=manager
    )

    assert actions() == ["criterion.scored", "criterion.scored", "scorecard.computed"]


def test_every_active_vendor_gets_its_scorecard_daily(measured):
    from caio_portal.common import jobs

    vendor = VendorFactory()
    VendorFactory(retired_at=clock.now())

    done = jobs.run_here(jobs.request("vendors.compute_scorecards", "test").pk)

    assert done.result == {"2026Q3": 1, "2026Q4": 1}
    assert list(Scorecard.objects.filter(vendor=vendor).values_list("quarter", flat=True)) == ["2026Q3", "2026Q4"]
