"""Who is asked: the council of a unit, and the people behind each step."""

from collections.abc import Iterable

from django.db.models import F, Value
from django.db.models.functions import Length

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import people_with
from governance.models import Conflict, Council, Review, ReviewSeat, ReviewStep, StepKind


def council_of(unit: OrgUnit) -> Council | None:
    """The council of UNIT, or the nearest one above it."""
    councils = Council.objects.alias(of=Value(unit.path)).filter(of__startswith=F("unit__path"))
    return councils.order_by(Length("unit__path").desc(), "pk").first()


def parties_of(review: Review) -> list[User]:
    case = review.use_case
    return [user for user in (case.owner, case.requester, case.sponsor) if user is not None]


def concerned(review: Review) -> list[User]:
    """Whom it concerns how an approval stands: its parties, and the office that oversees it."""
    return [*parties_of(review), *office_of(review.use_case.unit)]


def office_of(unit: OrgUnit) -> list[User]:
    return people_with(Role.CAIO_OFFICE, unit=unit) or people_with(Role.CAIO, unit=unit)


def people_asked(review: Review, step: ReviewStep) -> list[User]:
    """Who can do a step of a review: holders of seats, reviewers of the function, the office, the executives."""
    unit = review.use_case.unit
    if step.assigned_to_id:
        return list(User.objects.filter(pk=step.assigned_to_id, is_active=True))
    match step.kind:
        case StepKind.VOTE:
            seats = ReviewSeat.objects.filter(review=review, holder__isnull=False).select_related("holder")
            found: Iterable[User] = [seat.holder for seat in seats if seat.holder]
        case StepKind.EXAMINE:
            found = people_with(Role.REVIEWER, Role.COUNCIL_MEMBER, unit=unit, function=step.function)
        case StepKind.ACCEPT_RISK:
            sponsor = review.use_case.sponsor
            found = [sponsor] if sponsor else people_with(Role.EXECUTIVE, unit=unit)
        case _:
            found = _approvers(unit, step.function)
    excluded = {case_id for case_id in (review.use_case.owner_id, review.use_case.requester_id) if case_id}
    excluded |= set(Conflict.objects.standing().touching(review.use_case).values_list("user", flat=True))
    return [user for user in found if user.pk not in excluded]


def _approvers(unit: OrgUnit, function: str) -> list[User]:
    if function in ("", Role.CAIO_OFFICE, Role.CAIO):
        return office_of(unit)
    if function in Role.values:
        return people_with(function, unit=unit)
    return people_with(Role.REVIEWER, unit=unit, function=function)
