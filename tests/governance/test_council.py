"""Councils, meetings and agendas."""

from datetime import date

import pytest

from caio_portal.audit.models import AuditEvent
from caio_portal.common.errors import Invalid, NotAllowed
from governance.services.council import (
    call_meeting,
    fill_seat,
    put_on_agenda,
    take_out_of_consent,
)
from tests.factories import make_person

pytestmark = pytest.mark.django_db
DAY = date(2036, 3, 3)


def test_fill_seat_replaces_the_holder_and_keeps_the_old_row(scene):
    successor = make_person()

    fill_seat(scene.council, "hr", "Hr", successor, by=scene.office, term_ends_on=DAY)

    seats = scene.council.seats.filter(title="Hr").order_by("pk")
    assert [(seat.holder == successor, seat.ended_at is None) for seat in seats] == [(False, False), (True, True)]
    assert AuditEvent.objects.order_by("-pk")[0].action == "council.seat_filled"


def test_fill_seat_refuses_two_seats_for_one_person_and_others_acts(scene):
    with pytest.raises(Invalid, match="already holds a seat"):
        fill_seat(scene.council, "it", "It", scene.members["hr"], by=scene.office, term_ends_on=DAY)
    with pytest.raises(Invalid, match="somebody else than the holder"):
        person = make_person()
        fill_seat(scene.council, "it", "It", person, alternate=person, by=scene.office, term_ends_on=DAY)
    with pytest.raises(NotAllowed, match="Only the CAIO office"):
        fill_seat(scene.council, "it", "It", make_person(), by=scene.owner, term_ends_on=DAY)


def test_any_member_takes_an_entry_out_of_consent(scene):
    meeting = call_meeting(scene.council, DAY, by=scene.office)
    entry = put_on_agenda(meeting.pk, scene.review(), by=scene.office, consent=True)
    with pytest.raises(NotAllowed, match="Only members of the council"):
        take_out_of_consent(entry.pk, by=scene.owner)

    take_out_of_consent(entry.pk, by=scene.members["hr"])

    entry.refresh_from_db()
    assert entry.consent is False
    with pytest.raises(NotAllowed, match="already to be discussed"):
        take_out_of_consent(entry.pk, by=scene.members["hr"])


def test_put_on_agenda_again_only_changes_the_kind(scene):
    meeting = call_meeting(scene.council, DAY, by=scene.office)
    first, second = scene.review(), scene.review()

    put_on_agenda(meeting.pk, first, by=scene.office)
    put_on_agenda(meeting.pk, second, by=scene.office)
    put_on_agenda(meeting.pk, first, by=scene.office, consent=True)

    entries = list(meeting.entries.values_list("review", "position", "consent"))
    assert entries == [(first.pk, 1, True), (second.pk, 2, False)]


def test_call_meeting_twice_a_day_is_refused(scene):
    call_meeting(scene.council, DAY, by=scene.office)

    with pytest.raises(Invalid, match="already meets"):
        call_meeting(scene.council, DAY, by=scene.office)
