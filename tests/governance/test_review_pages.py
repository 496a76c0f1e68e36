"""The pages about reviews, councils and what follows decisions."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.verify_receipt import verify
from caio_portal.common import clock
from caio_portal.common.models import StoredFile
from governance.decisions import Outcome
from governance.models import Approval, Comment, Condition, Delegation, Finding, Meeting, Severity, Vote
from governance.policy import shipped
from governance.services.approvals import decide_single
from governance.services.council import call_meeting, put_on_agenda
from governance.services.reviews import report_finding, return_review
from portfolio.models import Remark
from tests.factories import make_person, signed_in
from tests.governance.factories import make_condition

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Target": "ballot"}


def page_of(review, name="review_detail", **kwargs):
    return reverse(f"governance:{name}", kwargs={"ref": review.ref, **kwargs})


def ballot(review, **changed):
    return {"choice": "approve", "reason": "", "snapshot_hash": review.snapshot_hash, **changed}


@pytest.mark.parametrize("rows", [1, 3])
def test_review_list_takes_a_constant_number_of_queries(scene, django_assert_max_num_queries, rows):
    reviews = [scene.review(2 + n % 2) for n in range(rows)]
    client = signed_in(scene.office)

    with django_assert_max_num_queries(9):
        response = client.get(reverse("governance:review_list"))

    assert {row.ref for row in response.context["table"].rows} == {review.ref for review in reviews}


@pytest.mark.parametrize(
    ("query", "who", "found"),
    [
        ("?mine=1", "hr", True),
        ("?mine=1", "office", False),
        ("?overdue=1", "hr", False),
        ("?state=ready", "hr", True),
        ("?state=decided", "hr", False),
        ("?tier=3", "hr", True),
        ("?tier=2", "hr", False),
        ("?q=no+such", "hr", False),
    ],
)
def test_review_list_filters(scene, query, who, found):
    review = scene.on_vote()
    client = signed_in(scene.members.get(who) or scene.office)

    rows = client.get(reverse("governance:review_list") + query).context["table"].rows

    assert [row.ref for row in rows] == ([review.ref] if found else [])


def test_review_list_shows_what_is_overdue(scene):
    from datetime import timedelta

    review = scene.review(2)
    client = signed_in(scene.office)

    with clock.at(clock.now() + timedelta(days=20)):
        response = client.get(reverse("governance:review_list") + "?overdue=1")

    assert [row.ref for row in response.context["table"].rows] == [review.ref]


def test_review_list_exports(scene):
    review = scene.review(2)

    response = signed_in(scene.office).get(reverse("governance:review_list") + "?format=csv")

    assert review.ref in b"".join(response.streaming_content).decode("utf-8-sig")


def test_review_detail_is_made_for_deciding(scene):
    review = scene.review()
    report_finding(
        review.pk,
        "legal",
        Severity.MAJOR,
        "No legal basis yet.",
        "the register",
        by=scene.reviewer("legal"),
        control="C05",
    )
    client = signed_in(scene.members["hr"])

    text = client.get(page_of(review)).content.decode()

    for words in (
        "What is asked",
        "No legal basis yet.",
        "<b>wants</b> the register",
        f'controls/C05/">C05 {shipped().control("C05").title}</a>',
        "Controls and evidence",
        "Why this tier",
        "Seats",
    ):
        assert words in text
    assert "Your vote" not in text


@pytest.mark.parametrize("rows", [1, 3])
def test_review_detail_takes_a_constant_number_of_queries(scene, django_assert_max_num_queries, rows):
    review = scene.on_vote()
    scene.vote(review, **dict(list({"data": "reject", "hr": "approve", "finance": "abstain"}.items())[:rows]))
    client = signed_in(scene.members["legal"])

    with django_assert_max_num_queries(36):
        client.get(page_of(review))


def test_cast_vote_by_htmx_answers_with_the_ballot(scene):
    review = scene.on_vote()
    client = signed_in(scene.members["legal"])
    assert "Your vote" in client.get(page_of(review)).content.decode()

    response = client.post(page_of(review, "cast_vote"), ballot(review), headers=HTMX, follow=True)

    text = response.content.decode().strip()
    assert text.startswith('<div id="ballot"')
    assert "You voted" in text
    assert Vote.objects.get().choice == "approve"


def test_cast_vote_with_conditions_old_and_new(scene):
    review = scene.on_vote()
    signed_in(scene.members["legal"]).post(
        page_of(review, "cast_vote"),
        ballot(review, choice="approve_with_conditions", reason="If.", conditions="Keep logs", due_in_days=30),
    )

    signed_in(scene.members["ciso"]).post(
        page_of(review, "cast_vote"),
        ballot(
            review, choice="approve_with_conditions", reason="Yes.", proposed=["keep logs"], conditions="Train\n\nTest"
        ),
    )

    first, second = Vote.objects.order_by("pk")
    assert first.conditions == [{"text": "Keep logs", "due_in_days": 30}]
    assert [condition["text"] for condition in second.conditions] == ["Keep logs", "Train", "Test"]


def test_cast_vote_that_does_not_fit_comes_back_with_what_was_typed(scene):
    review = scene.on_vote()

    response = signed_in(scene.members["legal"]).post(
        page_of(review, "cast_vote"), ballot(review, choice="", reason="I think so"), headers=HTMX
    )

    assert response.status_code == 422
    assert "I think so" in response.content.decode()
    assert not Vote.objects.exists()


def test_cast_vote_by_the_owner_is_refused_with_a_sentence(scene):
    review = scene.on_vote()

    response = signed_in(scene.owner).post(page_of(review, "cast_vote"), ballot(review))

    assert response.status_code == 403
    assert "You cannot vote on a use case that you request, own or sponsor." in response.content.decode()


def test_recuse_and_appoint(scene):
    review = scene.on_vote()
    signed_in(scene.members["ciso"]).post(page_of(review, "recuse"), {"reason": "My brother sells it."})
    seat = scene.seat(review, "ciso")
    caio = signed_in(scene.caio)
    assert "Needs a holder" in caio.get(page_of(review)).content.decode()

    caio.post(page_of(review, "appoint_holder", seat=seat.seat_id), {"holder": scene.spare.pk})

    assert scene.seat(review, "ciso").holder == scene.spare


def test_appoint_refuses_a_person_who_is_not_offered(scene):
    review = scene.on_vote()
    signed_in(scene.members["ciso"]).post(page_of(review, "recuse"), {"reason": "A tie."})
    seat = scene.seat(review, "ciso")

    response = signed_in(scene.caio).post(
        page_of(review, "appoint_holder", seat=seat.seat_id), {"holder": make_person().pk}
    )

    assert response.status_code == 422


def test_report_finding_on_the_page(scene):
    review = scene.review()
    reviewer = signed_in(scene.reviewer("privacy"))
    assert "Your finding" in reviewer.get(page_of(review)).content.decode()

    reviewer.post(
        page_of(review, "report_finding"),
        {"function": "privacy", "severity": "minor", "text": "Shorten retention.", "finish": "on"},
    )

    assert Finding.objects.get().text == "Shorten retention."
    assert 'name="severity"' not in reviewer.get(page_of(review)).content.decode()


def test_return_and_resubmit_on_the_page(scene):
    review = scene.review()
    signed_in(scene.office).post(page_of(review, "return_review"), {"reason": "Who is affected?"})
    owner = signed_in(scene.owner)
    assert "Submit it again" in owner.get(page_of(review)).content.decode()

    owner.post(page_of(review, "resubmit_review"))

    review.refresh_from_db()
    assert review.state == "in_review"


def test_a_review_is_returned_with_remarks_at_its_answers(scene):
    review = scene.review(facts={"purpose": "Reads letters."})
    office = signed_in(scene.office)
    page = office.get(page_of(review, "return_review")).content.decode()

    office.post(page_of(review, "return_review"), {"reason": "Two answers.", "at-purpose": "Whose letters?"})

    remark = Remark.objects.get()
    assert "Reads letters." in page
    assert (remark.use_case_id, remark.fact, remark.text) == (review.use_case_id, "purpose", "Whose letters?")
    check = f"/intake/{review.use_case.ref}/check/"
    told = Notice.objects.filter(user=scene.owner).latest("pk")
    assert told.url == check
    team = signed_in(scene.owner)
    for address in (check, review.use_case.get_absolute_url()):
        content = team.get(address).content.decode()
        assert (
            f'<a href="/intake/{review.use_case.ref}/purpose/#question-purpose">Purpose</a> Whose letters?' in content
        )


def test_a_party_does_not_return(scene):
    client, address = signed_in(scene.owner), page_of(scene.review(), "return_review")
    page = client.get(address)

    assert "You are a party of this use case" in page.content.decode()
    assert client.post(address, {"reason": "No."}).status_code == 403


def test_a_returned_review_without_a_reason_stays(scene):
    review = scene.review()

    sent = {"reason": "", "at-purpose": "Whose letters?"}
    response = signed_in(scene.office).post(page_of(review, "return_review"), sent)

    review.refresh_from_db()
    assert (response.status_code, review.returned_at) == (422, None)
    assert "Whose letters?" in response.content.decode()


def test_withdraw_and_comment_on_the_page(scene):
    review = scene.review()
    owner = signed_in(scene.owner)

    owner.post(page_of(review, "comment"), {"text": "We stop here."})
    owner.post(page_of(review, "withdraw_review"), {"reason": "No budget."})

    review.refresh_from_db()
    assert (review.state, Comment.objects.get().text) == ("withdrawn", "We stop here.")


def test_decide_review_on_the_page(scene):
    review = scene.review(2)
    office = signed_in(scene.office)
    assert "Your decision" in office.get(page_of(review)).content.decode()

    office.post(
        page_of(review, "decide_review"),
        {"outcome": "approved_with_conditions", "reason": "Useful.", "conditions": "Keep logs", "due_in_days": "60"},
    )

    text = office.get(page_of(review)).content.decode()
    assert "Approved with conditions" in text
    assert Condition.objects.get().text == "Keep logs"


def test_accept_risk_on_the_page(scene):
    review = scene.vote(scene.on_vote(4), legal="approve", ciso="approve", hr="approve")
    sponsor = signed_in(scene.sponsor)
    assert "The residual risk" in sponsor.get(page_of(review)).content.decode()

    sponsor.post(page_of(review, "accept_risk"), {"accepted": "yes", "reason": "Worth it."})

    assert Approval.objects.filter(use_case=review.use_case).exists()


def test_download_receipt_verifies_offline(scene):
    review = scene.review(2)
    decide_single(review.pk, Outcome.APPROVED, "Useful.", by=scene.office)
    reader = signed_in(scene.owner)

    response = reader.get(page_of(review, "download_receipt"))
    key = reader.get(reverse("governance:receipt_key"))

    assert verify(response.content, key.content.decode().strip())["review"] == review.ref
    assert response["Content-Disposition"] == f'attachment; filename="{review.ref}-receipt.json"'


def test_download_receipt_of_an_open_review_is_not_found(scene):
    assert signed_in(scene.owner).get(page_of(scene.review(2), "download_receipt")).status_code == 404


def test_review_detail_tells_what_changed(scene):
    from governance.services.reviews import resubmit
    from portfolio.services import write_facts

    review = scene.review()
    return_review(review.pk, "Who?", by=scene.office)
    write_facts(review.use_case_id, {"users_expected": 1200}, by=scene.owner)
    resubmit(review.pk, by=scene.owner)

    text = signed_in(scene.office).get(page_of(review)).content.decode()

    assert "differs from the last submission" in text


def test_meet_condition_with_a_file(scene):
    owner = make_person(Role.OWNER, unit=scene.unit)
    condition = make_condition(scene.unit, owner)
    client = signed_in(owner)
    address = reverse("governance:meet_condition", args=[condition.pk])
    assert client.get(address).status_code == 200

    nothing = client.post(address, {"title": "Logs"})
    client.post(address, {"title": "Logs", "file": SimpleUploadedFile("logs.txt", b"all of them")})

    condition.refresh_from_db()
    assert nothing.status_code == 422
    assert (condition.evidence.title, condition.evidence.file.name) == ("Logs", "logs.txt")
    assert client.get(address).status_code == 403


def test_meet_condition_with_a_hostile_file_keeps_what_was_typed(scene):
    owner = make_person(Role.OWNER, unit=scene.unit)
    condition = make_condition(scene.unit, owner)
    address = reverse("governance:meet_condition", args=[condition.pk])
    program = SimpleUploadedFile("logs.pdf", b"MZ\x90\x00" + b"\x00" * 100, "application/pdf")

    response = signed_in(owner).post(address, {"title": "Logs of November", "file": program})

    condition.refresh_from_db()
    page = response.content.decode()
    assert (response.status_code, condition.met_at) == (422, None)
    assert "The file is named .pdf, but its content is something else." in page
    assert 'value="Logs of November"' in page
    assert StoredFile.objects.count() == 0


def test_revoke_approval_from_the_dossier(scene):
    condition = make_condition(scene.unit)
    approval = Approval.objects.get(decision=condition.decision)
    office = signed_in(scene.office)
    tab = reverse("portfolio:use_case_tab", args=[approval.use_case.ref, "decisions"])
    assert "Take the approval back" in office.get(tab).content.decode()

    office.post(reverse("governance:revoke_approval", args=[approval.pk]), {"reason": "It misbehaved."})

    approval.refresh_from_db()
    assert approval.end_reason == "revoked"
    assert "Take the approval back" not in office.get(tab).content.decode()


@pytest.mark.parametrize("rows", [1, 3])
def test_council_list_takes_a_constant_number_of_queries(scene, django_assert_max_num_queries, rows):
    for number in range(rows):
        call_meeting(scene.council, date(2036, 1, 1 + number), by=None)
    client = signed_in(scene.members["hr"])

    with django_assert_max_num_queries(13):
        response = client.get(reverse("governance:council_list"))

    (view,) = response.context["councils"]
    assert (len(view.seats), len(view.meetings)) == (5, rows)


def test_fill_seat_on_the_page(scene):
    office, member = signed_in(scene.office), make_person(Role.COUNCIL_MEMBER, unit=scene.unit)
    address = reverse("governance:fill_seat", args=[scene.council.pk])
    seat = {"title": "Ethics", "function": "privacy", "holder": member.pk, "term_ends_on": "2036-01-01"}

    wrong = office.post(address, seat | {"alternate": member.pk})
    right = office.post(address, seat)

    assert (wrong.status_code, right.status_code) == (422, 302)
    assert scene.council.seats.get(title="Ethics").holder == member


def test_delegate_seat_on_the_page(scene):
    seat = scene.council.seats.get(function="hr")
    address = reverse("governance:delegate_seat", args=[seat.pk])
    days = {"to": scene.spare.pk, "starts_on": "2035-12-02", "ends_on": "2035-12-09"}

    refused = signed_in(scene.members["data"]).get(address)
    signed_in(scene.members["hr"]).post(address, days)

    assert refused.status_code == 403
    assert Delegation.objects.get().to == scene.spare


def test_meeting_with_its_agenda(scene):
    office = signed_in(scene.office)
    office.post(reverse("governance:call_meeting", args=[scene.council.pk]), {"held_on": "2036-02-01"})
    meeting = Meeting.objects.get()
    review = scene.on_vote()
    address = reverse("governance:meeting_detail", args=[meeting.pk])
    assert "Put on the agenda" in office.get(address).content.decode()

    office.post(reverse("governance:put_on_agenda", args=[meeting.pk]), {"review": review.pk, "consent": "on"})
    member = signed_in(scene.members["hr"])
    (view,) = member.get(address).context["page"].consent
    member.post(reverse("governance:take_out_of_consent", args=[view.entry.pk]))

    page = member.get(address).context["page"]
    assert ([view.review for view in page.to_decide], page.consent) == ([review], ())


@pytest.mark.parametrize("rows", [1, 3])
def test_meeting_takes_a_constant_number_of_queries(scene, django_assert_max_num_queries, rows):
    meeting = call_meeting(scene.council, date(2036, 1, 1), by=None)
    for _ in range(rows):
        put_on_agenda(meeting.pk, scene.review(), by=None)
    client = signed_in(scene.office)

    with django_assert_max_num_queries(23):  # one of them for minutes that wait
        response = client.get(reverse("governance:meeting_detail", args=[meeting.pk]))

    assert len(response.context["page"].to_decide) == rows


def test_my_work_names_what_waits(scene):
    on_vote, single, returned = scene.on_vote(), scene.review(2), scene.review()
    return_review(returned.pk, "Why?", by=scene.office)

    def kinds(user):
        from governance.selectors.work import my_work

        return sorted((entry.kind, entry.detail.split(":")[0]) for entry in my_work(user))

    assert kinds(scene.members["hr"]) == [("Your vote", on_vote.ref)]
    assert kinds(scene.office) == [("Your decision", single.ref)]
    assert kinds(scene.owner) == [("Returned to you", returned.ref)]
    assert kinds(scene.reviewer("legal")) == []
    assert kinds(scene.reviewer("privacy")) == []
    examined = scene.review()
    assert kinds(scene.reviewer("privacy")) == [("Your finding", examined.ref)]


def test_a_vote_says_that_it_is_cast_beside_the_part_that_changes(scene):
    review = scene.on_vote()
    browser, ballot = signed_in(scene.members["legal"]), {"HX-Request": "true", "HX-Target": "ballot"}
    vote = {"choice": "approve", "snapshot_hash": review.snapshot_hash}

    told = browser.post(f"/reviews/{review.ref}/vote/", vote, headers=ballot, follow=True)
    again = browser.get(f"/reviews/{review.ref}/", headers=ballot)

    assert told.text.startswith('<div id="ballot"')
    assert told.text.count('<div hx-swap-oob="beforeend:#toasts">') == 1
    assert "Your vote is cast." in told.text
    assert "toasts" not in again.text
