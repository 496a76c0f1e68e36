"""Opening a review, examining it, returning, submitting it again and withdrawing it."""

from collections.abc import Mapping
from dataclasses import replace

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed, require
from governance import notices
from governance.decisions import Outcome
from governance.models import (
    Capacity,
    Cause,
    Conflict,
    DecisionKind,
    Finding,
    Review,
    ReviewPerson,
    ReviewSnapshot,
    ReviewState,
    Severity,
    StepKind,
)
from governance.policy import Policy, Tiering, evaluate
from governance.policy.evaluation import route_to_take
from governance.policy.schema import DecisionKind as Closing
from governance.refusals import explained
from governance.rules import reviews as rules
from governance.rules.conflicts import objection_by
from governance.selectors.asking import asked_in
from governance.selectors.grounds import NO_GROUND, Ground
from governance.selectors.people import office_of, parties_of, people_asked
from governance.selectors.policies import policy_of, version_in_force
from governance.selectors.snapshots import snapshot_of
from governance.services import seating, steps
from governance.services.conflicts import step_aside_in
from governance.services.deciding import decide
from governance.services.locking import locked
from governance.services.second_looks import draw
from governance.snapshots import Snapshot, freeze
from portfolio import references
from portfolio.models import Submission, UseCase
from portfolio.services import make_remark
from portfolio.stages import Stage

STANDING = "Cleared under the Chief AI Officer's standing approval for tier {tier} ({name})."


@explained
@transaction.atomic
def open_review(
    use_case_id: int,
    *,
    by: User | None,
    up_to_stage: str = Stage.PRODUCTION,
    cause: Cause = Cause.SUBMISSION,
    submission: Submission | None = None,
    appeal_of: Review | None = None,
    plea: str = "",
    why: Ground = NO_GROUND,
) -> Review:
    """Open a review of a use case: freeze what it looks at, write its route, and start the first clock.

    What the lightest route clears, and what is prohibited, is decided at once.
    """
    use_case = UseCase.objects.select_for_update(no_key=True).get(pk=use_case_id)
    _require_openable(use_case)
    version = version_in_force()
    tiering = _tiering(policy_of(version), use_case)
    snapshot = snapshot_of(use_case, version, tiering, up_to_stage, submission)
    text, digest = freeze(snapshot)
    review = Review.objects.create(
        ref=references.take("R", clock.today().year)[0], use_case=use_case, submission=submission, policy=version,
        cause=cause, route=tiering.route.decision.value, tier=tiering.route.tier, up_to_stage=up_to_stage,
        charter=seating.charter_of(use_case.unit, tiering.route), snapshot=text, snapshot_hash=digest,
        opened_by=by, opened_at=clock.now(), appeal_of=appeal_of, plea=plea, why=why.text[:500], why_url=why.url,
    )  # fmt: skip
    _keep_snapshot(review)
    parties = {user.pk: user for user in parties_of(review)}.values()
    ReviewPerson.objects.bulk_create([ReviewPerson(review=review, user=u, capacity=Capacity.PARTY) for u in parties])
    record(
        "review.opened", review, by=by, unit=use_case.unit_id, use_case=use_case.ref, cause=Cause(cause).label,
        tier=review.tier, policy=version.number, snapshot=digest, why=review.why,
    )  # fmt: skip
    _start(review, tiering, snapshot)
    return review


@transaction.atomic
def on_submitted(submission: Submission, by: User) -> None:
    """Portfolio's port: a submission opens a review, or goes to the one that was returned."""
    waiting = Review.objects.filter(use_case_id=submission.use_case_id, state=ReviewState.RETURNED).first()
    if waiting:
        resubmit(waiting.pk, by=by, submission=submission)
    else:
        open_review(submission.use_case_id, by=by, submission=submission)


@explained
@transaction.atomic
def report_finding(
    review_id: int,
    function: str,
    severity: Severity,
    text: str,
    wanted: str = "",
    *,
    by: User,
    control: str = "",
    finish: bool = True,
) -> Finding:
    """Report what the reviewer of one function found; FINISH signs the examination off."""
    review = locked(review_id)
    require(rules.objection_to_find(by, review, function))
    require(objection_by(Conflict.objects.of(by, review.use_case)))
    if not text.strip():
        raise Invalid("Say what you found.", "text")
    if control and control not in {known.id for known in policy_of(review.policy).controls}:
        raise Invalid("The policy has no such control.", "control")
    ReviewPerson.objects.get_or_create(review=review, user=by, defaults={"capacity": Capacity.JUDGE})
    finding = Finding.objects.create(
        review=review, user=by, function=function, severity=severity, text=text.strip(), wanted=wanted.strip(),
        control=control, snapshot_hash=review.snapshot_hash, reported_at=clock.now(),
    )  # fmt: skip
    record(
        "finding.reported", review, by=by, unit=review.use_case.unit_id, function=function,
        severity=Severity(severity).label, text=finding.text, control=control, snapshot=review.snapshot_hash,
    )  # fmt: skip
    for step in rules.running(review, StepKind.EXAMINE):
        if finish and step.function == function:
            steps.finish(review, step)
            step_aside_in(review)
    return finding


@explained
@transaction.atomic
def return_review(review_id: int, reason: str, *, by: User, remarks: Mapping[str, str] | None = None) -> Review:
    """Return a review to its team, with remarks at single answers; the clocks stop until it is submitted again."""
    review = locked(review_id)
    require(rules.objection_to_return(by, review, review.votes.exists()))
    if not reason.strip():
        raise Invalid("Say what has to change.", "reason")
    review.state, review.returned_at, review.return_reason = ReviewState.RETURNED, clock.now(), reason.strip()
    review.save(update_fields=["state", "returned_at", "return_reason"])
    for fact, text in (remarks or {}).items():
        make_remark(review.use_case_id, fact, text, by=by, tell=False)
    record("review.returned", review, by=by, unit=review.use_case.unit_id, use_case=review.use_case.ref,
           reason=review.return_reason, remarks=len(remarks or {}))  # fmt: skip
    notices.returned(parties_of(review), review)
    return review


@explained
@transaction.atomic
def resubmit(review_id: int, *, by: User, submission: Submission | None = None) -> Review:
    """Submit a returned review again. Changed facts are frozen anew and examined anew.

    If they lead to another route, this review is withdrawn and another one opened.
    """
    review = locked(review_id)
    require(rules.objection_to_resubmit(by, review))
    tiering = _tiering(policy_of(review.policy), review.use_case)
    if not steps.follows(review, tiering.route):
        close_withdrawn(review, by, "The facts now lead to another route.")
        return open_review(
            review.use_case_id, by=by, up_to_stage=review.up_to_stage, cause=Cause(review.cause), submission=submission
        )
    waited = steps.resume_clocks(review)
    snapshot = snapshot_of(review.use_case, review.policy, tiering, review.up_to_stage, submission or review.submission)
    text, digest = freeze(snapshot)
    changed = digest != review.snapshot_hash
    review.snapshot, review.snapshot_hash = text, digest
    review.submission = submission or review.submission
    review.state, review.returned_at = ReviewState.OPEN, None
    review.save(update_fields=["snapshot", "snapshot_hash", "submission", "state", "returned_at", "waited_days"])
    record(
        "review.resubmitted", review, by=by, unit=review.use_case.unit_id, use_case=review.use_case.ref,
        waited_days=waited, changed=changed, snapshot=digest,
    )  # fmt: skip
    if changed:
        _keep_snapshot(review)
        steps.restart(review)
        steps.ask_again(review, asked_in(review, tiering.route, snapshot))
        steps.begin_next_phase(review)
        step_aside_in(review)
    else:
        _resume(review)
    return review


@explained
@transaction.atomic
def withdraw_review(review_id: int, reason: str, *, by: User) -> Review:
    """Take a use case out of review without a decision."""
    review = locked(review_id)
    require(rules.objection_to_withdraw(by, review))
    return close_withdrawn(review, by, reason.strip())


def on_withdraw(use_case_id: int, by: User, reason: str) -> Review | None:
    """Answer to portfolio's port: the review that ended, None if none was open."""
    review = Review.objects.open().filter(use_case_id=use_case_id).first()
    return withdraw_review(review.pk, reason, by=by) if review else None


def _start(review: Review, tiering: Tiering, snapshot: Snapshot) -> None:
    route = tiering.route
    if route.decision == Closing.REFUSED:
        reason = " ".join(f"{rule.because} ({rule.reference})" for rule in snapshot.held if rule.tier == tiering.tier)
        decide(review, DecisionKind.STANDING, Outcome.PROHIBITED, reason)
        return
    steps.plan_steps(review, route, asked_in(review, route, snapshot))
    seating.seat_council(review, route)
    if route.decision == Closing.STANDING:
        steps.begin_next_phase(review)
        tier = policy_of(review.policy).tier(review.tier)
        reason = STANDING.format(tier=tier.number, name=tier.name)
        draw(decide(review, DecisionKind.STANDING, Outcome.APPROVED, reason))
        return
    steps.begin_next_phase(review)


def _tiering(policy: Policy, use_case: UseCase) -> Tiering:
    """What the policy says of the facts as they are, with the route that a review takes."""
    tiering = evaluate(policy, use_case.facts)
    route, additions = route_to_take(policy, tiering.tier, tiering.provisional, tiering.additions)
    return replace(tiering, route=route, additions=additions)


def _require_openable(use_case: UseCase) -> None:
    if use_case.voided_at:
        raise NotAllowed("This use case was voided.")
    known = Review.objects.filter(use_case=use_case, closed_at=None).first()
    if known:
        raise NotAllowed(f"{use_case.ref} is already under review: {known.ref}.")


def _keep_snapshot(review: Review) -> None:
    ReviewSnapshot.objects.get_or_create(
        review=review, snapshot_hash=review.snapshot_hash,
        defaults={
            "number": review.snapshots.count() + 1, "snapshot": review.snapshot, "taken_at": clock.now(),
        },
    )  # fmt: skip


def _resume(review: Review) -> None:
    running = [step for step in review.steps.all() if step.is_running]
    examining = any(step.kind == StepKind.EXAMINE for step in running)
    review.state = ReviewState.IN_REVIEW if examining else ReviewState.READY
    review.save(update_fields=["state"])
    for step in running:
        notices.your_turn(people_asked(review, step), review, step)


def close_withdrawn(review: Review, by: User, reason: str) -> Review:
    """Close REVIEW (locked by the caller) without a decision."""
    review.state, review.closed_at, review.returned_at = ReviewState.WITHDRAWN, clock.now(), None
    review.save(update_fields=["state", "closed_at", "returned_at"])
    record("review.withdrawn", review, by=by, unit=review.use_case.unit_id, use_case=review.use_case.ref,
           reason=reason)  # fmt: skip
    notices.withdrawn(office_of(review.use_case.unit), review)
    return review
