"""The seats of one review: who holds them, and under which charter they vote."""

from collections.abc import Collection
from typing import Any

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import people_with
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import NotAllowed
from governance import notices
from governance.decisions import Charter
from governance.models import (
    Capacity,
    Council,
    CouncilSeat,
    Delegation,
    Review,
    ReviewPerson,
    ReviewSeat,
    StepKind,
)
from governance.policy import Route
from governance.rules.reviews import objection_to_sit, running
from governance.selectors.people import council_of
from governance.selectors.policies import policy_of


def charter_of(unit: OrgUnit, route: Route) -> dict[str, Any] | None:
    """The charter under which a review votes: the council's, made stricter where the policy asks for more."""
    if route.council is None:
        return None
    charter = _council(unit).rules_of_voting
    strict = charter.model_copy(update={"quorum_minimum": max(charter.quorum_minimum, route.council.quorum)})
    return Charter.model_validate(strict).model_dump(mode="json")


def seat_council(review: Review, route: Route) -> list[ReviewSeat]:
    """Write the seats of the review: each to its holder, the delegate in charge, or its alternate.

    An optional seat that nobody may hold is left out; a mandatory one waits for the CAIO's appointment.
    """
    if route.council is None:
        return []
    seats = list(
        CouncilSeat.objects.filter(council=_council(review.use_case.unit), ended_at=None)
        .select_related("holder", "alternate")
        .order_by("pk")
    )
    wanted = _mandatory_functions(route)
    if absent := wanted - {seat.function for seat in seats}:
        names = ", ".join(policy_of(review.policy).functions.get(name, name) for name in sorted(absent))
        raise NotAllowed(f"The council has no seat for {names}, which must vote on this use case: add it first.")
    rows = _rows(review, seats, wanted, route.council.personal)
    ReviewPerson.objects.bulk_create(
        [ReviewPerson(review=review, user=row.holder, capacity=Capacity.JUDGE) for row in rows if row.holder]
    )
    ReviewSeat.objects.bulk_create(rows)
    for row in rows:
        if row.holder is None:
            caio = people_with(Role.CAIO, unit=review.use_case.unit)
            notices.seat_needs_holder(caio, review, row.seat.title)
    return rows


def give_seat(review: Review, seat: ReviewSeat, user: User, by: User | None, how: str) -> ReviewSeat:
    """Put USER on a seat of REVIEW (locked by the caller) that nobody has voted on, or whose holder has recused."""
    before = seat.holder.name if seat.holder else None
    ReviewPerson.objects.get_or_create(review=review, user=user, defaults={"capacity": Capacity.JUDGE})
    ReviewSeat.objects.filter(review=review, seat_id=seat.seat_id).update(holder=user)
    seat.holder = user
    record(
        "review.seat_filled", review, by=by, unit=review.use_case.unit_id, seat=seat.seat.title, holder=user.name,
        before=before, how=how,
    )  # fmt: skip
    for step in running(review, StepKind.VOTE):
        notices.your_turn([user], review, step)
    return seat


def taken_seats(review: Review) -> set[int]:
    """The keys of the people who hold a seat in REVIEW."""
    return set(ReviewSeat.objects.filter(review=review, holder__isnull=False).values_list("holder_id", flat=True))


def _rows(review: Review, seats: list[CouncilSeat], wanted: set[str], personal: Collection[str]) -> list[ReviewSeat]:
    delegates = _delegates([seat for seat in seats if seat.function not in personal])
    taken: set[int] = set()
    holders: dict[int, User | None] = {}
    for candidates in (lambda s: [delegates.get(s.pk), s.holder], lambda s: [s.alternate]):
        for seat in seats:
            if holders.get(seat.pk) is None:
                holders[seat.pk] = next((u for u in candidates(seat) if u and _may_sit(u, review, taken)), None)
                taken |= {holder.pk for holder in [holders[seat.pk]] if holder}
    mandatory = {seat.pk: seat.mandatory or seat.function in wanted for seat in seats}
    return [
        ReviewSeat(review=review, seat=seat, holder=holders[seat.pk], mandatory=mandatory[seat.pk])
        for seat in seats
        if holders[seat.pk] or mandatory[seat.pk]
    ]


def _may_sit(user: User, review: Review, taken: set[int]) -> bool:
    return objection_to_sit(user, review, taken) is None


def _delegates(seats: list[CouncilSeat]) -> dict[int, User]:
    today = clock.today()
    found = Delegation.objects.running(today).filter(seat__in=seats).select_related("to")
    return {delegation.seat_id: delegation.to for delegation in found.order_by("pk")}


def _mandatory_functions(route: Route) -> set[str]:
    asked = {name for step in route.steps if step.kind == StepKind.VOTE for name in step.functions}
    return asked | set(route.council.mandatory if route.council else ())


def _council(unit: OrgUnit) -> Council:
    council = council_of(unit)
    if council is None:
        raise NotAllowed(f"No council decides for {unit}: the CAIO office sets one up first.")
    return council
