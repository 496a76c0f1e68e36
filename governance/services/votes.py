"""Votes: cast under the lock of the review, so that the one that makes the result certain decides once."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.accounts.selectors import people_with
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import NotAllowed, require
from governance import notices
from governance.decisions import FAVOURABLE, Choice, NamedCondition, Outcome, Result
from governance.models import (
    Conflict,
    DecisionKind,
    Review,
    ReviewSeat,
    ReviewStep,
    StepKind,
    Vote,
)
from governance.refusals import explained
from governance.rules import reviews as rules
from governance.rules.conflicts import objection_by
from governance.selectors.tallies import result_of, seats_of, votes_of
from governance.services import steps
from governance.services.deciding import decide
from governance.services.locking import locked
from governance.services.seating import give_seat, taken_seats


@explained
@transaction.atomic
def cast_vote(
    review_id: int,
    choice: Choice,
    reason: str = "",
    conditions: Sequence[NamedCondition] = (),
    *,
    by: User,
    snapshot_hash: str | None = None,
    read_at: datetime | None = None,
) -> Vote:
    """Cast a vote on the seat that BY holds, on the snapshot that BY has seen; decide if that settles it."""
    review = locked(review_id)
    seats, cast = seats_of(review), votes_of(review)
    seat = next((row for row in seats if row.holder_id == by.pk), None)
    last = next((vote for vote in reversed(cast) if seat and vote.seat_id == seat.seat_id), None)
    mine = last if last and last.voter_id == by.pk else None
    require(rules.objection_to_vote(by, review, seat, mine))
    require(rules.objection_to_ballot(choice, reason, conditions))
    if choice != Choice.RECUSE:
        require(objection_by(Conflict.objects.of(by, review.use_case)))
    if snapshot_hash not in (None, review.snapshot_hash):
        raise NotAllowed("The use case was submitted again while you were reading: look at it afresh.")
    assert seat
    vote = Vote.objects.create(
        review=review, seat=seat.seat, number=last.number + 1 if last else 1, voter=by, choice=choice,
        reason=reason.strip(), conditions=[c.model_dump(mode="json") for c in conditions],
        snapshot_hash=review.snapshot_hash, read_at=read_at, cast_at=clock.now(),
    )  # fmt: skip
    record(
        "vote.cast", review, by=by, unit=review.use_case.unit_id, use_case=review.use_case.ref, seat=seat.seat.title,
        number=vote.number, choice=Choice(choice).label, reason=vote.reason, conditions=vote.conditions,
        snapshot=review.snapshot_hash,
    )  # fmt: skip
    if choice == Choice.RECUSE and seat.mandatory:
        _pass_on(review, seat)
        seats = seats_of(review)  # one has another holder now
    _settle(review, result_of(review, seats=seats, votes=[*cast, vote]))
    return vote


@explained
@transaction.atomic
def appoint_holder(review_id: int, seat_id: int, user_id: int, *, by: User) -> ReviewSeat:
    """Let the CAIO fill a mandatory seat that nobody can vote on, for this review."""
    review = locked(review_id)
    seat = ReviewSeat.objects.select_related("seat", "holder").get(review=review, seat_id=seat_id)
    require(rules.objection_to_appoint(by, review, seat, _last_vote(seat)))
    user = User.objects.get(pk=user_id)
    require(rules.objection_to_sit(user, review, taken_seats(review)))
    return give_seat(review, seat, user, by, "appointed")


@explained
@transaction.atomic
def close_at_deadline(review_id: int) -> Outcome | None:
    """Close a vote whose deadline has passed: with the result that the votes give, else deferred."""
    review = locked(review_id)
    require(rules.objection_to_close(review, clock.today()))
    return _settle(review, result_of(review, closing=True)).outcome


def close_due_votes() -> int:
    """Close every vote whose deadline has passed; returns how many. For the daily job."""
    due = ReviewStep.objects.filter(
        kind=StepKind.VOTE, started_at__isnull=False, finished_at=None, due_on__lt=clock.today(),
        review__closed_at=None, review__returned_at=None,
    )  # fmt: skip
    ids = list(due.order_by("review_id").values_list("review_id", flat=True).distinct())
    for review_id in ids:
        close_at_deadline(review_id)
    return len(ids)


def _settle(review: Review, result: Result) -> Result:
    """Decide if the result is certain; a favourable one goes on to the executive if the route says so."""
    if result.outcome is None:
        return result
    reason = " ".join(result.reasons)
    (step,) = rules.running(review, StepKind.VOTE)
    if result.outcome in FAVOURABLE and steps.has_more(review, step):
        steps.finish(review, step, _kept(result, reason))
        return result
    decide(review, DecisionKind.COUNCIL, result.outcome, reason, tally=result.tally, conditions=result.conditions)
    return result


def _kept(result: Result, reason: str) -> dict[str, Any]:
    conditions = [condition.model_dump(mode="json") for condition in result.conditions]
    return {"outcome": result.outcome, "reason": reason, "conditions": conditions, "tally": asdict(result.tally)}


def _last_vote(seat: ReviewSeat) -> Vote | None:
    return Vote.objects.filter(review_id=seat.review_id, seat_id=seat.seat_id).order_by("-number").first()


def _pass_on(review: Review, seat: ReviewSeat) -> None:
    """Give a mandatory seat whose holder has recused to its alternate, else ask the CAIO to appoint somebody."""
    alternate = seat.seat.alternate
    if alternate and rules.objection_to_sit(alternate, review, taken_seats(review)) is None:
        give_seat(review, seat, alternate, None, "alternate")
        return
    caio = people_with(Role.CAIO, unit=review.use_case.unit)
    notices.seat_needs_holder(caio, review, seat.seat.title)
