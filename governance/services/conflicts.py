"""Declaring a conflict of interest once: from then on it is a recusal wherever it matters."""

from django.db import transaction
from django.db.models import Q

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed, require
from governance.decisions import Choice
from governance.models import Conflict, Review, ReviewSeat, ReviewStep, StepKind, Vote
from governance.refusals import explained
from governance.rules import conflicts as rules
from governance.services.votes import cast_vote
from vendors.models import Vendor

_VOTING = Q(kind=StepKind.VOTE, started_at__isnull=False, finished_at=None)


@explained
@transaction.atomic
def declare_conflict(*, by: User, unit: OrgUnit | None = None, vendor: Vendor | None = None, reason: str) -> Conflict:
    """Declare an interest in a unit or a vendor; votes that are open are recused from at once."""
    require(rules.objection_to_declare(by))
    if (unit is None) == (vendor is None):
        raise Invalid("Name a unit or a vendor.", "unit")
    if not reason.strip():
        raise Invalid("Say what binds you.", "reason")
    if Conflict.objects.standing().filter(user=by, unit=unit, vendor=vendor).exists():
        raise Invalid("You have declared this already.", "unit" if unit else "vendor")
    conflict = Conflict.objects.create(
        user=by, unit=unit, vendor=vendor, reason=reason.strip(), declared_at=clock.now()
    )  # fmt: skip
    record(
        "conflict.declared", conflict, by=by, unit=unit.pk if unit else None, what=conflict.subject,
        reason=conflict.reason,
    )  # fmt: skip
    _step_aside(by)
    return conflict


@explained
@transaction.atomic
def end_conflict(conflict_id: int, *, by: User) -> Conflict:
    """End a declaration; what was recused from meanwhile stays so."""
    conflict = Conflict.objects.select_for_update(of=("self",)).select_related("unit", "vendor").get(pk=conflict_id)
    require(rules.objection_to_end_conflict(by, conflict))
    conflict.ended_at = clock.now()
    conflict.save(update_fields=["ended_at"])
    record("conflict.ended", conflict, by=by, unit=conflict.unit_id, what=conflict.subject)
    return conflict


def step_aside_in(review: Review) -> int:
    """Recuse, as soon as the vote of REVIEW is open, whose interest was declared after the seats were given."""
    if not ReviewStep.objects.filter(_VOTING, review=review).exists():
        return 0
    spoken = Vote.objects.filter(review=review).values("voter")
    holders = ReviewSeat.objects.filter(review=review).exclude(holder__in=spoken).values("holder")
    bound = Conflict.objects.standing().filter(user__in=holders).touching(review.use_case)
    first = {conflict.user_id: conflict for conflict in bound.select_related("user", "unit", "vendor")}
    return sum(_recused(review, conflict, conflict.user) for conflict in first.values())


def step_aside_where_declared() -> int:
    """Recuse from whatever is left, such as votes that went back to somebody; returns how many. For the hourly job."""
    users = User.objects.filter(pk__in=Conflict.objects.standing().values("user")).order_by("pk")
    return sum(_step_aside(user) for user in users)


def _step_aside(user: User) -> int:
    """Recuse USER from every open vote that a declaration touches; their votes cast before stand."""
    open_votes = ReviewStep.objects.filter(_VOTING)
    held = ReviewSeat.objects.filter(holder=user, review__in=open_votes.values("review"))
    spoken = Vote.objects.filter(voter=user).values("review")
    waiting = Review.objects.open().filter(pk__in=held.values("review"), returned_at=None).exclude(pk__in=spoken)
    count = 0
    for review in waiting.select_related("use_case__unit").defer("snapshot").order_by("pk"):
        conflict = Conflict.objects.of(user, review.use_case)
        if conflict:
            count += _recused(review, conflict, user)
    return count


def _recused(review: Review, conflict: Conflict, user: User) -> bool:
    """Whether the recusal was taken; a review that closed in the meantime needs none."""
    reason = f"Declared interest in {conflict.subject}: {conflict.reason}"
    try:
        cast_vote(review.pk, Choice.RECUSE, reason, by=user)
    except NotAllowed:
        return False
    return True
