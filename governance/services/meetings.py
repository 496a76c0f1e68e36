"""A meeting from its agenda to its minutes."""

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from caio_portal.accounts.models import User
from caio_portal.audit.events import record
from caio_portal.common import clock, jobs
from caio_portal.common.errors import Invalid, NotAllowed, require
from caio_portal.common.models import Job
from governance.decisions import Choice
from governance.minutes import drafted
from governance.models import AgendaEntry, Attendance, Meeting, MeetingAction, Review, ReviewSeat, ReviewState
from governance.refusals import explained
from governance.rules import meetings as rules
from governance.selectors.meetings import candidates, members_of, open_after
from governance.services.council import put_on_agenda
from governance.services.vote_days import set_vote_days
from governance.services.votes import cast_vote

PAPERS = "governance.meeting_papers"


@explained
@transaction.atomic
def build_agenda(meeting_id: int, *, by: User | None) -> int:
    """Put everything that is ready on the agenda, without doubts as consent items; returns how many."""
    meeting = _locked(meeting_id)
    require(rules.objection_to_plan(by, meeting))
    found = candidates(meeting)
    for review, suits_consent in found:
        put_on_agenda(meeting.pk, review, by=by, consent=suits_consent)
    return len(found)


@explained
@transaction.atomic
def open_meeting(meeting_id: int, *, by: User | None) -> Meeting:
    meeting = _locked(meeting_id)
    require(rules.objection_to_open(by, meeting))
    meeting.opened_at = clock.now()
    meeting.save(update_fields=["opened_at"])
    record("meeting.opened", meeting, by=by, unit=meeting.council.unit_id, council=meeting.council.name)
    return meeting


@explained
@transaction.atomic
def record_attendance(meeting_id: int, sitting: Mapping[int, int | None], *, by: User | None) -> int:
    """Record who sits on each seat (None: nobody); returns how many are there."""
    meeting = _locked(meeting_id)
    require(rules.objection_to_keep(by, meeting))
    people = [user for user in sitting.values() if user]
    if len(people) != len(set(people)):
        raise Invalid("A person sits on one seat.")
    seats = set(meeting.council.seats.filter(ended_at=None).values_list("pk", flat=True))
    Attendance.objects.filter(meeting=meeting).update(user=None)  # so that two may change places
    for seat, user in sitting.items():
        if seat in seats:
            Attendance.objects.update_or_create(
                meeting=meeting, seat_id=seat, defaults={"user_id": user, "recorded_at": clock.now()}
            )
    record("meeting.attendance", meeting, by=by, unit=meeting.council.unit_id, present=len(people), seats=len(seats))
    return len(people)


@explained
def vote_consent(meeting_id: int, *, by: User) -> tuple[int, list[str]]:
    """Approve every consent item in one act: each gets its own vote, on its own snapshot.

    Returns how many, and a sentence for each that could not be voted on.
    """
    meeting = Meeting.objects.select_related("council").get(pk=meeting_id)
    if not meeting.is_open:
        raise NotAllowed("The meeting is not open.")
    held = ReviewSeat.objects.filter(holder=by).values("review")
    entries = AgendaEntry.objects.filter(meeting=meeting, consent=True, review__in=held).select_related("review")
    given, refused = 0, []
    for entry in entries:
        if entry.review.state != ReviewState.READY or entry.review.votes.filter(voter=by).exists():
            continue
        try:
            _consent(entry, by)
            given += 1
        except NotAllowed as objection:
            refused.append(f"{entry.review.ref}: {objection}")
    return given, refused


@explained
@transaction.atomic
def plan_action(meeting_id: int, text: str, owner: User, due_on: date, *, by: User | None) -> MeetingAction:
    """Record what somebody takes away from an open meeting."""
    meeting = _locked(meeting_id)
    require(rules.objection_to_keep(by, meeting))
    if not text.strip():
        raise Invalid("Say what is to be done.", "text")
    action = MeetingAction.objects.create(meeting=meeting, text=text.strip(), owner=owner, due_on=due_on)
    record("meeting.action_planned", meeting, by=by, unit=meeting.council.unit_id, task=action.text, owner=owner.name,
           due_on=due_on)  # fmt: skip
    return action


@explained
@transaction.atomic
def finish_action(action_id: int, *, by: User) -> MeetingAction:
    action = MeetingAction.objects.select_for_update(of=("self",)).select_related("meeting__council").get(pk=action_id)
    require(rules.objection_to_finish(by, action))
    action.done_at = clock.now()
    action.save(update_fields=["done_at"])
    record("meeting.action_done", action.meeting, by=by, unit=action.meeting.council.unit_id, task=action.text)
    return action


@explained
@transaction.atomic
def close_meeting(meeting_id: int, *, by: User | None) -> Meeting:
    """End a meeting and draft its minutes from what happened; what is undecided is voted on between meetings."""
    meeting = _locked(meeting_id)
    require(rules.objection_to_keep(by, meeting))
    meeting.closed_at = clock.now()
    meeting.minutes_text = drafted(meeting)
    meeting.save(update_fields=["closed_at", "minutes_text"])
    set_vote_days(meeting.entries.filter(review__closed_at=None).values_list("review_id", flat=True))
    record("meeting.closed", meeting, by=by, unit=meeting.council.unit_id, council=meeting.council.name)
    return meeting


@explained
@transaction.atomic
def write_minutes(meeting_id: int, text: str, *, by: User | None) -> Meeting:
    """Change the draft of the minutes."""
    meeting = _locked(meeting_id)
    require(rules.objection_to_write_minutes(by, meeting))
    if not text.strip():
        raise Invalid("Minutes say something.", "text")
    meeting.minutes_text = text.strip().replace("\r\n", "\n")
    meeting.save(update_fields=["minutes_text"])
    record("meeting.minutes_written", meeting, by=by, unit=meeting.council.unit_id)
    return meeting


@explained
@transaction.atomic
def approve_minutes(meeting_id: int, *, by: User) -> Meeting:
    """At the next meeting a member approves the minutes for the council; then they are final, and become a PDF."""
    meeting = _locked(meeting_id)
    later = open_after(meeting)
    require(rules.objection_to_approve_minutes(by, meeting, members_of(meeting), later))
    meeting.minutes_approved_at, meeting.minutes_approved_by, meeting.minutes_approved_in = clock.now(), by, later
    meeting.save(update_fields=["minutes_approved_at", "minutes_approved_by", "minutes_approved_in"])
    record("meeting.minutes_approved", meeting, by=by, unit=meeting.council.unit_id)
    jobs.request(PAPERS, f"{meeting.pk}:minutes", {"meeting": meeting.pk, "paper": "minutes"}, by=by)
    return meeting


@transaction.atomic
def request_pack(meeting_id: int, *, by: User) -> Job:
    """Have the pack made as the agenda stands now."""
    meeting = _locked(meeting_id)
    require(rules.objection_to_plan(by, meeting))
    key = f"{meeting.pk}:pack:{clock.now().isoformat()}"
    return jobs.request(PAPERS, key, {"meeting": meeting.pk, "paper": "pack"}, by=by)


@transaction.atomic
def _consent(entry: AgendaEntry, by: User) -> None:
    """Vote if it is still a consent item once the lock is ours: a member may have taken it out meanwhile."""
    fresh = AgendaEntry.objects.select_for_update().get(pk=entry.pk)
    if not fresh.consent:
        raise NotAllowed("It was taken out of consent.")
    snapshot = Review.objects.values_list("snapshot_hash", flat=True).get(pk=entry.review_id)
    cast_vote(entry.review_id, Choice.APPROVE, by=by, snapshot_hash=snapshot)


def _locked(meeting_id: int) -> Meeting:
    return Meeting.objects.select_for_update(of=("self",)).select_related("council__unit").get(pk=meeting_id)
