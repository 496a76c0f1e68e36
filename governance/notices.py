"""What people are told about reviews, in the portal and by mail."""

from collections.abc import Iterable
from datetime import date

from django.urls import reverse

from caio_portal.accounts.models import User
from caio_portal.accounts.services import notify
from governance.models import Comment, Condition, Decision, PolicyVersion, Review, ReviewStep, SecondLook

VERBS = {
    "approve": "decide", "examine": "examine", "vote": "vote on", "accept_risk": "accept or decline the risk of",
}  # fmt: skip


def your_turn(users: Iterable[User], review: Review, step: ReviewStep) -> None:
    text = f"Your turn: {VERBS[step.kind]} {_named(review)} by {_day(step.due_on)}."
    notify(users, review, text, review.get_absolute_url())


def returned(users: Iterable[User], review: Review) -> None:
    text = f"Returned to you: {_named(review)}. {review.return_reason}"
    notify(users, review, text, reverse("portfolio:intake_check", args=[review.use_case.ref]))


def resubmitted(users: Iterable[User], review: Review) -> None:
    notify(users, review, f"Submitted again: {_named(review)}.", review.get_absolute_url())


def withdrawn(users: Iterable[User], review: Review) -> None:
    notify(users, review, f"Withdrawn: {_named(review)}.", review.get_absolute_url())


def decided(users: Iterable[User], review: Review, decision: Decision) -> None:
    text = f"{decision.get_outcome_display()}: {_named(review)}. {decision.reason}"
    notify(users, review, text, review.get_absolute_url())


def seat_needs_holder(users: Iterable[User], review: Review, title: str) -> None:
    text = f"The mandatory seat {title} has nobody to vote on {_named(review)}: appoint a holder."
    notify(users, review, text, review.get_absolute_url())


def condition_due(users: Iterable[User], condition: Condition, review: Review) -> None:
    text = f"Condition due on {_day(condition.due_on)}: {condition.text}"
    notify(users, condition, text, review.get_absolute_url())


def approval_suspended(users: Iterable[User], condition: Condition, review: Review) -> None:
    text = f"Approval of {review.use_case.ref} suspended: the condition “{condition.text}” is overdue."
    notify(users, condition, text, review.get_absolute_url())


def approval_restored(users: Iterable[User], review: Review) -> None:
    notify(users, review, f"Approval of {review.use_case.ref} is in force again.", review.get_absolute_url())


def approval_stale(users: Iterable[User], review: Review) -> None:
    text = f"Approval of {review.use_case.ref} is stale: facts that it rests on have changed. It opens no gate."
    notify(users, review, text, review.get_absolute_url())


def approval_ended(users: Iterable[User], review: Review, reason: str) -> None:
    text = f"Approval of {review.use_case.ref} has ended: {reason}"
    notify(users, review, text, review.get_absolute_url())


def second_look_differs(users: Iterable[User], look: SecondLook, review: Review) -> None:
    text = f"A second look finds a graver tier for {review.use_case.ref} than it was cleared with: {look.note}"
    notify(users, look, text, look.get_absolute_url())


def clock_near_its_end(users: Iterable[User], review: Review, step: ReviewStep, today: date) -> None:
    word = "is overdue since" if step.due_on < today else "is due on"
    text = f"{step} of {_named(review)} {word} {_day(step.due_on)}."
    notify(users, review, text, review.get_absolute_url())


def reminded(users: Iterable[User], review: Review, step: ReviewStep, by: User) -> None:
    text = f"{by} reminds you: {VERBS[step.kind]} {_named(review)} by {_day(step.due_on)}."
    notify(users, review, text, review.get_absolute_url())


def stuck(users: Iterable[User], review: Review, step: ReviewStep, asked: Iterable[User]) -> None:
    names = ", ".join(user.name for user in asked) or "nobody"
    text = f"{step} of {_named(review)} was due on {_day(step.due_on)} and waits for {names}."
    notify(users, review, text, "/reviews/workload/")


def named(users: Iterable[User], review: Review, remark: Comment) -> None:
    notify(users, review, f"{remark.by} names you in {_named(review)}: {remark.text}", _at(review, remark))


def answered(users: Iterable[User], review: Review, remark: Comment) -> None:
    notify(users, review, f"{remark.by} answers in {_named(review)}: {remark.text}", _at(review, remark))


def policy_remark(users: Iterable[User], version: PolicyVersion, remark: Comment) -> None:
    text = f"{remark.by} on {version}: {remark.text}"
    notify(users, version, text, f"{version.get_absolute_url()}#remarks")


def policy_changes(users: Iterable[User], review: Review, version: PolicyVersion, said: Iterable[str]) -> None:
    """For those whose review goes on under the policy that it was opened under."""
    day = f" from {_day(version.valid_from)}" if version.valid_from else ""
    text = f"{version} changes {review.use_case.ref}{day}: {'; '.join(said)}. {review.ref} goes on as it began."
    notify(users, review, text, review.get_absolute_url())


def _at(review: Review, remark: Comment) -> str:
    return f"{review.get_absolute_url()}#{remark.anchor or 'comments'}"


def _named(review: Review) -> str:
    return f"{review.ref}, {review.use_case.title}"


def _day(day: date) -> str:
    return f"{day:%-d %B %Y}"
