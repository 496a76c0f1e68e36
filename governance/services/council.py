"""Councils, their seats and delegations, meetings and agendas."""

from datetime import date

from django.db import transaction
from django.db.models import Max

from caio_portal.accounts.models import OrgUnit, User
from caio_portal.audit.events import record
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, require
from governance.decisions import Charter
from governance.models import AgendaEntry, Council, CouncilSeat, Meeting, Review
from governance.refusals import explained
from governance.rules import council as rules
from governance.rules.calendars import objection_to_meet_on
from governance.rules.meetings import objection_to_move
from governance.selectors.calendars import calendar_of
from governance.services.vote_days import set_vote_days


@explained
@transaction.atomic
def create_council(name: str, unit: OrgUnit, *, by: User | None, charter: Charter | None = None) -> Council:
    """Set up a council for a unit and all units below it."""
    require(rules.objection_to_run(by, unit.pk))
    document = (charter or Charter()).model_dump(mode="json")
    council = Council.objects.create(name=name, unit=unit, charter=document)
    record("council.created", council, by=by, unit=unit, charter=document)
    return council


@explained
@transaction.atomic
def fill_seat(
    council: Council,
    function: str,
    title: str,
    holder: User,
    *,
    by: User | None,
    alternate: User | None = None,
    mandatory: bool = False,
    chair: bool = False,
    term_ends_on: date,
) -> CouncilSeat:
    """Add a seat to a council, or put somebody else on the one of this title; reviews that are open keep theirs."""
    require(rules.objection_to_run(by, council.unit_id))
    if alternate == holder:
        raise Invalid("The alternate is somebody else than the holder.", "alternate")
    others = council.seats.filter(ended_at=None).exclude(title=title)
    if others.filter(holder=holder).exists():
        raise Invalid(f"{holder} already holds a seat on this council.", "holder")
    for seat in council.seats.filter(ended_at=None, title=title):
        seat.ended_at = clock.now()
        seat.save(update_fields=["ended_at"])
    if chair:
        council.seats.filter(ended_at=None, chair=True).update(chair=False)
    seat = CouncilSeat.objects.create(
        council=council, function=function, title=title, holder=holder, alternate=alternate, mandatory=mandatory,
        chair=chair, term_ends_on=term_ends_on,
    )  # fmt: skip
    record(
        "council.seat_filled", council, by=by, unit=council.unit_id, seat=title, holder=holder.name,
        alternate=alternate.name if alternate else None, mandatory=mandatory, chair=chair, until=term_ends_on,
    )  # fmt: skip
    return seat


@explained
@transaction.atomic
def call_meeting(council: Council, held_on: date, *, by: User | None) -> Meeting:
    """Put a meeting into the calendar, on a business day of the council's unit."""
    require(rules.objection_to_run(by, council.unit_id))
    _require_free_day(council, held_on, by)
    meeting = Meeting.objects.create(council=council, held_on=held_on)
    record("meeting.called", meeting, by=by, unit=council.unit_id, council=council.name, held_on=held_on)
    return meeting


@explained
@transaction.atomic
def move_meeting(meeting_id: int, held_on: date, *, by: User | None) -> Meeting:
    """Hold a meeting on another day; what is on its agenda is open for votes until then."""
    meeting = Meeting.objects.select_for_update(of=("self",)).select_related("council__unit").get(pk=meeting_id)
    require(objection_to_move(by, meeting))
    before = meeting.held_on
    if held_on == before:
        return meeting
    _require_free_day(meeting.council, held_on, by)
    meeting.held_on = held_on
    meeting.save(update_fields=["held_on"])
    set_vote_days(meeting.entries.values_list("review_id", flat=True))
    record("meeting.moved", meeting, by=by, unit=meeting.council.unit_id, before=before, held_on=held_on)
    return meeting


@explained
@transaction.atomic
def put_on_agenda(meeting_id: int, review: Review, *, by: User | None, consent: bool = False) -> AgendaEntry:
    """Add a review to the agenda of a meeting; again, to change whether it is a consent item."""
    meeting = Meeting.objects.select_for_update().select_related("council").get(pk=meeting_id)
    require(rules.objection_to_run(by, meeting.council.unit_id))
    last = meeting.entries.aggregate(last=Max("position"))["last"] or 0
    entry, _ = AgendaEntry.objects.update_or_create(
        meeting=meeting, review=review, defaults={"consent": consent},
        create_defaults={"consent": consent, "position": last + 1},
    )  # fmt: skip
    set_vote_days([review.pk])
    record(
        "meeting.agenda_changed", meeting, by=by, unit=meeting.council.unit_id, review=review.ref,
        kind="a consent item" if consent else "a decision",
    )  # fmt: skip
    return entry


@explained
@transaction.atomic
def take_out_of_consent(entry_id: int, *, by: User) -> AgendaEntry:
    """Any member may have an entry discussed that was to be decided without discussion."""
    entry = (
        AgendaEntry.objects.select_for_update(of=("self",))
        .select_related("meeting__council", "review")
        .get(pk=entry_id)
    )
    require(rules.objection_to_take_out(by, entry))
    entry.consent = False
    entry.save(update_fields=["consent"])
    record(
        "meeting.agenda_changed", entry.meeting, by=by, unit=entry.meeting.council.unit_id, review=entry.review.ref,
        kind="a decision",
    )  # fmt: skip
    return entry


def _require_free_day(council: Council, held_on: date, by: User | None) -> None:
    if by and (objection := objection_to_meet_on(held_on, calendar_of(council.unit))):
        raise Invalid(objection, "held_on")
    if council.meetings.filter(held_on=held_on).exists():
        raise Invalid("The council already meets on that day.", "held_on")
