"""Where the open review of a use case is, in the words of whoever waits for it."""

from datetime import date, timedelta
from statistics import median

from django.utils import timezone

from caio_portal.accounts.models import User
from caio_portal.common import clock
from governance.business_days import WorkingDays
from governance.models import Decision, Review, ReviewStep, StepKind
from governance.selectors.calendars import calendars
from governance.selectors.people import parties_of, people_asked
from governance.selectors.review_page import ReviewPage
from portfolio import ports
from portfolio.models import UseCase

_LOOKED_BACK = timedelta(days=365)
_ENOUGH = 3  # decided reviews; fewer say nothing of what is usual


def whereabouts(use_case: UseCase, user: User) -> ports.Whereabouts | None:
    """Answer to portfolio's port."""
    review = Review.objects.for_page().filter(use_case=use_case, closed_at=None).first()
    if review is None:
        return None
    page = ReviewPage(review, user)
    running = page.running(*StepKind)
    returned = review.returned_at is not None
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
        usual_days=usual_days(review.tier),
    )


def usual_days(tier: int) -> int | None:
    """The median of business days from opening to decision, over the last year's decided reviews of a tier."""
    since, known = clock.now() - _LOOKED_BACK, calendars()
    decided = Decision.objects.filter(review__tier=tier, decided_at__gte=since, review__opened_at__lte=clock.now())
    rows = decided.values_list("review__opened_at", "decided_at", "review__waited_days", "review__use_case__unit__path")
    days = [
        max(0, known.at(path).between(timezone.localdate(opened), timezone.localdate(ended)) - waited)
        for opened, ended, waited, path in rows
    ]
    return round(median(days)) if len(days) >= _ENOUGH else None


def _asked(review: Review, running: list[ReviewStep]) -> list[User]:
    return [person for step in running for person in people_asked(review, step)]


def _days(review: Review, calendar: WorkingDays, today: date) -> int:
    return max(0, calendar.between(timezone.localdate(review.opened_at), today) - review.waited_days)
