"""Writing the one decision of a review with all that follows from it, in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from governance import notices, receipts
from governance.decisions import FAVOURABLE, NamedCondition, Outcome, Tally
from governance.models import (
    Approval,
    Capacity,
    Cause,
    Condition,
    Decision,
    DecisionKind,
    EndReason,
    Review,
    ReviewPerson,
    ReviewState,
    StepKind,
    Vote,
)
from governance.selectors.calendars import calendar_of
from governance.selectors.people import concerned, parties_of
from governance.selectors.policies import policy_of
from governance.snapshots import Snapshot, thaw

# What the team asked for itself: if it is refused, what it had before stays.
ASKED_FOR = (Cause.SUBMISSION, Cause.APPEAL)
UNASKED = (EndReason.EXPIRED, EndReason.REVOKED)  # an end that somebody has to be told of


def decide(
    review: Review,
    kind: DecisionKind,
    outcome: Outcome,
    reason: str,
    *,
    by: User | None = None,
    tally: Tally | dict[str, Any] | None = None,
    conditions: Sequence[NamedCondition] = (),
) -> Decision:
    """Close REVIEW (locked by the caller): decision, receipt, approval, conditions, events and notices."""
    snapshot = thaw(review.snapshot)
    now = clock.now()
    counted = asdict(tally) if isinstance(tally, Tally) else tally or {}
    approval = _approval_to_grant(review, snapshot) if outcome in FAVOURABLE else None
    receipt = receipts.sign(_content(review, snapshot, kind, outcome, reason, by, counted, conditions, approval))
    decision = Decision.objects.create(
        review=review, kind=kind, outcome=outcome, reason=reason, tally=counted, snapshot_hash=review.snapshot_hash,
        decided_by=by, capacity=_capacity(review, by), decided_at=now, receipt=receipt.text,
        receipt_hash=receipt.hash, signature=receipt.signature, signed_with=receipt.signed_with,
    )  # fmt: skip
    review.steps.filter(started_at__isnull=False, finished_at=None).update(finished_at=now)
    review.state, review.closed_at, review.returned_at = ReviewState.DECIDED, now, None
    review.save(update_fields=["state", "closed_at", "returned_at"])
    record(
        "review.decided", review, by=by, unit=review.use_case.unit_id, use_case=review.use_case.ref,
        outcome=Outcome(outcome).label, kind=DecisionKind(kind).label, reason=reason, receipt=receipt.hash,
        snapshot=review.snapshot_hash,
    )  # fmt: skip
    _follow(review, decision, approval, conditions, by)
    notices.decided([*parties_of(review), *_judges(review)], review, decision)
    return decision


def end_approval(use_case_id: int, reason: EndReason, *, by: User | None, why: str = "") -> Approval | None:
    """End the approval in force of a use case, if it has one."""
    approval = Approval.objects.select_for_update().filter(use_case_id=use_case_id, ended_at=None).first()
    if approval:
        approval.ended_at, approval.end_reason = clock.now(), reason
        approval.save(update_fields=["ended_at", "end_reason"])
        record("approval.ended", approval, by=by, unit=approval.use_case.unit_id,
               use_case=approval.use_case.ref, reason=why or EndReason(reason).label)  # fmt: skip
        if reason in UNASKED:
            review = approval.decision.review
            notices.approval_ended(concerned(review), review, why or f"{EndReason(reason).label.lower()}.")
    return approval


def _follow(
    review: Review,
    decision: Decision,
    approval: Approval | None,
    conditions: Sequence[NamedCondition],
    by: User | None,
) -> None:
    """Grant the approval and attach its conditions; a refusal of a re-review takes the old approval back."""
    if approval is None:
        if decision.outcome != Outcome.DEFERRED and review.cause not in ASKED_FOR:
            end_approval(review.use_case_id, EndReason.REVOKED, by=by)
        return
    end_approval(review.use_case_id, EndReason.SUPERSEDED, by=by)
    approval.decision = decision
    approval.save(force_insert=True)
    owner = review.use_case.owner or review.use_case.requester
    if conditions:
        today, calendar = clock.today(), calendar_of(review.use_case.unit)
        Condition.objects.bulk_create(
            Condition(decision=decision, text=c.text, owner=owner, due_on=c.due_on(today, calendar)) for c in conditions
        )
    record(
        "approval.granted", approval, by=by, unit=review.use_case.unit_id, use_case=review.use_case.ref,
        up_to=approval.up_to_stage, until=approval.valid_until, conditions=[c.text for c in conditions],
    )  # fmt: skip


def _approval_to_grant(review: Review, snapshot: Snapshot) -> Approval:
    tier = policy_of(review.policy).tier(review.tier)
    return Approval(
        use_case=review.use_case,
        up_to_stage=review.up_to_stage,
        material_hash=snapshot.material_hash,
        granted_at=clock.now(),
        valid_until=clock.today() + timedelta(days=tier.approval_days),
    )


def _content(
    review: Review,
    snapshot: Snapshot,
    kind: DecisionKind,
    outcome: Outcome,
    reason: str,
    by: User | None,
    counted: dict[str, Any],
    conditions: Sequence[NamedCondition],
    approval: Approval | None,
) -> dict[str, Any]:
    """What a receipt says: enough to judge the decision without the portal."""
    votes = Vote.objects.filter(review=review).select_related("seat", "voter").order_by("cast_at", "seat_id", "number")
    return {
        "review": review.ref, "use_case": snapshot.use_case, "title": snapshot.title, "unit": snapshot.unit,
        "policy": snapshot.policy, "policy_sha256": snapshot.policy_sha256, "tier": snapshot.tier,
        "snapshot_sha256": review.snapshot_hash, "opened_at": review.opened_at, "decided_at": clock.now(),
        "kind": kind.value, "outcome": outcome.value, "reason": reason,
        "decided_by": {"id": by.pk, "name": by.name} if by else None,
        "charter": review.charter, "tally": counted, "examined": _examined(review),
        "seats": [
            {"seat": seat.seat.title, "mandatory": seat.mandatory, "holder": seat.holder.name if seat.holder else None}
            for seat in review.seats.select_related("seat", "holder").order_by("seat_id")
        ],
        "votes": [
            {
                "seat": vote.seat.title, "number": vote.number, "voter": vote.voter.name, "choice": vote.choice,
                "reason": vote.reason, "conditions": vote.conditions, "cast_at": vote.cast_at,
            }
            for vote in votes
        ],
        "conditions": [condition.model_dump(mode="json") for condition in conditions],
        "approval": {
            "up_to_stage": approval.up_to_stage, "valid_until": approval.valid_until,
            "material_sha256": approval.material_hash,
        } if approval else None,
    }  # fmt: skip


def _examined(review: Review) -> list[dict[str, Any]]:
    """Which functions were asked, and why; and since which decision nothing was new for those who were not."""
    steps = review.steps.filter(kind=StepKind.EXAMINE).select_related("nothing_new_since").order_by("position")
    return [
        {
            "function": step.function, "asked": not step.is_spared, "because": step.asked_because,
            "nothing_new_since": step.nothing_new_since.ref if step.nothing_new_since else None,
        }
        for step in steps.defer("nothing_new_since__snapshot")
    ]  # fmt: skip


def _capacity(review: Review, by: User | None) -> Capacity:
    """The capacity in which the person stands in the review; somebody new to it judges."""
    if by is None:
        return Capacity.JUDGE
    person, _ = ReviewPerson.objects.get_or_create(review=review, user=by, defaults={"capacity": Capacity.JUDGE})
    return Capacity(person.capacity)


def _judges(review: Review) -> list[User]:
    people = ReviewPerson.objects.filter(review=review, capacity=Capacity.JUDGE).select_related("user")
    return [person.user for person in people]
