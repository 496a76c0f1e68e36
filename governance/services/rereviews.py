"""What is looked at again without anybody asking: changed facts, incidents, vendors, expired evidence, time."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from governance.models import Approval, Cause, ControlState, EvidenceUse, IncidentUseCase, Review, State
from governance.policy import Policy
from governance.selectors.grounds import Ground, ground
from governance.selectors.policies import policy_in_force
from governance.services.reviews import open_review
from portfolio.models import FactChange, SystemProduct
from portfolio.stages import Stage
from vendors.models import Contract

STILL = timedelta(days=1)  # facts that somebody is still changing are not frozen in the middle of it
EARLY = 45  # days before an approval ends, or its interval is over: time enough to decide
RENEWING = timedelta(days=7)  # in which its team renews evidence that has expired
PAUSE = timedelta(days=30)  # what ended without an approval is not asked again at once
MOST = 200  # at a time; the rest follows an hour later


def open_due_rereviews() -> int:
    """Open the reviews that an approval calls for; returns how many. For the hourly job."""
    count = 0
    for approval, cause in _due(policy_in_force()):
        count += _opened(approval, cause)
        if count >= MOST:
            break
    return count


def review_for_drift(use_case_id: int, why: Ground) -> Review | None:
    """The open review of a use case whose model is no longer right, opened if it has an approval; else None."""
    approval = _waiting().filter(use_case=use_case_id).first()
    if approval:
        _opened(approval, Cause.DRIFT, why)
    return Review.objects.open().filter(use_case=use_case_id).first()


def _due(policy: Policy) -> Iterator[tuple[Approval, Cause]]:
    """Approvals with the weightiest cause first; a use case under review, or just reviewed, is left alone."""
    waiting = _waiting()
    seen: set[int] = set()
    for cause, found in (
        (Cause.INCIDENT, _after_incidents(waiting, policy)),
        (Cause.MATERIAL_CHANGE, _stale(waiting)),
        (Cause.VENDOR, _vendor_changed(waiting)),
        (Cause.EVIDENCE, _evidence_expired(waiting)),
        (Cause.INTERVAL, _old(waiting, policy)),
    ):
        for approval in found:
            if approval.pk not in seen:
                seen.add(approval.pk)
                yield approval, cause


def _waiting() -> "QuerySet[Approval]":
    since = clock.now() - PAUSE
    reviews = Review.objects.filter(use_case=OuterRef("use_case"))
    recent = reviews.filter(opened_at__gt=OuterRef("granted_at"), closed_at__gt=since)
    return (
        Approval.objects.filter(ended_at=None, use_case__voided_at=None)
        .exclude(use_case__stage=Stage.RETIRED)
        .filter(~Exists(reviews.filter(closed_at=None)), ~Exists(recent))
        .select_related("use_case", "decision__review")
        .defer("decision__receipt", "decision__review__snapshot")
        .order_by("valid_until", "pk")
    )


def _after_incidents(waiting: "QuerySet[Approval]", policy: Policy) -> "QuerySet[Approval]":
    grave = IncidentUseCase.objects.filter(
        use_case=OuterRef("use_case"), incident__severity__lte=policy.rereview.incident_severity,
        incident__reported_at__gt=OuterRef("granted_at"),
    )  # fmt: skip
    return waiting.filter(Exists(grave))


def _stale(waiting: "QuerySet[Approval]") -> "QuerySet[Approval]":
    moving = FactChange.objects.filter(use_case=OuterRef("use_case"), recorded_at__gt=clock.now() - STILL)
    return waiting.exclude(material_hash=F("use_case__material_hash")).filter(~Exists(moving))


def _vendor_changed(waiting: "QuerySet[Approval]") -> "QuerySet[Approval]":
    """A product that a use case relies on has ended since the approval, or the last contract with its vendor has."""
    today = clock.today()
    since = OuterRef("granted_at__date")
    relied_on = SystemProduct.objects.filter(ai_system__uses__use_case=OuterRef("use_case"))
    product = relied_on.filter(product__ends_on__range=(since, today))
    running = Contract.objects.filter(vendor=OuterRef("product__vendor"), ends_on__gte=today)
    ended = relied_on.filter(product__vendor__contracts__ends_on__range=(since, today)).filter(~Exists(running))
    return waiting.filter(Exists(product) | Exists(ended))


def _evidence_expired(waiting: "QuerySet[Approval]") -> "QuerySet[Approval]":
    """A control that counts as met has lost its last valid evidence since the approval, and nobody has renewed it."""
    last_day = clock.today() - RENEWING
    uses = EvidenceUse.objects.filter(control_state=OuterRef("pk"), evidence__withdrawn_at=None)
    valid = uses.filter(Q(evidence__valid_until=None) | Q(evidence__valid_until__gte=last_day))
    expired = uses.filter(
        evidence__valid_until__lt=last_day, evidence__valid_until__gte=OuterRef(OuterRef("granted_at__date"))
    )
    met = ControlState.objects.filter(use_case=OuterRef("use_case"), state=State.MET)
    return waiting.filter(Exists(met.filter(Exists(expired), ~Exists(valid))))


def _old(waiting: "QuerySet[Approval]", policy: Policy) -> Iterator[Approval]:
    """Those whose interval, or whose last day, comes within EARLY days; what is cleared automatically renews so."""
    horizon = clock.today() + timedelta(days=EARLY)
    months = {tier.number: tier.review_months for tier in policy.tiers}
    for approval in waiting:
        end = approval.valid_until
        if every := months.get(approval.decision.review.tier):
            end = min(end, _plus_months(approval.granted_at.date(), every))
        if end <= horizon:
            yield approval


def _plus_months(day: date, months: int) -> date:
    """The same day so many months later; the last of the month where there is none."""
    year, month = divmod(day.month - 1 + months, 12)
    first = date(day.year + year, month + 1, 1)
    following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return first.replace(day=min(day.day, (following - timedelta(days=1)).day))


def _opened(approval: Approval, cause: Cause, why: Ground | None = None) -> bool:
    """Whether a review could be opened; where no council decides, the page of the unit's council says so."""
    try:
        with transaction.atomic():
            why = why or ground(approval, cause, policy_in_force())
            open_review(approval.use_case_id, by=None, up_to_stage=approval.up_to_stage, cause=cause, why=why)
    except (NotAllowed, Invalid):
        return False
    return True
