"""A vote is open until the meeting that has its review on the agenda."""

from datetime import date, timedelta

import pytest

from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from governance.models import ReviewStep, StepKind
from governance.selectors.calendars import calendar_of
from governance.services import council, meetings
from governance.services.calendars import _set_clocks
from governance.services.reviews import resubmit, return_review
from governance.services.votes import close_due_votes
from tests.factories import signed_in

pytestmark = pytest.mark.django_db


def vote_of(review) -> ReviewStep:
    return review.steps.get(kind=StepKind.VOTE)


def business_days(scene, days, since: date | None = None) -> date:
    return calendar_of(scene.council.unit).add(since or clock.today(), days)


def call(scene, days):
    return council.call_meeting(scene.council, business_days(scene, days), by=None)


def test_a_vote_waits_for_the_meeting_to_come(scene):
    review = scene.on_vote()
    usual = vote_of(review).due_on
    meeting = call(scene, 30)

    council.put_on_agenda(meeting.pk, review, by=scene.office)

    assert usual == business_days(scene, vote_of(review).days)
    assert vote_of(review).due_on == meeting.held_on
    with clock.at(clock.now() + timedelta(days=20)):
        assert close_due_votes() == 0
    with clock.at(clock.now() + timedelta(days=60)):
        assert close_due_votes() == 1


def test_an_early_meeting_shortens_no_vote(scene):
    review = scene.on_vote()
    usual = vote_of(review).due_on

    council.put_on_agenda(call(scene, 1).pk, review, by=scene.office)

    assert vote_of(review).due_on == usual


def test_a_vote_that_begins_while_it_is_on_an_agenda_waits_too(scene):
    review, meeting = scene.review(), call(scene, 40)
    council.put_on_agenda(meeting.pk, review, by=scene.office)
    assert vote_of(review).started_at is None

    scene.examine(review)

    assert vote_of(review).due_on == meeting.held_on


def test_what_a_meeting_leaves_undecided_gets_its_days_again(scene):
    review, meeting = scene.on_vote(), call(scene, 30)
    council.put_on_agenda(meeting.pk, review, by=scene.office)

    with clock.at(clock.now() + timedelta(days=50)):
        meetings.open_meeting(meeting.pk, by=scene.office)
        meetings.close_meeting(meeting.pk, by=scene.office)

        assert vote_of(review).due_on == business_days(scene, vote_of(review).days)
        assert _set_clocks() == 0


def test_a_meeting_that_moves_takes_its_votes_along(scene):
    review, meeting = scene.on_vote(), call(scene, 30)
    council.put_on_agenda(meeting.pk, review, by=scene.office)
    later = business_days(scene, 40)

    moved = council.move_meeting(meeting.pk, later, by=scene.office)

    assert (moved.held_on, vote_of(review).due_on) == (later, later)
    assert later.isoformat() in AuditEvent.objects.get(action="meeting.moved").payload
    assert _set_clocks() == 0


def test_a_meeting_moves_to_a_free_business_day_before_it_begins(scene):
    meeting, other = call(scene, 5), call(scene, 6)
    saturday = clock.today() + timedelta(days=(5 - clock.today().weekday()) % 7 + 7)

    for day in (other.held_on, saturday):
        with pytest.raises(Invalid):
            council.move_meeting(meeting.pk, day, by=scene.office)
    with pytest.raises(NotAllowed, match="Only the CAIO office"):
        council.move_meeting(meeting.pk, business_days(scene, 9), by=scene.reviewer("legal"))
    meetings.open_meeting(meeting.pk, by=scene.office)
    with pytest.raises(NotAllowed, match="opened already"):
        council.move_meeting(meeting.pk, business_days(scene, 9), by=scene.office)


def test_move_meeting_by_its_page(scene):
    meeting, browser = call(scene, 5), signed_in(scene.office)
    url = f"{meeting.get_absolute_url()}move/"

    assert f'href="{url}"' in browser.get(meeting.get_absolute_url()).text
    assert f'value="{meeting.held_on.isoformat()}"' in browser.get(url).text
    refused = browser.post(url, {"held_on": ""})
    taken = browser.post(url, {"held_on": business_days(scene, 8).isoformat()})

    meeting.refresh_from_db()
    assert (refused.status_code, taken.url, meeting.held_on) == (
        422, meeting.get_absolute_url(), business_days(scene, 8)
    )  # fmt: skip


def test_other_steps_end_when_their_days_are_over(scene):
    review = scene.review()
    council.put_on_agenda(call(scene, 40).pk, review, by=scene.office)

    examined = review.steps.filter(kind=StepKind.EXAMINE)

    assert {step.due_on for step in examined} == {business_days(scene, step.days) for step in examined}


def test_a_vote_that_waited_for_the_team_ends_with_its_meeting(scene):
    review, meeting = scene.on_vote(), call(scene, 30)
    council.put_on_agenda(meeting.pk, review, by=scene.office)

    return_review(review.pk, "Say who is affected.", by=scene.reviewer("legal"))
    with clock.at(clock.now() + timedelta(days=14)):
        resubmit(review.pk, by=scene.owner)

    assert (vote_of(review).waited_days, vote_of(review).due_on) == (10, meeting.held_on)
