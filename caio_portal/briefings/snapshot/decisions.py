"""High-risk decisions of the quarter, with their votes."""

from caio_portal.briefings.snapshot import figures
from caio_portal.briefings.snapshot.cases import WITHHELD
from caio_portal.briefings.snapshot.schema import CouncilDecision, Decisions, SeatVote, Tone
from caio_portal.briefings.snapshot.scope import Scope
from governance.decisions import FAVOURABLE, Choice, Outcome
from governance.models import Decision, DecisionKind

HIGH = 3
SOURCE = "Decisions and the last vote of every seat, as in their receipts."
TONES: dict[str, Tone] = {
    Outcome.APPROVED: "good",
    Outcome.APPROVED_WITH_CONDITIONS: "warn",
    Outcome.REJECTED: "bad",
    Outcome.DEFERRED: "info",
    Outcome.PROHIBITED: "bad",
}


def decisions(scope: Scope) -> Decisions:
    taken = Decision.objects.filter(
        decided_at__gte=scope.begins, decided_at__lt=scope.ends, review__use_case__unit__in=scope.unit_ids,
        review__use_case__voided_at=None,
    )  # fmt: skip
    high = list(
        taken.filter(review__tier__gte=HIGH)
        .select_related("review__use_case")
        .prefetch_related("conditions", "review__votes__seat", "review__seats")
        .order_by("decided_at", "pk")
    )
    favourable = sum(decision.outcome in FAVOURABLE for decision in high)
    return Decisions(
        figures=(
            figures.count(
                scope, "decided", "Decisions of the quarter", taken.count(), "Reviews that were decided in the quarter."
            ),
            figures.count(
                scope, "decided_high", "Of tier 3 and above", len(high), "Decided in the quarter, of tier 3 and above."
            ),
            figures.share(
                scope, "decided_favourable", "Approved, of high-risk", favourable, len(high),
                "Approved, with or without conditions ÷ high-risk decisions.",
            ),
            figures.count(
                scope, "decided_standing", "Cleared at once", taken.filter(kind=DecisionKind.STANDING).count(),
                "Cleared under the standing approval in the quarter.",
            ),
        ),
        decisions=tuple(_decision(decision) for decision in high),
        source=SOURCE,
    )  # fmt: skip


def _decision(decision: Decision) -> CouncilDecision:
    review = decision.review
    hidden = review.use_case.confidential
    return CouncilDecision(
        ref=review.ref, use_case=review.use_case.ref, title=WITHHELD if hidden else review.use_case.title,
        tier=review.tier, decided_on=decision.decided_at.date(), kind=decision.get_kind_display(),
        outcome=decision.get_outcome_display(), tone=TONES.get(decision.outcome, "neutral"), tally=_tally(decision),
        votes=_votes(decision), reason="" if hidden else decision.reason,
        conditions=() if hidden else tuple(condition.text for condition in decision.conditions.all()),
    )  # fmt: skip


def _votes(decision: Decision) -> tuple[SeatVote, ...]:
    """The last vote of every seat, in the order of the seats."""
    mandatory = {seat.seat_id for seat in decision.review.seats.all() if seat.mandatory}
    last = {vote.seat_id: vote for vote in sorted(decision.review.votes.all(), key=lambda vote: vote.number)}
    return tuple(
        SeatVote(seat=vote.seat.title, choice=Choice(vote.choice).label.lower(), mandatory=seat in mandatory)
        for seat, vote in sorted(last.items())
    )


def _tally(decision: Decision) -> str:
    last = {vote.seat_id: vote.choice for vote in sorted(decision.review.votes.all(), key=lambda vote: vote.number)}
    said = list(last.values())
    if not said:
        return ""
    counts = ((said.count(choice), choice.label.lower()) for choice in Choice)
    return ", ".join(f"{count} {label}" for count, label in counts if count)
