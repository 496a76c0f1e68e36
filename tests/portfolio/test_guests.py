"""A signed link: one use case of one guest, until a day, until it is withdrawn, or until they submit."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from caio_portal.accounts.models import Notice, User, UserKind
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock, jobs
from caio_portal.common.errors import Invalid, NotAllowed
from caio_portal.common.models import StoredFile
from portfolio import services
from portfolio.facts import Kind
from portfolio.guest_tokens import address_of, token_of
from portfolio.intake.versions import current, source_of
from portfolio.models import GuestLink, UseCase
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case, signed_in
from tests.portfolio.test_services import complete_facts

pytestmark = pytest.mark.django_db
HTMX = {"hx-request": "true"}


@pytest.fixture
def unit():
    return make_unit("Claims")


@pytest.fixture
def link(unit, office):
    return services.invite_guest(unit.pk, "gita@partner.example", "Gita Guest", by=office, days=14, note="As agreed.")


@pytest.fixture
def visitor():
    """Somebody who is not signed in."""
    return Client()


def begin(visitor, link):
    return visitor.post(address_of(link), {"title": "Chat for brokers", "stage": "idea"})


def section(link, name="purpose"):
    return reverse("portfolio:guest_section", args=[token_of(link), name])


def check(link):
    return reverse("portfolio:guest_check", args=[token_of(link)])


def complete(link):
    link.refresh_from_db()
    UseCase.objects.filter(pk=link.use_case_id).update(facts=complete_facts())


def test_a_link_is_mailed_to_a_guest(link, office):
    guest = User.objects.get(email="gita@partner.example")
    notice = Notice.objects.get(user=guest)
    jobs.run_here(notice.job_id)

    assert (guest.kind, guest.has_usable_password()) == (UserKind.GUEST, False)
    assert address_of(link) in mail.outbox[0].body
    assert AuditEvent.objects.filter(action="guest.invited", actor_id=office.pk).count() == 1


def test_a_guest_does_not_sign_in(visitor, link):
    link.guest.set_password("a long enough password")
    link.guest.save()

    visitor.post("/account/login/", {"login": link.guest.email, "password": "a long enough password"})

    assert visitor.get("/").status_code == 302


def test_whoever_has_an_account_signs_in(unit, office):
    colleague = make_person()

    with pytest.raises(Invalid, match="has an account"):
        services.invite_guest(unit.pk, colleague.email, "X", by=office, days=7)


def test_a_guest_is_asked_again_as_the_same_person(unit, office, link):
    again = services.invite_guest(unit.pk, "GITA@partner.example", "Other name", by=office, days=7)

    assert again.guest == link.guest


def test_others_send_no_links(unit):
    with pytest.raises(NotAllowed):
        services.invite_guest(unit.pk, "x@partner.example", "X", by=make_person(Role.AUDITOR, unit=unit), days=7)


def test_the_page_sends_and_shows_links(unit, office, visitor):
    client = signed_in(office)
    typed = {"name": "Gita", "email": "gita@partner.example", "unit": unit.pk, "days": "7", "note": ""}

    sent = client.post(reverse("portfolio:guest_links"), typed)
    [(link, address)] = client.get(reverse("portfolio:guest_links")).context["links"]

    assert (sent.status_code, link.guest.name) == (302, "Gita")
    assert visitor.get(address).status_code == 200


@pytest.mark.parametrize("changes", [{"email": "nobody"}, {"days": "365"}, {"name": ""}, {"unit": ""}])
def test_an_invitation_that_cannot_be_comes_back_as_it_was_typed(unit, office, changes):
    typed = {"name": "Gita", "email": "gita@partner.example", "unit": unit.pk, "days": "7", "note": "typed", **changes}

    response = signed_in(office).post(reverse("portfolio:guest_links"), typed)

    assert (response.status_code, GuestLink.objects.count()) == (422, 0)
    assert response.context["form"]["note"].value() == "typed"


def test_the_guest_registers_answers_and_submits_without_an_account(visitor, link, office):
    begun = begin(visitor, link)
    asked = ["purpose", "outputs", "expected_benefit", "topic_area", "users_expected"]
    saved = visitor.post(section(link), {"asked": asked, "purpose": "Answers brokers.", "seen": ""})
    facts = UseCase.objects.get().facts
    complete(link)
    page = visitor.get(check(link))
    submitted = visitor.post(check(link))
    standing = visitor.get(address_of(link))

    link.refresh_from_db()
    assert (begun.url, saved.url) == (section(link), section(link, "technique"))
    assert facts == {"purpose": "Answers brokers."}
    assert page.context["objection"] is None
    assert submitted.url == address_of(link)
    assert (link.use_case.requester, link.use_case.submissions.count()) == (link.guest, 1)
    assert "You have submitted it" in standing.content.decode()
    assert [n.user for n in Notice.objects.filter(user=office)] == [office, office]


def test_answers_are_saved_as_they_are_given(visitor, link):
    begin(visitor, link)

    response = visitor.post(section(link), {"asked": ["purpose"], "purpose": "Kept."}, headers=HTMX)

    assert 'id="outlook"' in response.content.decode()
    assert UseCase.objects.get().facts == {"purpose": "Kept."}


def test_the_link_leads_back_to_what_is_open(visitor, link):
    begin(visitor, link)

    assert visitor.get(address_of(link)).url == section(link)


def test_no_page_of_a_guest_tells_of_others(visitor, link, unit):
    make_use_case("Chat for brokers and others", unit=unit)
    begin(visitor, link)

    pages = [visitor.get(section(link)), visitor.get(check(link))]

    assert all("Chat for brokers and others" not in page.content.decode() for page in pages)
    assert all(f'href="{path}' not in page.content.decode() for page in pages for path in ("/use-cases/", "/intake/"))


def test_a_link_registers_once(visitor, link):
    begin(visitor, link)

    begin(visitor, link)
    with pytest.raises(NotAllowed, match="already"):
        services.begin_as_guest(link.pk, "Another", Stage.IDEA)

    assert UseCase.objects.count() == 1


def test_after_submission_nothing_is_changed(visitor, link):
    begin(visitor, link)
    complete(link)
    services.submit_as_guest(link.pk)

    read = visitor.get(section(link))
    written = visitor.post(section(link), {"asked": ["purpose"], "purpose": "Later."})
    again = visitor.post(check(link))

    assert (read.url, written.status_code, again.status_code) == (address_of(link), 403, 403)
    assert UseCase.objects.get().facts == complete_facts()


def test_what_is_incomplete_is_not_submitted(visitor, link):
    begin(visitor, link)

    assert visitor.post(check(link)).status_code == 403
    assert not UseCase.objects.get().submissions.exists()


@pytest.mark.parametrize("how", ["expired", "withdrawn"])
def test_a_link_that_is_over_opens_nothing(visitor, link, office, how):
    begin(visitor, link)
    if how == "withdrawn":
        signed_in(office).post(reverse("portfolio:revoke_guest_link", args=[link.pk]))
    later = clock.now() + timedelta(days=15 if how == "expired" else 0)

    with clock.at(later):
        start, answer = visitor.get(address_of(link)), visitor.post(section(link), {"asked": ["purpose"]})

    assert (start.status_code, answer.status_code) == (410, 403)
    assert "has expired or was withdrawn" in start.content.decode()


@pytest.mark.parametrize("token", ["1", "1:x", "nonsense", "999999:abc"])
def test_what_we_did_not_sign_does_not_exist(visitor, link, token):
    assert visitor.get(reverse("portfolio:guest_start", args=[token])).status_code == 404


def test_pages_of_a_guest_are_not_kept_by_browsers_or_search_engines(visitor, link):
    page = visitor.get(address_of(link))

    assert "no-store" in page["Cache-Control"]
    assert '<meta name="robots" content="noindex">' in page.content.decode()


def test_before_the_title_there_are_no_questions(visitor, link):
    assert visitor.get(section(link)).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_query_count(unit, office, rows, django_assert_num_queries):
    for number in range(rows):
        services.invite_guest(unit.pk, f"guest{number}@partner.example", "Guest", by=office, days=7)
    client = signed_in(office)
    client.get(reverse("portfolio:guest_links"))

    with django_assert_num_queries(6):  # session, user, roles, units, links, notices
        client.get(reverse("portfolio:guest_links"))


# --- files and newer questions ---------------------------------------------------------------------------------------


@pytest.fixture
def document(link):
    """A question for a file, and what is sent to answer it."""
    _, questionnaire = current()
    part, fact = next(
        (part.key, q.fact) for part in questionnaire.sections for q in part.questions if q.about.kind is Kind.FILE
    )
    return section(link, part), fact


def send(visitor, document, content=b"What it is for.", **headers):
    address, fact = document
    sent = {"asked": [fact, "purpose"], fact: SimpleUploadedFile("card.txt", content, "text/plain")}
    return visitor.post(address, sent, headers=headers)


def test_a_link_takes_so_many_files(visitor, link, document, settings):
    settings.GUEST_FILES = 1
    begin(visitor, link)
    visitor.post(document[0], {"asked": ["approach"], "approach": "buy"})
    send(visitor, document)

    response = send(visitor, document, b"Another.")
    by_itself = send(visitor, document, b"Another.", **HTMX)

    link.refresh_from_db()
    assert response.status_code == 422
    for page in (response, by_itself):
        assert "This link takes 1 file, and has had it." in page.content.decode()
    assert (link.files_sent, link.bytes_sent) == (1, 15)
    assert link.use_case.facts[document[1]]["size"] == 15
    assert StoredFile.objects.count() == 1


def test_a_link_takes_so_much(visitor, link, document, settings):
    settings.GUEST_BYTES = 20
    begin(visitor, link)
    send(visitor, document)

    page = send(visitor, document, b"Six by").content.decode()

    assert "This link takes 20 bytes in all, and 5 bytes are left. Send a smaller file." in page
    assert StoredFile.objects.count() == 1


def test_what_is_sent_with_a_file_too_many_is_kept(visitor, link, settings):
    settings.GUEST_FILES = 0
    begin(visitor, link)
    link.refresh_from_db()
    file = SimpleUploadedFile("card.txt", b"What it is for.", "text/plain")

    answered = services.answer_as_guest(link.pk, {"vendor_document": file, "purpose": "Ours."})

    assert answered.use_case.facts == {"purpose": "Ours."}
    assert list(answered.refused) == ["vendor_document"]


def test_a_link_that_is_withdrawn_takes_no_answer(visitor, link, office):
    begin(visitor, link)
    services.revoke_guest_link(link.pk, by=office)

    with pytest.raises(NotAllowed):
        services.answer_as_guest(link.pk, {"purpose": "Ours."})


def newer_questions(office):
    draft = services.draft_questionnaire(by=office)
    source = source_of(draft).replace("What problem does the AI solve, and for whom?", "Whose problem is solved?")
    written = services.write_questionnaire(draft.pk, source, by=office)
    return services.publish_questionnaire(written.pk, by=office)


def test_a_guest_takes_over_newer_questions(visitor, link, office):
    begin(visitor, link)
    version = newer_questions(office)
    address = reverse("portfolio:guest_carry_over", args=[token_of(link)])

    told = visitor.get(section(link)).content.decode()
    page = visitor.get(address).content.decode()
    after = visitor.post(address, follow=True).content.decode()

    link.refresh_from_db()
    assert address in told
    assert "Whose problem is solved?" in page
    assert "/use-cases/" not in page
    assert "The questions in force are asked from now on." in after
    assert link.use_case.questionnaire == version
    notice = Notice.objects.get(user=link.guest, text__startswith="The questions have changed")
    assert notice.url == address_of(link)


def test_a_guest_who_has_submitted_takes_over_nothing(visitor, link, office):
    begin(visitor, link)
    complete(link)
    services.submit_as_guest(link.pk)
    newer_questions(office)

    with pytest.raises(NotAllowed):
        services.carry_over_as_guest(link.pk)

    assert visitor.post(reverse("portfolio:guest_carry_over", args=[token_of(link)])).status_code == 403
