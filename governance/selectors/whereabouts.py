"""Where the open review of a use case is, in the words of whoever waits for it."""

from datetime import date

from django.utils import timezone

from caio_portal.accounts.models import User
from caio_portal.common import clock
from governance.business_days import WorkingDays
from governance.models import Review, ReviewStep, StepKind
from governance.selectors.people import parties_of, people_asked
from governance.selectors.review_page import ReviewPage
from governance.selectors.usual_times import usual_times
from portfolio import ports
from portfolio.models import UseCase


def whereabouts(use_case: UseCase, user: User) -> ports.Whereabouts | None:
    """Answer to portfolio's port."""
    review = Review.objects.for_page().filter(use_case=use_case, closed_at=None).first()
    if review is None:
        return None
    page = ReviewPage(review, user)
    running = page.running(*StepKind)
    returned = review.returned_at is not None
    days: dict[int, int] = {}  # those of a phase go on side by side
    for step in review.steps.all():
        days[step.phase] = max(days.get(step.phase, 0), step.days)
    asked = parties_of(review) if returned else _asked(review, running)
    return ports.Whereabouts(
        ref=review.ref,
        url=review.get_absolute_url(),
        steps=tuple(page.steps),
        turn=tuple(dict.fromkeys(person.name for person in asked)),
        opened_at=review.opened_at,
        days=_days(review, page.calendar, timezone.localdate(review.returned_at or clock.now())),
        returned=review.return_reason if returned else None,
        due_on=None if returned else min((step.due_on for step in running), default=None),
        usual=usual_times(review.tier, review.route).whole,
        planned=sum(days.values()),
    )


def _asked(review: Review, running: list[ReviewStep]) -> list[User]:
    return [person for step in running for person in people_asked(review, step)]


def _days(review: Review, calendar: WorkingDays, today: date) -> int:
    return max(0, calendar.between(timezone.localdate(review.opened_at), today) - review.waited_days)
