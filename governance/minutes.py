"""Minutes drafted from what happened: attendance, what was decided on which votes, dissent, actions."""

from collections.abc import Iterator

from django.utils import timezone

from caio_portal.common.words import inner
from governance.decisions import APPROVING, Outcome
from governance.models import (
    AgendaEntry,
    Attendance,
    Condition,
    CouncilSeat,
    Decision,
    Meeting,
    MeetingAction,
    ReviewStep,
    StepKind,
    Vote,
)


def drafted(meeting: Meeting) -> str:
    """The minutes as plain text, for the office to edit and the council to approve."""
    return "\n".join(
        [*_head(meeting), *_attendance(meeting), *_earlier(meeting), *_entries(meeting), *_actions(meeting)]
    )


def _head(meeting: Meeting) -> Iterator[str]:
    yield f"Minutes of the {meeting.council.name}, {meeting.held_on:%-d %B %Y}"
    if meeting.opened_at and meeting.closed_at:
        begun, ended = timezone.localtime(meeting.opened_at), timezone.localtime(meeting.closed_at)
        yield f"Opened at {begun:%H:%M}, closed at {ended:%H:%M}."


def _earlier(meeting: Meeting) -> Iterator[str]:
    for one in meeting.approved_minutes.order_by("held_on"):
        yield f"\nThe minutes of {one.held_on:%-d %B %Y} were approved."


def _attendance(meeting: Meeting) -> Iterator[str]:
    rows = {row.seat_id: row.user for row in Attendance.objects.filter(meeting=meeting).select_related("user")}
    seats = list(CouncilSeat.objects.filter(council=meeting.council, ended_at=None).order_by("-mandatory", "pk"))
    present = [f"{user.name} ({seat.title})" for seat in seats if (user := rows.get(seat.pk))]
    absent = [seat.title for seat in seats if not rows.get(seat.pk)]
    yield f"\nPresent: {', '.join(present) or 'not recorded'}."
    if present and absent:
        yield f"Not present: {', '.join(absent)}."
    if present:
        yield f"{len(present)} of {len(seats)} seats were there."


def _entries(meeting: Meeting) -> Iterator[str]:
    entries = list(AgendaEntry.objects.filter(meeting=meeting).select_related("review__use_case"))
    decisions = {d.pk: d for d in Decision.objects.filter(review__agenda_entries__meeting=meeting).defer("receipt")}
    for number, entry in enumerate(entries, 1):
        review = entry.review
        kind = "consent item" if entry.consent else "discussed"
        yield f"\n{number}. {review.use_case.title} ({review.ref}, {kind})"
        decision = decisions.get(review.pk)
        if decision is None:
            yield _undecided(review.pk)
        else:
            yield f"{decision.get_outcome_display()}. {decision.reason}"
            yield from (
                f"Condition, due on {condition.due_on:%-d %B %Y}: {condition.text}"
                for condition in Condition.objects.filter(decision=decision)
            )
        yield from _votes(review.pk, decision)


def _undecided(review: int) -> str:
    """A vote that went in favour is no decision yet where an executive has to accept the risk."""
    voted = ReviewStep.objects.filter(review=review, kind=StepKind.VOTE, finished_at__isnull=False).first()
    if voted is None or not voted.result:
        return "Not decided; the vote stays open until its deadline."
    outcome = Outcome(voted.result["outcome"]).label
    return f"The vote: {inner(str(outcome))}. {voted.result['reason']} An executive accepts the risk, or not."


def _votes(review: int, decision: Decision | None) -> Iterator[str]:
    last: dict[int, Vote] = {}
    votes = Vote.objects.filter(review=review).select_related("seat", "voter")
    for vote in votes.order_by("number", "cast_at", "seat"):
        last[vote.seat_id] = vote
    if last:
        said = (f"{v.voter.name} ({v.seat.title}) {v.get_choice_display().lower()}" for v in last.values())
        yield f"Votes: {'; '.join(said)}."
    if decision is None:
        return
    for vote in last.values():
        if (vote.choice in APPROVING) != decision.is_favourable and vote.choice not in ("abstain", "recuse"):
            yield f"Dissent of {vote.voter.name}: {vote.reason or 'no reason given'}"


def _actions(meeting: Meeting) -> Iterator[str]:
    actions = list(MeetingAction.objects.filter(meeting=meeting).select_related("owner"))
    if actions:
        yield "\nActions"
    for action in actions:
        yield f"{action.owner.name}: {action.text.rstrip('.')}, by {action.due_on:%-d %B %Y}."
