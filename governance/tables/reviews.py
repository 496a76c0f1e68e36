"""The list of reviews."""

from typing import Any, cast

from django.db.models import BooleanField, Case, Exists, F, Min, OuterRef, Q, Subquery, Value, When

from caio_portal.accounts.models import User
from caio_portal.accounts.selectors import roles_of
from caio_portal.common import clock
from caio_portal.common.tables import Choices, Column, Flag, Table
from governance.models import (
    Capacity,
    Cause,
    Review,
    ReviewPerson,
    ReviewQuerySet,
    ReviewSeat,
    ReviewState,
    ReviewStep,
    StepKind,
)
from governance.selectors.approvals import state_of_decision, state_word

TIERS = [(number, f"Tier {number}") for number in range(1, 6)]


def listed(reviews: ReviewQuerySet, user: User) -> ReviewQuerySet:
    """REVIEWS with what the list shows: the next due day, whether it has passed, whether it is this person's turn."""
    steps = ReviewStep.objects.filter(review=OuterRef("pk"), started_at__isnull=False, finished_at=None)
    due = Subquery(steps.order_by().values("review").annotate(due=Min("due_on")).values("due"))
    party = ReviewPerson.objects.filter(review=OuterRef("pk"), user=user, capacity=Capacity.PARTY)
    seat = ReviewSeat.objects.filter(review=OuterRef("pk"), holder=user)
    mine = Q(Exists(party)) | Q(Exists(seat)) | Q(Exists(_my_steps(user)))
    found = reviews.annotate(
        due=Case(When(closed_at=None, returned_at=None, then=due)),
        approval_state=state_of_decision(),
        is_mine=Case(When(mine, then=Value(True)), default=Value(False), output_field=BooleanField()),
    ).annotate(
        is_overdue=Case(
            When(due__lt=clock.today(), then=Value(True)), default=Value(False), output_field=BooleanField()
        )
    )
    return cast(
        ReviewQuerySet, found.select_related("use_case__unit", "decision").defer("snapshot", "decision__receipt")
    )


def _my_steps(user: User) -> Any:
    """Running examinations of a function that this person holds somewhere."""
    return ReviewStep.objects.filter(
        review=OuterRef("pk"), kind=StepKind.EXAMINE, started_at__isnull=False, finished_at=None,
        function__in=roles_of(user).functions(),
    )  # fmt: skip


def _outcome(row: Any) -> str:
    return row.decision.get_outcome_display() if row.state == ReviewState.DECIDED else ""


class ReviewTable(Table[Review]):
    id = "reviews"
    noun = ("review", "reviews")
    caption = "Reviews of use cases"
    file_name = "reviews"
    search = ("ref__icontains", "use_case__title__icontains", "use_case__ref__icontains")
    search_label = "Find a review or use case"
    default_sort = "due"
    empty_title = "No reviews yet"
    empty_text = "A review opens when somebody submits a use case."
    columns = (
        Column("use_case.title", "Use case", sort="use_case__title"),
        Column("ref", "Review", sort="ref"),
        Column("use_case.unit.name", "Unit", sort="use_case__unit__name"),
        Column("tier", "Tier", sort="tier", down_first=True),
        Column("cause", "Opened because", on_page=False, value=lambda row: row.get_cause_display()),
        Column("why", "Because of what", on_page=False),
        Column("state", "State", sort="state", value=lambda row: row.get_state_display()),
        Column("outcome", "Outcome", value=_outcome),
        Column("approval", "Approval now", value=state_word, on_page=False),
        Column("due", "Due", sort=F("due")),
        Column("opened_at", "Opened", sort="opened_at", down_first=True),
        Column("closed_at", "Closed", sort="closed_at", on_page=False, down_first=True),
        Column("waited_days", "Days with the team", numeric=True, on_page=False),
    )
    filters = (
        Choices("state", "State", ReviewState.choices),
        Choices("tier", "Tier", TIERS),
        Choices("cause", "Opened because", Cause.choices),
        Flag("mine", "Mine", Q(is_mine=True)),
        Flag("overdue", "Overdue", Q(is_overdue=True)),
    )
