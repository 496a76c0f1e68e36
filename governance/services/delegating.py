"""Somebody sits for the holder of a seat for a time, never for what may not be delegated."""

from datetime import date

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from governance.models import CouncilSeat, Delegation, Review, ReviewSeat, Vote
from governance.refusals import explained
from governance.rules import council as rules
from governance.rules.reviews import objection_to_sit
from governance.selectors.policies import policy_of
from governance.services.locking import locked
from governance.services.seating import give_seat, taken_seats


@explained
@transaction.atomic
def delegate_seat(seat_id: int, to_id: int, starts_on: date, ends_on: date, *, by: User) -> Delegation:
    """Let somebody sit for the holder of a seat for a time; also in open reviews in which the seat has not voted."""
    seat = CouncilSeat.objects.select_for_update().select_related("council", "holder").get(pk=seat_id)
    require(rules.objection_to_delegate(by, seat))
    to = User.objects.get(pk=to_id)
    _require_days(seat, starts_on, ends_on)
    _require_free(seat, to)
    delegation = Delegation.objects.create(seat=seat, to=to, starts_on=starts_on, ends_on=ends_on)
    record(
        "council.seat_delegated", seat.council, by=by, unit=seat.council.unit_id, seat=seat.title, holder=to.name,
        starts_on=starts_on, until=ends_on,
    )  # fmt: skip
    if starts_on <= clock.today() <= ends_on:
        _replace_in_open_reviews(seat, seat.holder, to, by, "delegated")
    return delegation


@explained
@transaction.atomic
def end_delegation(delegation_id: int, *, by: User) -> Delegation:
    """Give a seat back to its holder before the last day; also in open reviews in which it has not voted."""
    found = Delegation.objects.select_for_update(of=("self",)).select_related("seat__council", "seat__holder", "to")
    delegation = found.get(pk=delegation_id)
    require(rules.objection_to_end_delegation(by, delegation, clock.today()))
    seat = delegation.seat
    delegation.ended_at = clock.now()
    delegation.save(update_fields=["ended_at"])
    record(
        "council.delegation_ended", seat.council, by=by, unit=seat.council.unit_id, seat=seat.title,
        holder=delegation.to.name,
    )  # fmt: skip
    _replace_in_open_reviews(seat, delegation.to, seat.holder, by, "delegation ended")
    return delegation


def _require_days(seat: CouncilSeat, starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise Invalid("The last day comes before the first.", "ends_on")
    if ends_on < clock.today():
        raise Invalid("These days are over.", "ends_on")
    if ends_on > seat.term_ends_on:
        raise Invalid(f"The term of the seat ends on {seat.term_ends_on:%-d %B %Y}.", "ends_on")
    others = seat.delegations.filter(ended_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on)
    if other := others.select_related("to").first():
        raise Invalid(
            f"{other.to} already sits from {other.starts_on} to {other.ends_on}: end that first.", "starts_on"
        )


def _require_free(seat: CouncilSeat, to: User) -> None:
    """A person has one vote, whoever they sit for."""
    if to == seat.holder:
        raise Invalid("A seat is delegated to somebody else.", "to")
    if seat.council.seats.filter(ended_at=None, holder=to).exists():
        raise Invalid(f"{to} already holds a seat on this council.", "to")
    sitting = Delegation.objects.filter(seat__council=seat.council, to=to, ended_at=None, ends_on__gte=clock.today())
    if sitting.exclude(seat=seat).exists():
        raise Invalid(f"{to} already sits for somebody else on this council.", "to")


def _replace_in_open_reviews(seat: CouncilSeat, before: User, after: User, by: User, how: str) -> None:
    held = ReviewSeat.objects.filter(seat=seat, holder=before, review__closed_at=None).order_by("review_id")
    for review_id in list(held.values_list("review_id", flat=True)):
        review = locked(review_id)
        if Vote.objects.filter(review=review, seat=seat).exists() or _is_personal(review, seat):
            continue
        if objection_to_sit(after, review, taken_seats(review)) is None:
            row = ReviewSeat.objects.select_related("seat", "holder").get(review=review, seat=seat)
            give_seat(review, row, after, by, how)


def _is_personal(review: Review, seat: CouncilSeat) -> bool:
    """Whether the policy lets nobody sit for the holder of this seat, in a review of this tier."""
    council = policy_of(review.policy).route(review.tier).council
    return council is not None and seat.function in council.personal
