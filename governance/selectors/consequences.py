"""What each outcome of a review would mean for the team: said before the vote, so that nobody is surprised."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from governance.business_days import WorkingDays
from governance.decisions import NamedCondition, Outcome
from governance.models import Cause, Review
from governance.policy import Tier
from governance.selectors.arguments import due
from governance.snapshots import Snapshot
from portfolio.stages import Stage


@dataclass(frozen=True)
class Consequence:
    outcome: Outcome
    sentences: tuple[str, ...]


def consequences(
    review: Review,
    snapshot: Snapshot,
    tier: Tier,
    named: Iterable[NamedCondition],
    today: date,
    calendar: WorkingDays,
    *,
    has_approval: bool,
) -> tuple[Consequence, ...]:
    """One entry for each outcome that people can still bring about."""
    stage = Stage(review.up_to_stage).label.lower()
    until = today + timedelta(days=tier.approval_days)
    leave = f"It may go up to {stage} until {until:%-d %B %Y}."
    return (
        Consequence(Outcome.APPROVED, (leave, *_gates(snapshot), *_again(tier))),
        Consequence(Outcome.APPROVED_WITH_CONDITIONS, (leave, *_conditions(named, today, calendar), *_gates(snapshot))),
        Consequence(Outcome.REJECTED, tuple(_rejected(review, stage, has_approval=has_approval))),
        Consequence(
            Outcome.DEFERRED,
            (
                "If the vote ends without a result, nothing changes: the team submits again when it has more to show.",
                *(("The approval that it has stays as it is.",) if has_approval else ()),
            ),
        ),
    )


def _gates(snapshot: Snapshot) -> Iterator[str]:
    missing = [control for control in due(snapshot) if control.state not in ("met", "not_applicable", "excepted")]
    if missing:
        words = "1 control is" if len(missing) == 1 else f"{len(missing)} controls are"
        yield f"The gate stays closed until {words} met."


def _again(tier: Tier) -> Iterator[str]:
    if tier.review_months:
        yield f"It is looked at again after {tier.review_months} months, or when its material facts change."


def _conditions(named: Iterable[NamedCondition], today: date, calendar: WorkingDays) -> Iterator[str]:
    for condition in named:
        yield f"By {condition.due_on(today, calendar):%-d %B %Y}: {condition.text}"
    yield "A condition that is overdue suspends the approval until it is met."


def _rejected(review: Review, stage: str, *, has_approval: bool) -> Iterator[str]:
    if has_approval and review.cause not in (Cause.SUBMISSION, Cause.APPEAL):
        yield "The approval that it has is taken back."
    elif has_approval:
        yield "The approval that it has stays as it is."
    yield f"It may not go up to {stage}. The team may change what was found and submit it again."
