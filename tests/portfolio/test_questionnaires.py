"""Versions of the questionnaire: drafted, written with mistakes at their lines, published from a day, carried over."""

import tomllib
from datetime import timedelta

import pytest
from django.urls import reverse

from caio_portal.accounts.models import Notice
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import clock
from caio_portal.common.errors import Invalid, NotAllowed
from caio_portal.common.toml_text import Mistaken
from portfolio import services
from portfolio.intake.differences import between, for_facts
from portfolio.intake.questionnaire import Questionnaire, load
from portfolio.intake.versions import asked_of, current, draft_of, source_of
from portfolio.intake.writing import to_toml
from portfolio.models import QuestionnaireState, QuestionnaireVersion, Submission
from portfolio.services.questionnaires import publish_due
from tests.factories import make_person, make_unit, signed_in

pytestmark = pytest.mark.django_db
ASK = "What problem does the AI solve, and for whom?"
NEW_ASK = "Which problem is solved, and whose is it?"


@pytest.fixture
def draft(office):
    return services.draft_questionnaire(by=office)


def changed(draft, old=ASK, new=NEW_ASK) -> str:
    return source_of(draft).replace(old, new)


def without_users(draft) -> str:
    """The text without the question for the number of users."""
    before, _, rest = source_of(draft).partition('[[sections.questions]]\nfact = "users_expected"')
    return before + rest[rest.index("# ----") :]


def test_a_draft_begins_with_what_is_in_force(draft):
    _, published = current()

    assert (draft.state, draft.number) == (QuestionnaireState.DRAFT, f"{clock.today():%Y-%m-%d}")
    assert between(published, draft_of(draft)) == []
    assert load().model_copy(update={"number": draft.number}) == draft_of(draft)


def test_what_nobody_kept_as_text_is_written_anew(office):
    published = QuestionnaireVersion.objects.get(number="2026-11")
    first = published.document["sections"][:1]
    published.document = {**published.document, "title": 'Other "title"', "sections": first}
    published.save()

    draft = services.draft_questionnaire(by=office)
    again = services.write_questionnaire(draft.pk, source_of(draft), by=office)

    assert draft_of(again).title == 'Other "title"'
    assert between(draft_of(published), draft_of(again)) == []


def test_every_question_survives_being_written():
    assert Questionnaire.model_validate(tomllib.loads(to_toml(load()))) == load()


def test_a_second_draft_of_a_day_has_another_number(draft, office):
    assert services.draft_questionnaire(by=office).number == f"{draft.number}b"


def test_what_is_written_is_saved_and_compared(draft, office):
    written = services.write_questionnaire(draft.pk, changed(draft), by=office, revision=1)

    [difference] = between(load(), draft_of(written))
    assert (difference.kind, difference.fact, difference.what) == ("changed", "purpose", ("the question",))
    assert (difference.before, difference.after, written.revision) == (ASK, NEW_ASK, 2)
    assert AuditEvent.objects.filter(action="questionnaire.written").count() == 1


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ('fact = "outputs"', 'fact = "colour"', "purpose › colour", "colour is not the name of a fact"),
        ('fact = "outputs"', 'fact = "purpose"', "", "purpose is asked for twice"),
        ("lines = 4", "lines = four", "", "This is not TOML"),
        (f'ask = "{ASK}"', 'ask = ""', "purpose › purpose", "at least 1 character"),
    ],
)
def test_each_mistake_is_told_at_its_line(draft, office, old, new, place, message):
    with pytest.raises(Mistaken) as refusal:
        services.write_questionnaire(draft.pk, changed(draft, old, new), by=office)

    mistake = refusal.value.mistakes[0]
    assert (mistake.place, message.lower() in mistake.message.lower(), bool(mistake.line)) == (place, True, True)
    draft.refresh_from_db()
    assert draft.revision == 1


def test_an_older_editor_is_refused(draft, office):
    services.write_questionnaire(draft.pk, changed(draft), by=office, revision=1)

    with pytest.raises(Invalid, match="Somebody else changed this"):
        services.write_questionnaire(draft.pk, source_of(draft), by=office, revision=1)


@pytest.mark.parametrize(
    ("old", "new"), [('name = "intake"', 'name = "other"'), ('number = "{}"', 'number = "2026-11"')]
)
def test_names_and_numbers_are_kept(draft, office, old, new):
    with pytest.raises(Invalid):
        services.write_questionnaire(draft.pk, changed(draft, old.format(draft.number), new), by=office)


def test_published_today_it_is_in_force(draft, office):
    services.plan_questionnaire(draft.pk, clock.today(), by=office)

    version, _ = current()
    assert (version.pk, version.valid_from) == (draft.pk, clock.today())
    assert QuestionnaireVersion.objects.get(number="2026-11").state == QuestionnaireState.SUPERSEDED


def test_planned_it_begins_by_itself_on_its_day(draft, office):
    services.plan_questionnaire(draft.pk, clock.today() + timedelta(days=3), by=office)

    before = publish_due()
    with clock.at(clock.now() + timedelta(days=3)):
        after = publish_due()
        again = publish_due()

    assert (before, after, again) == (0, 1, 0)
    assert current()[0].pk == draft.pk


def test_nothing_begins_in_the_past_and_nothing_published_is_written(draft, office):
    with pytest.raises(Invalid):
        services.plan_questionnaire(draft.pk, clock.today() - timedelta(days=1), by=office)
    services.publish_questionnaire(draft.pk, by=office)
    with pytest.raises(NotAllowed, match="not changed any more"):
        services.write_questionnaire(draft.pk, source_of(draft), by=office)


def test_only_the_office_of_the_whole_writes(unit, draft):
    part = make_person(Role.CAIO_OFFICE, unit=make_unit(parent=unit))

    with pytest.raises(NotAllowed):
        services.draft_questionnaire(by=part)
    with pytest.raises(NotAllowed):
        services.plan_questionnaire(draft.pk, clock.today(), by=part)


@pytest.fixture
def begun(unit, requester):
    return services.register_use_case("Chat", unit.pk, by=requester, facts={"purpose": "x", "users_expected": 4})


def test_a_use_case_stays_on_the_version_that_it_began_with(begun, draft, office, requester):
    services.write_questionnaire(draft.pk, without_users(draft), by=office)
    services.publish_questionnaire(draft.pk, by=office)

    asked = asked_of(begun)[1]
    page = signed_in(requester).get(reverse("portfolio:intake_section", args=[begun.ref, "purpose"]))

    assert (asked.number, "users_expected" in {q.fact for q in asked.questions()}) == ("2026-11", True)
    assert "There are newer questions." in page.content.decode()


def test_carried_over_it_keeps_its_answers_and_is_asked_anew(begun, draft, office, requester):
    services.write_questionnaire(draft.pk, without_users(draft), by=office)
    services.publish_questionnaire(draft.pk, by=office)
    client = signed_in(requester)
    address = reverse("portfolio:carry_over", args=[begun.ref])

    shown = client.get(address)
    carried = client.post(address)

    begun.refresh_from_db()
    assert [(each.kind, each.fact) for each in shown.context["differences"]] == [("gone", "users_expected")]
    assert carried.url == reverse("portfolio:intake_resume", args=[begun.ref])
    assert (begun.questionnaire_id, begun.facts["users_expected"]) == (draft.pk, 4)
    assert AuditEvent.objects.filter(action="use_case.carried_over").count() == 1
    assert "These are the newest questions" in client.get(address).content.decode()


def test_whoever_has_begun_is_told_what_changes_for_them(begun, draft, office, requester, unit):
    other = services.register_use_case("Code", unit.pk, by=requester, facts={"purpose": "y"})  # says nothing of users
    services.write_questionnaire(draft.pk, without_users(draft), by=office)
    services.publish_questionnaire(draft.pk, by=office)

    [notice] = Notice.objects.filter(user=requester)
    assert notice.text == f"The questions have changed: 1 change for {begun}. Your answers are kept."
    assert notice.url == reverse("portfolio:carry_over", args=[begun.ref])
    assert notice.subject_id != str(other.pk)


def test_whoever_has_submitted_is_not_told_of_new_questions(begun, draft, office, requester):
    version = begun.questionnaire
    Submission.objects.create(use_case=begun, questionnaire=version, number=1, facts={}, facts_hash="x", by=requester)
    services.write_questionnaire(draft.pk, without_users(draft), by=office)
    services.publish_questionnaire(draft.pk, by=office)

    assert not Notice.objects.filter(user=requester).exists()


def test_a_reader_carries_nothing_over(begun, unit):
    client = signed_in(make_person(Role.AUDITOR, unit=unit))

    assert client.post(reverse("portfolio:carry_over", args=[begun.ref])).status_code == 403


def test_what_is_not_asked_of_a_use_case_does_not_matter_to_it(draft, office):
    new = draft_of(
        services.write_questionnaire(draft.pk, changed(draft, "with its version", "with its edition"), by=office)
    )
    differences = between(load(), new)

    assert [each.fact for each in differences] == ["vendor_product"]
    assert for_facts(differences, new, {"approach": "build"}) == []
    assert for_facts(differences, new, {"approach": "buy"}) == differences


def test_the_editor_keeps_what_was_typed_and_lists_the_mistakes(draft, office):
    client = signed_in(office)
    address = reverse("portfolio:write_questionnaire", args=[draft.pk])
    wrong = changed(draft, 'fact = "outputs"', 'fact = "colour"')

    refused = client.post(address, {"source": wrong, "revision": 1})
    saved = client.post(address, {"source": changed(draft), "revision": 1})

    assert (refused.status_code, len(refused.context["mistakes"])) == (422, 1)
    assert refused.context["form"]["source"].value() == wrong
    assert saved.url == draft.get_absolute_url()


def test_the_schema_of_the_file_names_what_a_question_may_say(office):
    schema = signed_in(office).get(reverse("portfolio:questionnaire_schema")).json()

    assert {"fact", "ask", "why", "currencies", "rows_max", "show_if"} <= schema["$defs"]["Question"][
        "properties"
    ].keys()


def test_the_page_previews_compares_and_publishes(draft, office):
    services.write_questionnaire(draft.pk, changed(draft), by=office)
    client = signed_in(office)

    page = client.get(draft.get_absolute_url())
    refused = client.post(reverse("portfolio:publish_questionnaire", args=[draft.pk]), {"begins_on": "2020-01-01"})
    done = client.post(reverse("portfolio:publish_questionnaire", args=[draft.pk]), {"begins_on": clock.today()})

    assert NEW_ASK in page.content.decode()
    assert len(page.context["differences"]) == 1
    assert (refused.status_code, done.status_code) == (422, 302)
    assert current()[0].pk == draft.pk


@pytest.mark.parametrize("rows", [1, 3])
def test_query_count(office, rows, django_assert_num_queries):
    for _ in range(rows):
        services.draft_questionnaire(by=office)
    client = signed_in(office)
    client.get(reverse("portfolio:questionnaire_list"))

    with django_assert_num_queries(5):  # session, user, roles, versions, notices
        client.get(reverse("portfolio:questionnaire_list"))
