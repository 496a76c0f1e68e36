"""Where the open review of a use case is, in the words of whoever waits for it."""

from dataclasses import replace
from datetime import date

from django.utils import timezone

from caio_portal.accounts.models import User
from caio_portal.common import clock
from caio_portal.common.parts import Step
from caio_portal.common.words import plural
from governance.business_days import WorkingDays
from governance.models import Review, ReviewStep, StepKind
from governance.selectors.people import parties_of, people_asked
from governance.selectors.review_page import ReviewPage
from governance.selectors.usual_times import UsualTimes, usual_times
from portfolio import ports
from portfolio.models import UseCase


def whereabouts(use_case: UseCase, user: User) -> ports.Whereabouts | None:
    """Answer to portfolio's port."""
    review = Review.objects.for_page().filter(use_case=use_case, closed_at=None).first()
    if review is None:
        return None
    page = ReviewPage(review, user)
    running = page.running(*StepKind)
    returned, usual = review.returned_at is not None, usual_times(review.tier, review.route)
    days: dict[int, int] = {}  # those of a phase go on side by side
    for step in review.steps.all():
        days[step.phase] = max(days.get(step.phase, 0), step.days)
    asked = parties_of(review) if returned else _asked(review, running)
    return ports.Whereabouts(
        ref=review.ref,
        url=review.get_absolute_url(),
        steps=tuple(_told(told, step, usual) for told, step in zip(page.steps, page.route, strict=True)),
        turn=tuple(dict.fromkeys(person.name for person in asked)),
        opened_at=review.opened_at,
        days=_days(review, page.calendar, timezone.localdate(review.returned_at or clock.now())),
        returned=review.return_reason if returned else None,
        due_on=None if returned else min((step.due_on for step in running), default=None),
        usual=usual.whole,
        planned=sum(days.values()),
    )


def _told(told: Step, step: ReviewStep, usual: UsualTimes) -> Step:
    """A step with how long it usually takes, or how long is planned, while it is not over."""
    if step.finished_at or step.is_spared or step.review.closed_at:
        return told
    known = usual.of(step.kind, (step.function,))
    days = f"usually {plural(known.median, 'day')}" if known else f"{plural(step.days, 'day')} planned"
    return replace(told, detail=f"{told.detail}; {days}" if step.started_at else days.capitalize())


def _asked(review: Review, running: list[ReviewStep]) -> list[User]:
    return [person for step in running for person in people_asked(review, step)]


def _days(review: Review, calendar: WorkingDays, today: date) -> int:
    return max(0, calendar.between(timezone.localdate(review.opened_at), today) - review.waited_days)
