"""What the votes cast so far amount to."""

from collections.abc import Sequence

from governance.decisions import Choice, NamedCondition, Result, Seat, Vote, outcome
from governance.models import Review, ReviewSeat
from governance.models import Vote as VoteRow


def seats_of(review: Review) -> list[ReviewSeat]:
    return list(ReviewSeat.objects.filter(review=review).select_related("seat"))


def votes_of(review: Review) -> list[VoteRow]:
    """Every vote that was cast, in the order of their numbers."""
    return list(VoteRow.objects.filter(review=review).order_by("number", "cast_at", "seat"))


def result_of(
    review: Review,
    closing: bool = False,
    *,
    seats: Sequence[ReviewSeat] | None = None,
    votes: Sequence[VoteRow] | None = None,
) -> Result:
    """What the votes cast so far amount to; two queries, if SEATS and VOTES are not at hand."""
    given = [
        Seat(row.seat_id, row.holder_id, row.mandatory, row.seat.title)
        for row in (seats_of(review) if seats is None else seats)
    ]
    cast = [
        Vote(
            vote.seat_id, vote.number, vote.voter_id, Choice(vote.choice),
            tuple(NamedCondition.model_validate(c) for c in vote.conditions),
        )
        for vote in (votes_of(review) if votes is None else votes)
    ]  # fmt: skip
    return outcome(review.rules_of_voting, given, cast, closing)
