"""What one person decides, and the life of an approval afterwards."""

from collections.abc import Sequence

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from governance import notices
from governance.decisions import FAVOURABLE, NamedCondition, Outcome
from governance.models import (
    Approval,
    Capacity,
    Condition,
    Conflict,
    Decision,
    DecisionKind,
    EndReason,
    Review,
    ReviewPerson,
    StepKind,
    Suspension,
)
from governance.refusals import explained
from governance.rules import approvals as approval_rules
from governance.rules import reviews as rules
from governance.rules.conflicts import objection_by
from governance.selectors.people import concerned
from governance.services import steps
from governance.services.conflicts import step_aside_in
from governance.services.deciding import decide, end_approval
from governance.services.locking import locked
from governance.snapshots import thaw


@explained
@transaction.atomic
def decide_single(
    review_id: int, outcome: Outcome, reason: str, conditions: Sequence[NamedCondition] = (), *, by: User
) -> Decision | None:
    """Decide the step that one person approves; None if the route has another step to go."""
    review = locked(review_id)
    require(rules.objection_to_decide(by, review))
    require(objection_by(Conflict.objects.of(by, review.use_case)))
    require(rules.objection_to_ruling(outcome, reason, conditions))
    if outcome in FAVOURABLE:
        require(rules.objection_to_approve_provisional(thaw(review.snapshot)))
        if _pass_further(review, outcome, reason, conditions, by):
            return None
    return decide(review, DecisionKind.SINGLE, outcome, reason.strip(), by=by, conditions=conditions)


@explained
@transaction.atomic
def accept_risk(review_id: int, accepted: bool, reason: str, *, by: User) -> Decision:
    """The executive's signed word on the residual risk that was approved before: the last step of its route."""
    review = locked(review_id)
    require(rules.objection_to_accept_risk(by, review))
    require(objection_by(Conflict.objects.of(by, review.use_case)))
    if not reason.strip():
        raise Invalid("Say why you accept or decline the risk.", "reason")
    before = steps.last_result(review)
    conditions = [NamedCondition.model_validate(c) for c in before.get("conditions", [])] if accepted else []
    outcome = Outcome(before.get("outcome", Outcome.APPROVED)) if accepted else Outcome.REJECTED
    return decide(
        review, DecisionKind.EXECUTIVE, outcome, reason.strip(), by=by, tally=before.get("tally"),
        conditions=conditions,
    )  # fmt: skip


@explained
@transaction.atomic
def revoke_approval(approval_id: int, reason: str, *, by: User) -> Approval:
    """Take an approval back before its time."""
    approval = Approval.objects.select_related("use_case").get(pk=approval_id)
    require(approval_rules.objection_to_revoke(by, approval))
    if not reason.strip():
        raise Invalid("Say why the approval is taken back.", "reason")
    ended = end_approval(approval.use_case_id, EndReason.REVOKED, by=by, why=reason.strip())
    assert ended
    return ended


@transaction.atomic
def expire_approvals() -> int:
    """End the approvals whose last day has passed; returns how many. For the daily job."""
    over = Approval.objects.filter(ended_at=None, valid_until__lt=clock.today()).order_by("use_case_id")
    ids = list(over.values_list("use_case_id", flat=True))
    for use_case_id in ids:
        end_approval(use_case_id, EndReason.EXPIRED, by=None)
    return len(ids)


@transaction.atomic
def suspend_overdue() -> int:
    """Suspend the approvals of which a condition is overdue; returns how many. For the daily job."""
    overdue = (
        Condition.objects.filter(met_at=None, due_on__lt=clock.today(), decision__approval__ended_at=None)
        .exclude(suspensions__restored_at=None, suspensions__isnull=False)
        .select_related("decision__approval__use_case", "decision__review__use_case__unit", "owner")
        .order_by("pk")
    )
    count = 0
    for condition in overdue:
        _suspend(condition.decision.approval, condition)
        count += 1
    return count


def restore_if_met(condition: Condition, *, by: User) -> None:
    """End the suspension that this condition caused; the last one to end restores the approval."""
    now = clock.now()
    open_ones = Suspension.objects.select_for_update(of=("self",)).filter(condition=condition, restored_at=None)
    for suspension in open_ones.select_related("approval__use_case", "approval__decision__review__use_case__unit"):
        suspension.restored_at = now
        suspension.save(update_fields=["restored_at"])
        approval = suspension.approval
        if approval.ended_at or approval.suspensions.filter(restored_at=None).exists():
            continue
        record("approval.restored", approval, by=by, unit=approval.use_case.unit_id, use_case=approval.use_case.ref)
        review = approval.decision.review
        notices.approval_restored(concerned(review), review)


def _suspend(approval: Approval, condition: Condition) -> None:
    reason = f"The condition “{condition.text}” was due on {condition.due_on:%-d %B %Y} and is not met."
    Suspension.objects.create(approval=approval, condition=condition, reason=reason, suspended_at=clock.now())
    record(
        "approval.suspended", approval, by=None, unit=approval.use_case.unit_id, use_case=approval.use_case.ref,
        reason=reason,
    )  # fmt: skip
    review = condition.decision.review
    notices.approval_suspended([condition.owner, *concerned(review)], condition, review)


def _pass_further(
    review: Review, outcome: Outcome, reason: str, conditions: Sequence[NamedCondition], by: User
) -> bool:
    """Whether other steps have still to agree; if so, what was said here is kept for them."""
    (step, *_) = [s for s in rules.running(review, StepKind.APPROVE) if rules.may_approve(by, review, [s])]
    if not steps.has_more(review, step):
        return False
    ReviewPerson.objects.get_or_create(review=review, user=by, defaults={"capacity": Capacity.JUDGE})
    record(
        "review.step_approved", review, by=by, unit=review.use_case.unit_id, step=str(step),
        outcome=Outcome(outcome).label, reason=reason.strip(),
    )  # fmt: skip
    kept = {
        "outcome": outcome, "reason": reason.strip(), "by": by.name,
        "conditions": [condition.model_dump(mode="json") for condition in conditions],
    }  # fmt: skip
    steps.finish(review, step, kept)
    step_aside_in(review)
    return True
