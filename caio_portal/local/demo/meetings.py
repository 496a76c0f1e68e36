"""The council's meetings of the last months: called when something is ready, with minutes; and one to come."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from caio_portal.accounts.models import User
from caio_portal.common import clock
from caio_portal.local.demo.company import Company
from caio_portal.local.demo.timeline import Timeline
from governance.models import AgendaEntry, Council, CouncilSeat, Meeting, Review
from governance.selectors.calendars import calendar_of
from governance.services import council as councils
from governance.services import meetings

SINCE = timedelta(days=130)  # before the anchor; until then everything was voted on between meetings
COMING = timedelta(days=38)  # after the anchor: ahead of everybody who looks during the month that follows
NOTICE = 6  # business days from the call to the meeting
NEAR = timedelta(days=14)  # a meeting further away is not waited for
LATEST = 2  # business days before a meeting, its agenda is closed
TENTH_HOUR, LENGTH = time(10), timedelta(minutes=80)
ACTIONS = (
    ("Ask the suppliers of models for their incident contacts.", "vendors", 30),
    ("Bring the exit plans of the three largest contracts to the next meeting.", "office", 28),
    ("Show how often proposals are overridden, by unit.", "member1", 28),
    ("Agree with the works council how staff are told.", "legal", 21),
)


@dataclass
class Sittings:
    """Where the council's reviews are taken."""

    timeline: Timeline
    company: Company
    _tasks: Iterator[tuple[str, str, int]] = field(default_factory=lambda: iter(ACTIONS))

    def sit(self, review: Review, *, waits: bool) -> datetime | None:
        """Put REVIEW on the agenda of a meeting and return when it begins; None before the council met for its votes.

        What WAITS is for the meeting to come.
        """
        if clock.now() < self.timeline.ends - SINCE:
            return None
        meeting = self._coming() if waits else self._next()
        meetings.build_agenda(meeting.pk, by=self._office)
        return _begins(meeting)

    def discuss(self, review: Review) -> None:
        """Who wants to name a condition, or objects, has the entry discussed."""
        for entry in AgendaEntry.objects.filter(review=review, consent=True, meeting__closed_at=None):
            councils.take_out_of_consent(entry.pk, by=self._seats()[0].holder)

    def _next(self) -> Meeting:
        calendar = calendar_of(self.company.root)
        soonest = calendar.add(clock.today(), LATEST)
        called = (
            Meeting.objects.filter(opened_at=None, held_on__range=(soonest, clock.today() + NEAR))
            .order_by("held_on")
            .first()
        )
        day = calendar.add(clock.today(), NOTICE)
        if called is None and day >= timezone.localdate(self.timeline.ends):  # nobody would be there to open it
            return self._coming()
        return called or self._call(day)

    def _coming(self) -> Meeting:
        day = calendar_of(self.company.root).add(timezone.localdate(self.timeline.ends + COMING), 1)
        return Meeting.objects.filter(held_on=day).first() or self._call(day)

    def _call(self, day: date) -> Meeting:
        council = Council.objects.get(unit=self.company.root)
        meeting = councils.call_meeting(council, day, by=self._office)
        self.timeline.add(_begins(meeting), lambda: self._open(meeting))
        self.timeline.add(_begins(meeting) + LENGTH, lambda: self._close(meeting))
        return meeting

    def _open(self, meeting: Meeting) -> None:
        """Who is there approves the minutes of the last one."""
        seats = self._seats()
        meetings.open_meeting(meeting.pk, by=self._office)
        meetings.record_attendance(meeting.pk, {seat.pk: seat.holder_id for seat in seats}, by=self._office)
        for earlier in Meeting.objects.filter(closed_at__isnull=False, minutes_approved_at=None):
            meetings.approve_minutes(earlier.pk, by=seats[0].holder)

    def _close(self, meeting: Meeting) -> None:
        if task := next(self._tasks, None):
            text, owner, days = task
            due_on = clock.today() + timedelta(days=days)
            action = meetings.plan_action(meeting.pk, text, self.company.person(owner), due_on, by=self._office)
            done = clock.now() + timedelta(days=days - 4)
            self.timeline.add(done, lambda: meetings.finish_action(action.pk, by=self.company.person(owner)))
        meetings.close_meeting(meeting.pk, by=self._office)

    @property
    def _office(self) -> User:
        return self.company.person("office")

    def _seats(self) -> list[CouncilSeat]:
        return list(CouncilSeat.objects.filter(ended_at=None).select_related("holder").order_by("pk"))


def _begins(meeting: Meeting) -> datetime:
    return timezone.make_aware(datetime.combine(meeting.held_on, TENTH_HOUR))
