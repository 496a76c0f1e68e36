"""What the votes cast so far amount to."""

from governance.decisions import Choice, NamedCondition, Result, Seat, Vote, outcome
from governance.models import Review, ReviewSeat
from governance.models import Vote as VoteRow


def result_of(review: Review, closing: bool = False) -> Result:
    """What the votes cast so far amount to."""
    rows = ReviewSeat.objects.filter(review=review).select_related("seat")
    seats = [Seat(row.seat_id, row.holder_id, row.mandatory, row.seat.title) for row in rows]
    votes = [
        Vote(
            vote.seat_id, vote.number, vote.voter_id, Choice(vote.choice),
            tuple(NamedCondition.model_validate(c) for c in vote.conditions),
        )
        for vote in VoteRow.objects.filter(review=review)
    ]  # fmt: skip
    return outcome(review.rules_of_voting, seats, votes, closing)
