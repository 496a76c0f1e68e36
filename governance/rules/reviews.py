"""Who may do what to a review, and when: None, or the sentence that says why not."""

from collections.abc import Collection
from datetime import date

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import roles_of
from governance.decisions import Choice, NamedCondition, Outcome
from governance.models import (
    Capacity,
    Conflict,
    Decision,
    Review,
    ReviewPerson,
    ReviewSeat,
    ReviewState,
    ReviewStep,
    StepKind,
    Vote,
)
from governance.snapshots import Snapshot

OFFICE = (Role.CAIO, Role.CAIO_OFFICE)
CLOSED = "This review is closed."
PARTY = "You are a party of this use case: who requests, owns or sponsors it neither examines nor decides it."


def is_party(user: User, review: Review) -> bool:
    """Whether USER requests, owns or sponsors the use case, now or when the review was opened."""
    case = review.use_case
    if user.pk in (case.owner_id, case.sponsor_id, case.requester_id):
        return True
    return ReviewPerson.objects.filter(review=review, user=user, capacity=Capacity.PARTY).exists()


def is_office(user: User, review: Review) -> bool:
    return roles_of(user).has(*OFFICE, unit=review.use_case.unit_id)


def running(review: Review, *kinds: StepKind) -> list[ReviewStep]:
    """The steps of KINDS whose clocks run."""
    return [step for step in review.steps.all() if step.is_running and step.kind in kinds]


def objection_to_vote(user: User, review: Review, seat: ReviewSeat | None, mine: Vote | None) -> str | None:
    """SEAT is the one that USER holds in this review, MINE the last vote that USER cast on it."""
    if review.closed_at:
        return CLOSED
    if user.pk in review.use_case.party_ids or (seat is None and is_party(user, review)):  # a holder is no party of it
        return "You cannot vote on a use case that you request, own or sponsor."
    if seat is None:
        return "Only the holders of this review's seats vote."
    if review.state == ReviewState.RETURNED:
        return "The review was returned: voting goes on when it is submitted again."
    if not running(review, StepKind.VOTE):
        return "The vote is not open."
    if mine is not None and mine.choice == Choice.RECUSE:
        return "You have recused yourself from this review."
    return None


def objection_to_ballot(choice: Choice, reason: str, conditions: Collection[NamedCondition]) -> str | None:
    """Whether what stands on the ballot belongs together."""
    if choice != Choice.APPROVE and not reason.strip():
        return "Say why: every vote but a plain approval needs a reason."
    if choice == Choice.APPROVE_WITH_CONDITIONS and not conditions:
        return "Name at least one condition, or approve without."
    if choice != Choice.APPROVE_WITH_CONDITIONS and conditions:
        return "Only an approval with conditions names conditions."
    return None


def objection_to_find(user: User, review: Review, function: str) -> str | None:
    if review.closed_at:
        return CLOSED
    if is_party(user, review):
        return PARTY
    if review.state == ReviewState.RETURNED:
        return "The review was returned: findings wait until it is submitted again."
    if function not in roles_of(user).functions(unit=review.use_case.unit_id):
        return f"Only reviewers of the function {function} report its findings."
    if not any(step.function == function for step in running(review, StepKind.EXAMINE)):
        return f"No examination by {function} is open."
    return None


def objection_to_return(user: User, review: Review, has_votes: bool) -> str | None:
    if review.closed_at:
        return CLOSED
    if is_party(user, review):
        return PARTY
    if review.state == ReviewState.RETURNED:
        return "The review has already been returned."
    if has_votes:
        return "Votes have been cast on this snapshot: let the council decide, or withdraw the review."
    if not (is_office(user, review) or roles_of(user).functions(unit=review.use_case.unit_id)):
        return "Only reviewers, council members and the CAIO office return a review."
    return None


def objection_to_resubmit(user: User, review: Review) -> str | None:
    if review.closed_at:
        return CLOSED
    if review.state != ReviewState.RETURNED:
        return "Only a returned review is submitted again."
    if not (is_party(user, review) or is_office(user, review)):
        return "Only who requests, owns or sponsors the use case submits it again."
    return None


def objection_to_withdraw(user: User, review: Review) -> str | None:
    if review.closed_at:
        return CLOSED
    if not (is_party(user, review) or is_office(user, review)):
        return "Only who requests, owns or sponsors the use case withdraws it from review."
    return None


def objection_to_ruling(outcome: Outcome, reason: str, conditions: Collection[NamedCondition]) -> str | None:
    """Whether what one person says belongs together."""
    if outcome == Outcome.PROHIBITED:
        return "Only the policy refuses a use case as prohibited."
    if not reason.strip():
        return "Say why: a decision has a reason."
    if outcome == Outcome.APPROVED_WITH_CONDITIONS and not conditions:
        return "Name at least one condition, or approve without."
    if outcome != Outcome.APPROVED_WITH_CONDITIONS and conditions:
        return "Only an approval with conditions names conditions."
    return None


def objection_to_decide(user: User, review: Review) -> str | None:
    """For the step that one person of the CAIO office decides."""
    if review.closed_at:
        return CLOSED
    if is_party(user, review):
        return "You cannot decide on a use case that you request, own or sponsor."
    if review.state == ReviewState.RETURNED:
        return "The review was returned: it is decided when it is submitted again."
    steps = running(review, StepKind.APPROVE)
    if not steps:
        return "No decision by one person is open."
    if not may_approve(user, review, steps):
        return "Only the CAIO office decides this review."
    return objection_to_judge_appeal(user, review)


def objection_to_judge_appeal(user: User, review: Review) -> str | None:
    """Nobody decides alone on an appeal against what they decided alone."""
    if review.appeal_of_id is None:
        return None
    decided_by = Decision.objects.values_list("decided_by", flat=True).filter(pk=review.appeal_of_id).first()
    return "Somebody else decides this appeal: you took the decision." if decided_by == user.pk else None


def objection_to_approve_provisional(snapshot: Snapshot) -> str | None:
    """Approving on unknown facts would skip the stricter route that they may lead to."""
    if not snapshot.provisional:
        return None
    missing = (name.replace("_", " ") for name in snapshot.could_raise_it)
    return f"The tier is provisional. Return the review for what is unknown: {', '.join(missing)}."


def objection_to_accept_risk(user: User, review: Review) -> str | None:
    """The executive may be the sponsor, who carries the risk; never who asked for it or runs it."""
    if review.closed_at:
        return CLOSED
    if user.pk in (review.use_case.owner_id, review.use_case.requester_id):
        return "You cannot accept the risk of a use case that you request or own."
    if not running(review, StepKind.ACCEPT_RISK):
        return "No acceptance of the risk is open."
    if not roles_of(user).has(Role.EXECUTIVE, unit=review.use_case.unit_id):
        return "Only an executive of the unit accepts the risk."
    return None


def may_appoint(user: User, review: Review) -> bool:
    return review.is_open and roles_of(user).has(Role.CAIO, unit=review.use_case.unit_id)


def objection_to_appoint(user: User, review: Review, seat: ReviewSeat, last: Vote | None) -> str | None:
    if review.closed_at:
        return CLOSED
    if not roles_of(user).has(Role.CAIO, unit=review.use_case.unit_id):
        return "Only the Chief AI Officer appoints somebody to a seat."
    if not seat.mandatory:
        return "Only a mandatory seat is filled by appointment; an optional one stays out."
    recused = last is not None and last.choice == Choice.RECUSE and last.voter_id == seat.holder_id
    return None if seat.holder_id is None or recused else "This seat has a holder who can vote."


def objection_to_sit(user: User, review: Review, taken: Collection[int]) -> str | None:
    """Whether USER can hold a seat in this review; TAKEN are the keys of its present holders."""
    if not user.is_active:
        return f"{user} has no active account."
    if is_party(user, review):
        return f"{user} is a party of this use case."
    if user.pk in taken:
        return f"{user} already holds a seat in this review."
    if conflict := Conflict.objects.of(user, review.use_case):
        return f"{user} has declared an interest in {conflict.subject}."
    return None


def objection_to_close(review: Review, today: date) -> str | None:
    """Whether the deadline of the vote has passed."""
    if review.closed_at:
        return CLOSED
    steps = running(review, StepKind.VOTE)
    if review.state == ReviewState.RETURNED or not steps:
        return "The vote is not open."
    if max(step.due_on for step in steps) >= today:
        return "The deadline of the vote has not passed."
    return None


def may_approve(user: User, review: Review, steps: Collection[ReviewStep]) -> bool:
    """Whether USER holds the office, or the function that a step names."""
    roles, unit = roles_of(user), review.use_case.unit_id
    return any(
        roles.has(*OFFICE, unit=unit)
        if step.function in ("", Role.CAIO_OFFICE, Role.CAIO)
        else step.function in roles.functions(unit=unit) or roles.has(step.function, unit=unit)
        for step in steps
    )
