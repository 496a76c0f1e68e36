"""A meeting as its page shows it while it goes on, and afterwards."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Max

from caio_portal.accounts.models import User
from caio_portal.common.canonical import canonical_json, sha256
from governance.decisions import Choice
from governance.models import (
    AgendaEntry,
    Attendance,
    CouncilSeat,
    Finding,
    Meeting,
    MeetingAction,
    Review,
    ReviewSeat,
    ReviewState,
    Severity,
    Vote,
)
from governance.selectors.tones import CHOICE_TONES
from portfolio.models import UseCase


def open_after(meeting: Meeting) -> Meeting | None:
    """The later meeting of the same council that is open now: there its minutes are approved."""
    later = Meeting.objects.filter(council=meeting.council_id, held_on__gt=meeting.held_on, closed_at=None)
    return later.exclude(opened_at=None).order_by("held_on").first()


def minutes_to_approve(meeting: Meeting) -> list[Meeting]:
    """The earlier meetings of the council whose minutes wait for approval, the oldest first."""
    earlier = Meeting.objects.filter(council=meeting.council_id, held_on__lt=meeting.held_on, minutes_approved_at=None)
    return list(earlier.exclude(closed_at=None).order_by("held_on"))


def confidential_on(meeting: Meeting) -> list[UseCase]:
    """The confidential use cases that the papers of a meeting tell of."""
    return list(UseCase.objects.filter(confidential=True, reviews__agenda_entries__meeting=meeting).distinct())


@dataclass(frozen=True)
class SeatMark:
    """A seat in one review: who holds it and what was said on it last."""

    title: str
    holder: str
    mandatory: bool
    choice: str
    tone: str


@dataclass(frozen=True)
class EntryView:
    entry: AgendaEntry
    seats: tuple[SeatMark, ...]
    voted: int
    mine: str  # what this reader may do: vote, voted, or nothing

    @property
    def review(self) -> Review:
        return self.entry.review


@dataclass(frozen=True)
class Presence:
    seat: CouncilSeat
    user: User | None


@dataclass(frozen=True)
class MeetingState:
    """Everything on the page that changes by itself."""

    to_decide: tuple[EntryView, ...]
    consent: tuple[EntryView, ...]
    present: tuple[Presence, ...]

    @property
    def open_consent(self) -> int:
        """How many consent items this reader has still to vote on."""
        return sum(view.mine == "vote" for view in self.consent)

    @property
    def here(self) -> list[Presence]:
        return [presence for presence in self.present if presence.user is not None]


def members_of(meeting: Meeting) -> set[int]:
    """The holders and alternates of the seats, and who sits for them in its reviews."""
    seats = CouncilSeat.objects.filter(council=meeting.council, ended_at=None).values_list("holder", "alternate")
    sitting = ReviewSeat.objects.filter(review__agenda_entries__meeting=meeting).values_list("holder", flat=True)
    return {key for pair in seats for key in pair if key} | {key for key in sitting if key}


def fingerprint(meeting: Meeting, user: User) -> str:
    """A tag that differs whenever the state does, in three small queries; for If-None-Match."""
    entries = _visible(meeting, user).values_list("pk", "consent", "position", "review_id", "review__state")
    rows = list(entries)
    reviews = [row[3] for row in rows]
    votes = Vote.objects.filter(review__in=reviews).aggregate(count=Count("number"), last=Max("cast_at"))
    people = list(Attendance.objects.filter(meeting=meeting).order_by("seat").values_list("seat", "user"))
    seats = ReviewSeat.objects.filter(review__in=reviews).order_by("review", "seat")
    holders = list(seats.values_list("review", "seat", "holder"))
    content = [rows, votes["count"], votes["last"], people, holders, user.pk, meeting.opened_at, meeting.closed_at]
    return sha256(canonical_json(content))[:32]


def state_of(meeting: Meeting, user: User) -> MeetingState:
    """The entries that a person may see, with their seats and votes; a constant number of queries."""
    entries = list(
        _visible(meeting, user)
        .select_related("review__use_case__unit", "review__decision")
        .defer("review__snapshot", "review__decision__receipt")
    )
    reviews = [entry.review for entry in entries]
    marks, mine = _seats(reviews, user)
    views = [
        EntryView(
            entry, tuple(marks[entry.review_id]), sum(bool(mark.choice) for mark in marks[entry.review_id]),
            mine.get(entry.review_id, "") if entry.review.state == ReviewState.READY else "",
        )
        for entry in entries
    ]  # fmt: skip
    return MeetingState(
        tuple(view for view in views if not view.entry.consent),
        tuple(view for view in views if view.entry.consent),
        presences(meeting),
    )


def candidates(meeting: Meeting) -> list[tuple[Review, bool]]:
    """What is ready and on no agenda of a meeting to come, each with whether it suits consent.

    Consent suits what nobody has found fault with, and nobody has voted against.
    """
    planned = AgendaEntry.objects.filter(meeting__closed_at=None).values("review")
    ready = (
        Review.objects.open()
        .filter(state=ReviewState.READY, seats__seat__council=meeting.council)
        .exclude(pk__in=planned)
        .select_related("use_case__unit")
        .defer("snapshot")
        .distinct()
        .order_by("opened_at", "pk")
    )
    found = list(ready)
    doubted = _doubted(found)
    return [(review, review.pk not in doubted) for review in found]


def actions_of(meeting: Meeting) -> list[MeetingAction]:
    return list(MeetingAction.objects.filter(meeting=meeting).select_related("owner", "meeting__council"))


def _visible(meeting: Meeting, user: User):  # type: ignore[no-untyped-def]  # a queryset of AgendaEntry
    return AgendaEntry.objects.filter(meeting=meeting, review__in=Review.objects.visible_to(user))


def _doubted(reviews: Sequence[Review]) -> set[int]:
    found = Finding.objects.filter(review__in=reviews).exclude(severity=Severity.NONE)
    against = Vote.objects.filter(review__in=reviews).exclude(choice="approve")
    return {*found.values_list("review", flat=True), *against.values_list("review", flat=True)}


def _seats(reviews: Sequence[Review], user: User) -> tuple[dict[int, list[SeatMark]], dict[int, str]]:
    last: dict[tuple[int, int], Vote] = {}
    for vote in Vote.objects.filter(review__in=reviews).order_by("number", "cast_at", "seat"):
        last[vote.review_id, vote.seat_id] = vote
    marks: dict[int, list[SeatMark]] = defaultdict(list)
    mine: dict[int, str] = {}
    rows = ReviewSeat.objects.filter(review__in=reviews).select_related("seat", "holder")
    for row in rows.order_by("-mandatory", "seat_id"):
        said = last.get((row.review_id, row.seat_id))
        counts = said if said and said.voter_id == row.holder_id else None
        if row.holder_id == user.pk:
            mine[row.review_id] = "voted" if counts else "vote"
        marks[row.review_id].append(
            SeatMark(
                row.seat.title, row.holder.name if row.holder else "Nobody", row.mandatory,
                counts.get_choice_display() if counts else "",
                CHOICE_TONES[Choice(counts.choice)] if counts else "neutral",
            )
        )  # fmt: skip
    return marks, mine


def presences(meeting: Meeting) -> tuple[Presence, ...]:
    known = {row.seat_id: row.user for row in Attendance.objects.filter(meeting=meeting).select_related("user")}
    seats = CouncilSeat.objects.filter(council=meeting.council, ended_at=None).order_by("-mandatory", "pk")
    return tuple(Presence(seat, known.get(seat.pk)) for seat in seats)
