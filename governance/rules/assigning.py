"""Who gives a step of a review to whom."""

from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import roles_of
from governance.models import Conflict, Review, ReviewStep, StepKind
from governance.rules.reviews import CLOSED, is_office, is_party, may_approve


def objection_to_assign(user: User, review: Review, step: ReviewStep, to: User) -> str | None:
    """The office gives steps to others; whoever can do a step takes it on."""
    if review.closed_at or step.finished_at:
        return CLOSED if review.closed_at else "This step is finished."
    if step.kind not in (StepKind.EXAMINE, StepKind.APPROVE):
        return "Only an examination or a decision by one person is given to somebody."
    if user != to and not is_office(user, review):
        return "Only the CAIO office gives a step to somebody else."
    return objection_to_take_on(to, review, step)


def objection_to_take_on(to: User, review: Review, step: ReviewStep) -> str | None:
    """Whether somebody can do a step at all."""
    if not to.is_active:
        return f"{to} has no active account."
    if is_party(to, review):
        return f"{to} is a party of {review.use_case.ref}."
    if Conflict.objects.of(to, review.use_case):
        return f"{to} has declared an interest in {review.use_case.ref}."
    functions = roles_of(to).functions(unit=review.use_case.unit_id)
    able = step.function in functions if step.kind == StepKind.EXAMINE else may_approve(to, review, [step])
    return None if able else f"{to} does not do this step: {step}."


def objection_to_ask(user: User, review: Review, has_votes: bool) -> str | None:
    """Asking those in whose field nothing is new: for the office, until somebody has voted on what was examined."""
    if review.closed_at:
        return CLOSED
    if not is_office(user, review):
        return "Only the CAIO office asks a function in whose field nothing is new."
    if review.returned_at:
        return "The review was returned: ask when it is submitted again."
    return "Votes have been cast on what was examined." if has_votes else None


def objection_to_remind(user: User, review: Review, step: ReviewStep) -> str | None:
    if not is_office(user, review):
        return "Only the CAIO office reminds people."
    if review.closed_at or review.returned_at or not step.is_running:
        return f"The clock of {step} of {review.ref} does not run."
    return None
