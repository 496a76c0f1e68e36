"""Meetings from the agenda to approved minutes, as services and as pages."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock, files, jobs
from caio_portal.common.errors import Invalid, NotAllowed
from caio_portal.common.models import Job, JobState
from governance import papers
from governance.models import AgendaEntry, Attendance, Meeting, ReviewState, Severity, Vote
from governance.services import council, meetings
from governance.services.reviews import report_finding
from tests.factories import make_person, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def meeting(scene):
    return council.call_meeting(scene.council, clock.today(), by=None)


def seats(scene):
    return {seat.function: seat for seat in scene.council.seats.filter(ended_at=None)}


def opened(scene, meeting):
    return meetings.open_meeting(meeting.pk, by=scene.office)


def closed(scene, meeting):
    opened(scene, meeting)
    return meetings.close_meeting(meeting.pk, by=scene.office)


def next_one(scene, meeting):
    """The council's next meeting, open."""
    day = meeting.held_on + timedelta(days=7)
    return meetings.open_meeting(council.call_meeting(scene.council, day, by=None).pk, by=scene.office)


def test_build_agenda_takes_what_is_ready_and_lets_doubts_be_discussed(scene, meeting):
    clear = scene.on_vote()
    doubted = scene.review()
    report_finding(doubted.pk, "legal", Severity.MINOR, "A typo.", by=scene.reviewer("legal"))
    scene.examine(doubted)
    scene.review()

    count = meetings.build_agenda(meeting.pk, by=scene.office)

    assert count == 2
    assert dict(meeting.entries.values_list("review", "consent")) == {clear.pk: True, doubted.pk: False}
    assert meetings.build_agenda(meeting.pk, by=scene.office) == 0


def test_only_the_office_runs_a_meeting(scene, meeting):
    for act in (meetings.build_agenda, meetings.open_meeting):
        with pytest.raises(NotAllowed, match="Only the CAIO office"):
            act(meeting.pk, by=scene.members["hr"])


def test_record_attendance_and_change_it(scene, meeting):
    opened(scene, meeting)
    legal, hr = seats(scene)["legal"], seats(scene)["hr"]

    meetings.record_attendance(meeting.pk, {legal.pk: legal.holder_id, hr.pk: hr.holder_id}, by=scene.office)
    meetings.record_attendance(meeting.pk, {legal.pk: scene.spare.pk, hr.pk: None}, by=scene.office)

    assert dict(Attendance.objects.values_list("seat", "user")) == {legal.pk: scene.spare.pk, hr.pk: None}


def test_nobody_sits_on_two_seats(scene, meeting):
    opened(scene, meeting)
    legal, hr = seats(scene)["legal"], seats(scene)["hr"]

    with pytest.raises(Invalid, match="one seat"):
        meetings.record_attendance(meeting.pk, {legal.pk: scene.spare.pk, hr.pk: scene.spare.pk}, by=scene.office)


def test_attendance_needs_an_open_meeting(scene, meeting):
    with pytest.raises(NotAllowed, match="not open"):
        meetings.record_attendance(meeting.pk, {}, by=scene.office)


def test_vote_consent_votes_on_each_item_and_the_last_vote_decides(scene, meeting):
    reviews = [scene.on_vote(), scene.on_vote()]
    discussed = scene.on_vote()
    meetings.build_agenda(meeting.pk, by=scene.office)
    council.put_on_agenda(meeting.pk, discussed, by=scene.office, consent=False)
    opened(scene, meeting)

    given = [meetings.vote_consent(meeting.pk, by=scene.members[name]) for name in ("legal", "ciso", "data")]

    assert given == [(2, []), (2, []), (2, [])]
    for review in reviews:
        review.refresh_from_db()
        assert review.state == ReviewState.DECIDED
    assert not Vote.objects.filter(review=discussed).exists()
    assert meetings.vote_consent(meeting.pk, by=scene.members["hr"]) == (0, [])


def test_vote_consent_needs_an_open_meeting_and_leaves_votes_that_were_cast(scene, meeting):
    review = scene.on_vote()
    meetings.build_agenda(meeting.pk, by=scene.office)
    with pytest.raises(NotAllowed, match="not open"):
        meetings.vote_consent(meeting.pk, by=scene.members["hr"])
    opened(scene, meeting)
    scene.vote(review, hr="abstain")

    assert meetings.vote_consent(meeting.pk, by=scene.members["hr"]) == (0, [])
    assert meetings.vote_consent(meeting.pk, by=scene.owner) == (0, [])


def test_what_was_taken_out_is_not_voted_by_consent(scene, meeting):
    scene.on_vote()
    meetings.build_agenda(meeting.pk, by=scene.office)
    opened(scene, meeting)
    council.take_out_of_consent(meeting.entries.get().pk, by=scene.members["legal"])

    assert meetings.vote_consent(meeting.pk, by=scene.members["hr"]) == (0, [])


def test_minutes_are_drafted_from_what_happened(scene, meeting):
    review = scene.on_vote()
    waiting = scene.on_vote()
    meetings.build_agenda(meeting.pk, by=scene.office)
    opened(scene, meeting)
    hr = seats(scene)["hr"]
    meetings.record_attendance(meeting.pk, {hr.pk: hr.holder_id}, by=scene.office)
    scene.vote(review, hr="reject", data="approve", legal="approve", ciso="approve")
    critical = scene.on_vote(tier=4)
    meetings.build_agenda(meeting.pk, by=scene.office)
    scene.vote(critical, data="approve", legal="approve", ciso="approve")
    due = clock.today() + timedelta(days=7)
    meetings.plan_action(meeting.pk, "Write to the works council", scene.owner, due, by=scene.office)

    text = meetings.close_meeting(meeting.pk, by=scene.office).minutes_text

    assert "Present: Member hr (Hr)." in text
    assert "1 of 5 seats were there." in text
    assert f"({review.ref}, consent item)\nApproved." in text
    assert "Member hr (Hr) reject" in text
    assert "Dissent of Member hr: Because." in text
    assert f"({waiting.ref}, consent item)\nNot decided; the vote stays open until its deadline." in text
    assert f"({critical.ref}, consent item)\nThe vote: approved. 3 of 5 eligible seats approve" in text
    assert "An executive accepts the risk, or not." in text
    assert f"Write to the works council, by {due:%-d %B %Y}." in text


def test_minutes_are_edited_approved_and_then_final(scene, meeting):
    closed(scene, meeting)
    meetings.write_minutes(meeting.pk, "Minutes\n\nWe met.", by=scene.office)
    with pytest.raises(NotAllowed, match="at its next meeting"):
        meetings.approve_minutes(meeting.pk, by=scene.members["hr"])
    later = next_one(scene, meeting)
    with pytest.raises(NotAllowed, match="Only members"):
        meetings.approve_minutes(meeting.pk, by=scene.office)

    approved = meetings.approve_minutes(meeting.pk, by=scene.members["hr"])
    text = meetings.close_meeting(later.pk, by=scene.office).minutes_text

    assert approved.minutes_approved_in == later
    assert f"The minutes of {meeting.held_on:%-d %B %Y} were approved." in text

    with pytest.raises(NotAllowed, match="approved"):
        meetings.write_minutes(meeting.pk, "Other", by=scene.office)
    with pytest.raises(IntegrityError, match="do not change"), transaction.atomic():
        Meeting.objects.filter(pk=meeting.pk).update(minutes_text="Other")
    actions = list(AuditEvent.objects.filter(action__startswith="meeting.").values_list("action", flat=True))
    assert actions[-2:] == ["meeting.minutes_approved", "meeting.closed"]
    assert Job.objects.get(kind=meetings.PAPERS).state == JobState.QUEUED


def test_a_closed_meeting_takes_nothing_more(scene, meeting):
    closed(scene, meeting)

    with pytest.raises(NotAllowed, match="closed"):
        meetings.build_agenda(meeting.pk, by=scene.office)
    with pytest.raises(NotAllowed, match="not open"):
        meetings.plan_action(meeting.pk, "x", scene.owner, clock.today(), by=scene.office)


def test_finish_action_is_for_who_took_it_on(scene, meeting):
    opened(scene, meeting)
    action = meetings.plan_action(meeting.pk, "Call", scene.owner, clock.today(), by=scene.office)
    with pytest.raises(NotAllowed, match="Only who took"):
        meetings.finish_action(action.pk, by=scene.members["hr"])

    assert meetings.finish_action(action.pk, by=scene.owner).done_at


# --- papers ---


def test_the_pack_says_of_each_review_what_the_council_must_know(scene, meeting):
    review = scene.review(3, facts={"expected_benefit": "Letters arrive a week earlier."})
    report_finding(review.pk, "legal", Severity.MAJOR, "No legal basis.", by=scene.reviewer("legal"))
    scene.examine(review)
    meetings.build_agenda(meeting.pk, by=scene.office)

    (entry,) = papers.pack_entries(meeting)

    assert entry.arguments.speaks_for[0].text == "Letters arrive a week earlier."
    assert (entry.findings[0][1], entry.findings[0][0].text) == ("Legal", "No legal basis.")
    assert entry.days_due


def test_the_pack_is_made_by_a_job_and_kept(scene, meeting):
    scene.on_vote()
    meetings.build_agenda(meeting.pk, by=scene.office)

    job = jobs.run_here(meetings.request_pack(meeting.pk, by=scene.office).pk)

    meeting.refresh_from_db()
    assert (job.state, job.result) == (JobState.DONE, {"url": f"/meetings/{meeting.pk}/papers/pack/"})
    assert files.content_of(meeting.pack).startswith(b"%PDF")


def test_approved_minutes_become_a_pdf(scene, meeting):
    closed(scene, meeting)
    next_one(scene, meeting)
    meetings.approve_minutes(meeting.pk, by=scene.members["hr"])

    jobs.run_here(Job.objects.get(kind=meetings.PAPERS).pk)

    meeting.refresh_from_db()
    assert files.content_of(meeting.minutes).startswith(b"%PDF")


# --- pages ---


def address(meeting, path=""):
    return f"/meetings/{meeting.pk}/{path}"


def test_the_page_changes_by_itself_only_when_something_happened(scene, meeting):
    review = scene.on_vote()
    meetings.build_agenda(meeting.pk, by=scene.office)
    opened(scene, meeting)
    client = signed_in(scene.members["legal"])

    first = client.get(address(meeting, "live/"))
    again = client.get(address(meeting, "live/"), headers={"If-None-Match": first["ETag"]})
    scene.vote(review, hr="approve")
    then = client.get(address(meeting, "live/"), headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, then.status_code) == (200, 304, 200)
    assert again.content == b""
    assert "Hr: Approve" in then.content.decode()
    assert then["ETag"] != first["ETag"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_live_part_takes_a_constant_number_of_queries(scene, meeting, django_assert_num_queries, rows):
    for _ in range(rows):
        scene.on_vote()
    meetings.build_agenda(meeting.pk, by=scene.office)
    opened(scene, meeting)
    client = signed_in(scene.members["legal"])
    tag = client.get(address(meeting, "live/"))["ETag"]

    with django_assert_num_queries(8):  # session, user, roles, meeting; entries, votes, people, seats
        assert client.get(address(meeting, "live/"), headers={"If-None-Match": tag}).status_code == 304
    with django_assert_num_queries(16):
        client.get(address(meeting, "live/"))


def test_meeting_detail_offers_each_what_is_theirs(scene, meeting):
    scene.on_vote()
    meetings.build_agenda(meeting.pk, by=scene.office)
    opened(scene, meeting)

    office = signed_in(scene.office).get(address(meeting)).content.decode()
    member = signed_in(scene.members["legal"]).get(address(meeting)).content.decode()

    assert "Record it" in office
    assert "Close it" in office
    assert "Approve the consent item" in member
    assert "Record it" not in member
    assert "Close it" not in member


def test_a_meeting_by_its_pages(scene, meeting):
    review = scene.on_vote()
    office, legal = signed_in(scene.office), signed_in(scene.members["legal"])
    seat = seats(scene)["legal"]
    office.post(address(meeting, "build/"))
    office.post(address(meeting, "open/"))
    office.post(address(meeting, "attendance/"), {f"seat-{seat.pk}": scene.members["legal"].pk})
    office.post(address(meeting, "actions/"), {"text": "Call", "owner": scene.owner.pk, "due_on": clock.today()})
    legal.post(address(meeting, "consent/"))
    office.post(address(meeting, "close/"))
    office.post(address(meeting, "minutes/"), {"text": "We met."})
    later = next_one(scene, meeting)
    offered = legal.get(address(later)).content.decode()
    legal.post(address(meeting, "approve/"))

    meeting.refresh_from_db()
    assert Vote.objects.get(review=review).voter == scene.members["legal"]
    assert meeting.actions.get().text == "Call"
    assert (meeting.minutes_text, meeting.minutes_approved_by) == ("We met.", scene.members["legal"])
    assert f'action="{address(meeting, "approve/")}"' in offered
    assert f'href="{address(later)}"' in legal.get(address(meeting)).content.decode()
    assert "Minutes to approve" not in legal.get(address(later)).content.decode()


@pytest.mark.parametrize(
    ("path", "data"),
    [("actions/", {"text": "", "due_on": "2020-01-01"}), ("agenda/", {"review": "0"})],
)
def test_what_cannot_be_taken_comes_back(scene, meeting, path, data):
    opened(scene, meeting)

    assert signed_in(scene.office).post(address(meeting, path), data).status_code == 422


def test_papers_are_for_the_council_the_office_and_auditors(scene, meeting):
    stored = files.store("pack.pdf", b"%PDF", "application/pdf")
    Meeting.objects.filter(pk=meeting.pk).update(pack=stored)

    assert signed_in(scene.members["hr"]).get(address(meeting, "papers/pack/")).getvalue() == b"%PDF"
    assert signed_in(scene.owner).get(address(meeting, "papers/pack/")).status_code == 403
    assert signed_in(scene.office).get(address(meeting, "papers/minutes/")).status_code == 404
    assert signed_in(scene.office).get(address(meeting, "papers/council/")).status_code == 404


def test_confidential_entries_stay_hidden(scene, meeting):
    review = scene.on_vote(confidential=True, title="Secret door")
    council.put_on_agenda(meeting.pk, review, by=scene.office)
    stranger = make_person("requester", unit=scene.unit)

    page = signed_in(stranger).get(address(meeting)).content.decode()

    assert "Secret door" not in page
    assert AgendaEntry.objects.count() == 1


@pytest.mark.parametrize("rows", [1, 3])
def test_meetings_are_listed_in_a_constant_number_of_queries(scene, django_assert_max_num_queries, rows):
    for week in range(rows):
        one = council.call_meeting(scene.council, clock.today() + timedelta(days=7 * week), by=None)
        council.put_on_agenda(one.pk, scene.review(), by=scene.office)
    browser = signed_in(scene.office)
    browser.get("/meetings/")

    with django_assert_max_num_queries(14):
        page = browser.get("/meetings/")

    assert page.text.count("Meeting of") == 0
    assert page.text.count('<td class="num">1</td>') == rows
    assert page.text.count("Called") == rows


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 2),
        ({"open": "1"}, 1),
        ({"minutes": "1"}, 1),
        ({"q": "council of"}, 2),
        ({"q": "R-"}, 1),
        ({"q": "none"}, 0),
    ],
)
def test_meetings_are_found(scene, meeting, query, found):
    closed(scene, meeting)
    coming = council.call_meeting(scene.council, clock.today() + timedelta(days=7), by=None)
    council.put_on_agenda(coming.pk, scene.review(), by=scene.office)

    page = signed_in(scene.office).get("/meetings/", query)
    exported = signed_in(scene.office).get("/meetings/", query | {"format": "csv"})

    assert page.text.count('<th scope="row"') == found
    assert len(b"".join(exported.streaming_content).strip().splitlines()) == found + 1


def test_meetings_of_other_units_are_not_listed(scene, meeting):
    page = signed_in(make_person("caio_office")).get("/meetings/")

    assert meeting.get_absolute_url() not in page.text
