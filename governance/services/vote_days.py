"""Until when a review is voted on: as long as its route gives, and until the meeting that has it on its agenda."""

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from governance.business_days import WorkingDays
from governance.models import AgendaEntry, ReviewStep, StepKind
from governance.selectors.calendars import calendar_of
from governance.services.locking import locked


def due_day(step: ReviewStep, calendar: WorkingDays, since: date, days: int) -> date:
    """The last day of a step that has DAYS business days from SINCE.

    A vote is open until the meeting to come. What a meeting left undecided gets its days again from that meeting on.
    """
    if step.kind != StepKind.VOTE:
        return calendar.add(since, days)
    entries = AgendaEntry.objects.filter(review=step.review_id)
    meetings = list(entries.values_list("meeting__held_on", "meeting__closed_at"))
    since = max([since, *(timezone.localdate(closed) for _, closed in meetings if closed)])
    return max([calendar.add(since, days), *(day for day, closed in meetings if closed is None)])


def set_vote_days(review_ids: Iterable[int]) -> int:
    """Set the last day of the running votes of these reviews again; returns how many ended on another day before."""
    moved = 0
    for review_id in sorted(review_ids):
        review = locked(review_id)
        calendar = calendar_of(review.use_case.unit)
        for step in review.steps.filter(kind=StepKind.VOTE, started_at__isnull=False, finished_at=None):
            assert step.started_at
            since = timezone.localdate(step.started_at)
            due_on = due_day(step, calendar, since, step.days + step.waited_days)
            if due_on != step.due_on:
                moved += ReviewStep.objects.filter(pk=step.pk).update(due_on=due_on, reminded_at=None)
    return moved
