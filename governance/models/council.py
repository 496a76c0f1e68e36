"""The council: seats, meetings, and the seats and votes of one review."""

from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from governance.decisions import Charter, Choice
from governance.models.reviews import Capacity, Review


class Council(models.Model):
    """The body that decides by vote, under a charter."""

    name = models.CharField(max_length=120, unique=True)
    charter = models.JSONField(default=dict)
    unit = models.ForeignKey("accounts.OrgUnit", models.PROTECT, related_name="councils")

    class Meta:
        db_table = "council"

    def __str__(self) -> str:
        return self.name

    @property
    def rules_of_voting(self) -> Charter:
        return Charter.model_validate(self.charter)


class CouncilSeat(models.Model):
    """A place on a council; nothing that needs a mandatory seat is approved without its approval."""

    council = models.ForeignKey(Council, models.PROTECT, related_name="seats")
    function = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="council_seats")
    alternate = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="alternate_seats")
    mandatory = models.BooleanField(default=False)
    chair = models.BooleanField(default=False)  # one vote like any other, and the signals about the voting
    term_ends_on = models.DateField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "council_seat"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="council_seat_one_per_holder", fields=["council", "holder"], condition=Q(ended_at=None)
            ),
            models.UniqueConstraint(
                name="council_seat_one_chair", fields=["council"], condition=Q(chair=True, ended_at=None)
            ),
            models.CheckConstraint(
                name="council_seat_alternate_is_another", condition=Q(alternate=None) | ~Q(alternate=F("holder"))
            ),
        ]

    def __str__(self) -> str:
        return self.title


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def running(self, day: date) -> Self:
        """Those by which somebody sits for a holder on a day."""
        return self.filter(starts_on__lte=day, ends_on__gte=day, ended_at=None)


class Delegation(models.Model):
    """Somebody sits for the holder of a seat from one day to another."""

    seat = models.ForeignKey(CouncilSeat, models.PROTECT, related_name="delegations")
    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()
    ended_at = models.DateTimeField(null=True)  # before its last day

    objects = DelegationQuerySet.as_manager()

    class Meta:
        db_table = "delegation"
        constraints = [
            models.CheckConstraint(name="delegation_ends_after_start", condition=Q(ends_on__gte=F("starts_on")))
        ]

    def __str__(self) -> str:
        return f"{self.seat_id} to {self.to_id}"


class Meeting(models.Model):
    """A council comes together: called, opened, closed; then its minutes are drafted and approved."""

    council = models.ForeignKey(Council, models.PROTECT, related_name="meetings")
    held_on = models.DateField()
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    minutes_text = models.TextField(blank=True)  # drafted from what happened, then edited
    minutes_approved_at = models.DateTimeField(null=True)
    minutes_approved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    minutes_approved_in = models.ForeignKey("self", models.PROTECT, null=True, related_name="approved_minutes")
    minutes = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")
    pack = models.ForeignKey("common.StoredFile", models.PROTECT, null=True, related_name="+")

    class Meta:
        db_table = "meeting"
        constraints = [
            models.UniqueConstraint(name="meeting_one_a_day", fields=["council", "held_on"]),
            models.CheckConstraint(
                name="meeting_closed_after_opening",
                condition=Q(closed_at=None) | Q(opened_at__isnull=False, closed_at__gte=F("opened_at")),
            ),
            models.CheckConstraint(
                name="meeting_minutes_approved_by_somebody",
                condition=Q(minutes_approved_at=None, minutes_approved_by=None)
                | Q(minutes_approved_at__isnull=False, minutes_approved_by__isnull=False, closed_at__isnull=False)
                & ~Q(minutes_text=""),
            ),
        ]

    def __str__(self) -> str:
        return f"Meeting of {self.held_on:%-d %B %Y}"

    def get_absolute_url(self) -> str:
        return f"/meetings/{self.pk}/"

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None

    @property
    def state(self) -> str:
        """How far it is, in words."""
        if self.minutes_approved_at:
            return "Minutes approved"
        return "Closed" if self.closed_at else "Open" if self.opened_at else "Called"


class Attendance(models.Model):
    """Who sat on a seat in a meeting, or that nobody did."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendances")
    seat = models.ForeignKey(CouncilSeat, models.PROTECT, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        db_table = "attendance"
        constraints = [
            models.UniqueConstraint(name="attendance_once_a_seat", fields=["meeting", "seat"]),
            models.UniqueConstraint(name="attendance_once_a_person", fields=["meeting", "user"]),
        ]

    def __str__(self) -> str:
        return f"{self.seat_id} in {self.meeting_id}"


class MeetingAction(models.Model):
    """What somebody takes away from a meeting to do until a day."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="actions")
    text = models.TextField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "meeting_action"
        ordering = ["due_on", "pk"]
        constraints = [models.CheckConstraint(name="meeting_action_says_what", condition=Q(text__regex=r"\S"))]

    def __str__(self) -> str:
        return self.text[:120]


class AgendaEntry(models.Model):
    """A review on the agenda: a decision, or a consent item that any member may take out."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="entries")
    review = models.ForeignKey(Review, models.PROTECT, related_name="agenda_entries")
    position = models.PositiveSmallIntegerField()
    consent = models.BooleanField(default=False)

    class Meta:
        db_table = "agenda_entry"
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(name="agenda_entry_once", fields=["meeting", "review"])]

    def __str__(self) -> str:
        return f"{self.meeting_id}: {self.review_id}"


class ReviewSeat(models.Model):
    """Who holds a seat for one review. A delegate or an alternate replaces the holder here, before voting.

    A mandatory seat that nobody may hold stays without a holder until the CAIO appoints one; it is never skipped.
    """

    pk = models.CompositePrimaryKey("review_id", "seat_id")
    review = models.ForeignKey(Review, models.PROTECT, related_name="seats")
    seat = models.ForeignKey(CouncilSeat, models.PROTECT, related_name="+")
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    capacity = models.CharField(max_length=5, choices=Capacity, default=Capacity.JUDGE, editable=False)
    mandatory = models.BooleanField(default=False)

    class Meta:
        db_table = "review_seat"
        constraints = [
            models.UniqueConstraint(name="review_seat_one_per_holder", fields=["review", "holder"]),
            models.CheckConstraint(name="review_seat_by_a_judge", condition=Q(capacity=Capacity.JUDGE)),
            models.CheckConstraint(
                name="review_seat_only_mandatory_vacant", condition=Q(mandatory=True) | Q(holder__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"Seat {self.seat_id} in {self.review_id}"


class Vote(models.Model):
    """What the holder of a seat says on a snapshot. A changed vote is a new vote with the next number."""

    pk = models.CompositePrimaryKey("review_id", "seat_id", "number")
    review = models.ForeignKey(Review, models.PROTECT, related_name="votes")
    seat = models.ForeignKey(CouncilSeat, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    voter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    choice = models.CharField(max_length=24, choices=Choice)
    reason = models.TextField(blank=True)
    conditions = models.JSONField(default=list)
    snapshot_hash = models.CharField(max_length=64)
    read_at = models.DateTimeField(null=True)  # when the page with the ballot was opened, as the ballot says
    cast_at = models.DateTimeField()

    class Meta:
        db_table = "vote"
        constraints = [
            models.CheckConstraint(name="vote_choice_known", condition=Q(choice__in=Choice.values)),
            models.CheckConstraint(name="vote_number_counts", condition=Q(number__gte=1)),
            models.CheckConstraint(
                name="vote_gives_a_reason", condition=Q(choice=Choice.APPROVE) | Q(reason__regex=r"\S")
            ),
            models.CheckConstraint(
                name="vote_names_its_conditions",
                condition=(Q(choice=Choice.APPROVE_WITH_CONDITIONS) & ~Q(conditions=[]))
                | (~Q(choice=Choice.APPROVE_WITH_CONDITIONS) & Q(conditions=[])),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_choice_display()} ({self.seat_id})"
