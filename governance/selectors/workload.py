"""What waits for whom in reviews, and where the time of those that are done has gone."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from django.db.models import Exists, OuterRef, QuerySet

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.common import clock
from governance.business_days import WorkingDays
from governance.models import Finding, Review, ReviewSeat, ReviewStep, StepKind, Vote
from governance.selectors.calendars import calendars

PERIOD = timedelta(days=180)
STAFFED = (StepKind.EXAMINE, StepKind.APPROVE)


@dataclass(frozen=True)
class Waiting:
    """A step whose clock runs."""

    step: ReviewStep
    function: str
    late: int  # business days after its day


@dataclass(frozen=True)
class Load:
    """What waits for one person, or for nobody in particular."""

    name: str
    waiting: int
    overdue: int


@dataclass(frozen=True)
class Spent:
    """How long a kind of step, or a person, has taken: business days, without those that lay with the team."""

    name: str
    count: int
    days: float
    late: int

    @property
    def on_time(self) -> int:
        return self.count - self.late


def waiting_steps(user: User, functions: Mapping[str, str]) -> list[Waiting]:
    """Every running step of the reviews that USER may see, the longest overdue first; two queries."""
    today, known = clock.today(), calendars()
    steps = ReviewStep.objects.filter(
        started_at__isnull=False, finished_at=None, review__closed_at=None, review__returned_at=None,
        review__in=Review.objects.visible_to(user),
    )  # fmt: skip
    found = steps.select_related("review__use_case__unit", "assigned_to").defer("review__snapshot")
    return [
        Waiting(step, functions.get(step.function, step.function), known.of(_unit(step)).between(step.due_on, today))
        for step in found.order_by("due_on", "review_id", "position")
    ]


def loads(waiting: list[Waiting]) -> list[Load]:
    """By the person who has taken a step on, else by its function; votes by the seats that have not voted."""
    by_name: dict[str, list[bool]] = defaultdict(list)
    for line in waiting:
        if line.step.kind != StepKind.VOTE:
            by_name[_whose(line)].append(line.late > 0)
    votes = {line.step.review_id: line.late > 0 for line in waiting if line.step.kind == StepKind.VOTE}
    for seat in _silent_seats(list(votes)):
        by_name[seat.holder.name if seat.holder else f"{seat.seat.title} (vacant)"].append(votes[seat.review_id])
    found = [Load(name, len(late), sum(late)) for name, late in by_name.items()]
    return sorted(found, key=lambda load: (-load.overdue, -load.waiting, load.name))


def spent_by_step(user: User, functions: Mapping[str, str]) -> list[Spent]:
    """Of the steps that were finished in half a year, by kind and function; the slowest first."""
    groups: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    known = calendars()
    for step in _finished(user):
        kind, function = StepKind(step.kind).label, functions.get(step.function, step.function)
        name = f"{kind}: {function}" if function else kind
        day = step.finished_at.date() if step.finished_at else clock.today()
        groups[name].append(_took(step, day, known.of(_unit(step))))
    return _summed(groups)


def spent_by_person(user: User) -> list[Spent]:
    """From the start of a step to the finding or the first vote of each person; two queries more."""
    known = calendars()
    steps = list(_finished(user))
    examined = {(step.review_id, step.function): step for step in steps if step.kind == StepKind.EXAMINE}
    voted = {step.review_id: step for step in steps if step.kind == StepKind.VOTE}
    groups: dict[str, list[tuple[int, bool]]] = defaultdict(list)
    for name, step, day in (*_findings(examined), *_votes(voted)):
        if step.started_at and day >= step.started_at.date():
            groups[name].append(_took(step, day, known.of(_unit(step))))
    return _summed(groups)


def _finished(user: User) -> "QuerySet[ReviewStep]":
    since = clock.now() - PERIOD
    steps = ReviewStep.objects.filter(finished_at__gte=since, review__in=Review.objects.visible_to(user))
    steps = steps.exclude(kind=StepKind.CLEAR).select_related("review__use_case__unit")
    return steps.defer("review__snapshot", "review__use_case__facts")


def _findings(examined: dict[tuple[int, str], ReviewStep]) -> Iterator[tuple[str, ReviewStep, date]]:
    rows = Finding.objects.filter(review__in={review for review, _ in examined}).select_related("user")
    for finding in rows:
        if step := examined.get((finding.review_id, finding.function)):
            yield finding.user.name, step, finding.reported_at.date()


def _votes(voted: dict[int, ReviewStep]) -> Iterator[tuple[str, ReviewStep, date]]:
    for vote in Vote.objects.filter(review__in=list(voted), number=1).select_related("voter"):
        yield vote.voter.name, voted[vote.review_id], vote.cast_at.date()


def _silent_seats(reviews: list[int]) -> "QuerySet[ReviewSeat]":
    spoken = Vote.objects.filter(review=OuterRef("review"), seat=OuterRef("seat"), voter=OuterRef("holder"))
    return ReviewSeat.objects.filter(~Exists(spoken), review__in=reviews).select_related("holder", "seat")


def _whose(line: Waiting) -> str:
    if line.step.assigned_to:
        return line.step.assigned_to.name
    return f"Anybody: {line.function or line.step.get_kind_display()}"


def _unit(step: ReviewStep) -> OrgUnit:
    return step.review.use_case.unit


def _took(step: ReviewStep, day: date, calendar: WorkingDays) -> tuple[int, bool]:
    """Business days from the start of STEP to DAY without those with the team, and whether DAY is after its day."""
    assert step.started_at
    return max(0, calendar.between(step.started_at.date(), day) - step.waited_days), day > step.due_on


def _summed(groups: Mapping[str, list[tuple[int, bool]]]) -> list[Spent]:
    found = [
        Spent(name, len(rows), median(days for days, _ in rows), sum(late for _, late in rows))
        for name, rows in groups.items()
    ]
    return sorted(found, key=lambda spent: (-spent.days, spent.name))
