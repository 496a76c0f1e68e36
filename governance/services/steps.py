"""The steps of a review: which clocks run, when they stop, and what comes next."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import people_with
from caio_portal.audit.events import record
from caio_portal.common import clock
from governance import notices
from governance.asking import Asked
from governance.models import Review, ReviewState, ReviewStep, StepKind
from governance.policy import Route
from governance.selectors.calendars import calendar_of, calendars
from governance.selectors.people import office_of, people_asked
from governance.services.vote_days import due_day

LONGEST_PAUSE = timedelta(days=40)  # from one business day to the next
LATE = 3  # business days after its day, a step is the Chief AI Officer's business


def plan_steps(review: Review, route: Route, asked: Mapping[str, Asked]) -> list[ReviewStep]:
    """Write the steps of ROUTE: one row per function, the functions of one step side by side.

    ASKED says whom an examination asks.
    """
    due, calendar = clock.today(), calendar_of(review.use_case.unit)
    rows: list[ReviewStep] = []
    days = [step.days for step in route.steps]
    for position, (phase, kind, function) in enumerate(_planned(route), 1):
        if not rows or rows[-1].phase != phase:
            due = calendar.add(due, days[phase - 1])
        row = ReviewStep(
            review=review, position=position, phase=phase, kind=kind, function=function, days=days[phase - 1],
            due_on=due,
        )  # fmt: skip
        _ask(row, asked)
        rows.append(row)
    _note_spared(review, rows)
    return ReviewStep.objects.bulk_create(rows)


def ask_again(review: Review, asked: Mapping[str, Asked]) -> None:
    """Ask those too in whose field something is new by now; whoever is asked stays asked."""
    for step in ReviewStep.objects.filter(review=review, nothing_new_since__isnull=False):
        _ask(step, asked)
        step.save(update_fields=["asked_because", "nothing_new_since"])


def follows(review: Review, route: Route) -> bool:
    """Whether the steps of REVIEW are those of ROUTE."""
    known = list(ReviewStep.objects.filter(review=review).values_list("phase", "kind", "function"))
    return review.route == route.decision.value and review.tier == route.tier and known == _planned(route)


def next_phase(review: Review) -> list[ReviewStep]:
    """The steps that come next; none while steps run, or when all are done."""
    steps = list(ReviewStep.objects.filter(review=review))
    if any(step.is_running for step in steps):
        return []
    waiting = [step for step in steps if step.started_at is None and not step.is_spared]
    return [step for step in waiting if step.phase == waiting[0].phase]


def begin_next_phase(review: Review) -> list[ReviewStep]:
    """Start the clocks of the next phase and tell the people whose turn it is."""
    phase = next_phase(review)
    if not phase:
        return []
    calendar = calendar_of(review.use_case.unit)
    for step in phase:
        step.started_at, step.due_on = clock.now(), due_day(step, calendar, clock.today(), step.days)
        step.save(update_fields=["started_at", "due_on"])
    examining = phase[0].kind == StepKind.EXAMINE
    review.state = ReviewState.IN_REVIEW if examining else ReviewState.READY
    review.save(update_fields=["state"])
    for step in phase:
        if step.kind != StepKind.CLEAR:  # nobody's turn: the standing approval clears it now
            notices.your_turn(people_asked(review, step), review, step)
    return phase


def finish(review: Review, step: ReviewStep, result: dict[str, Any] | None = None) -> None:
    """End a step, keeping its RESULT for the steps to come; when its phase is through, the next begins."""
    step.finished_at, step.result = clock.now(), result
    step.save(update_fields=["finished_at", "result"])
    begin_next_phase(review)


def has_more(review: Review, step: ReviewStep) -> bool:
    """Whether other steps of REVIEW have still to be finished."""
    left = ReviewStep.objects.filter(review=review, finished_at=None, nothing_new_since=None)
    return left.exclude(pk=step.pk).exists()


def last_result(review: Review) -> dict[str, Any]:
    """What the steps before this one have decided; empty if none has."""
    results = ReviewStep.objects.filter(review=review, result__isnull=False).order_by("-position")
    return results.values_list("result", flat=True).first() or {}


def resume_clocks(review: Review) -> int:
    """Move the due days of running steps by the business days that the team took; returns those days."""
    assert review.returned_at
    calendar = calendar_of(review.use_case.unit)
    waited = calendar.between(timezone.localdate(review.returned_at), clock.today())
    review.waited_days += waited
    for step in ReviewStep.objects.filter(review=review, started_at__isnull=False, finished_at=None):
        step.waited_days += waited
        assert step.started_at
        step.due_on = due_day(step, calendar, timezone.localdate(step.started_at), step.days + step.waited_days)
        step.save(update_fields=["waited_days", "due_on"])
    return waited


def restart(review: Review) -> None:
    """Begin the route again: what was examined is no longer what lies before the reviewers."""
    ReviewStep.objects.filter(review=review).update(
        started_at=None, finished_at=None, reminded_at=None, escalated_at=None, result=None
    )


def ask_anyway(review: Review, step: ReviewStep) -> None:
    """Ask an examination that was spared; what came after it waits for it."""
    calendar = calendar_of(review.use_case.unit)
    step.nothing_new_since = None
    begun = ReviewStep.objects.filter(review=review, started_at__isnull=False, phase__gte=step.phase)
    if begun.exists():
        begun.filter(phase__gt=step.phase).update(
            started_at=None, finished_at=None, reminded_at=None, escalated_at=None
        )
        step.started_at, step.due_on = clock.now(), calendar.add(clock.today(), step.days)
        review.state = ReviewState.IN_REVIEW
        review.save(update_fields=["state"])
    step.save(update_fields=["nothing_new_since", "started_at", "due_on"])
    if step.is_running:
        notices.your_turn(people_asked(review, step), review, step)


@transaction.atomic
def remind() -> int:
    """Tell of steps due by the next business day, or overdue, each once; returns how many. For the daily job."""
    today, known = clock.today(), calendars()
    due = ReviewStep.objects.filter(
        started_at__isnull=False, finished_at=None, reminded_at=None, due_on__lte=today + LONGEST_PAUSE,
        review__closed_at=None, review__returned_at=None,
    ).select_related("review__use_case__unit")  # fmt: skip
    count = 0
    for step in due:
        if step.due_on > known.of(step.review.use_case.unit).add(today, 1):
            continue
        people = people_asked(step.review, step) + office_of(step.review.use_case.unit)
        notices.clock_near_its_end(people, step.review, step, today)
        step.reminded_at = clock.now()
        step.save(update_fields=["reminded_at"])
        count += 1
    return count


@transaction.atomic
def escalate() -> int:
    """Tell the Chief AI Officer, once each, of steps that nobody has finished LATE business days after their day."""
    today, known = clock.today(), calendars()
    late = ReviewStep.objects.filter(
        started_at__isnull=False, finished_at=None, escalated_at=None, due_on__lt=today, review__closed_at=None,
        review__returned_at=None,
    ).select_related("review__use_case__unit")  # fmt: skip
    count = 0
    for step in late.order_by("pk"):
        if known.of(step.review.use_case.unit).between(step.due_on, today) < LATE:
            continue
        chiefs = people_with(Role.CAIO, unit=step.review.use_case.unit)
        notices.stuck(chiefs, step.review, step, people_asked(step.review, step))
        step.escalated_at = clock.now()
        step.save(update_fields=["escalated_at"])
        count += 1
    return count


def _ask(step: ReviewStep, asked: Mapping[str, Asked]) -> None:
    """Say on an examination whether it is asked for, and why."""
    if step.kind == StepKind.EXAMINE and (found := asked.get(step.function)):
        step.asked_because, step.nothing_new_since_id = found.because[:500], found.nothing_new_since


def _note_spared(review: Review, rows: Iterable[ReviewStep]) -> None:
    examining = [row for row in rows if row.kind == StepKind.EXAMINE]
    if any(row.is_spared for row in examining):
        record(
            "review.asks", review, by=None, unit=review.use_case.unit_id,
            asked=[{"function": row.function, "because": row.asked_because} for row in examining if not row.is_spared],
            functions=", ".join(row.function for row in examining if not row.is_spared),
            spared=", ".join(row.function for row in examining if row.is_spared),
        )  # fmt: skip


def _planned(route: Route) -> list[tuple[int, str, str]]:
    """Phase, kind and function of each step; a vote is one step, whoever has a seat."""
    return [
        (phase, step.kind.value, function)
        for phase, step in enumerate(route.steps, 1)
        for function in (("",) if step.kind == StepKind.VOTE else step.functions or ("",))
    ]
