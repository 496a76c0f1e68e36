"""The intake pages, as a browser without JavaScript sends them and as htmx does."""

import json

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from portfolio.models import UseCase
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case, signed_in
from tests.portfolio.test_services import complete_facts

pytestmark = pytest.mark.django_db
NEW = "/intake/new/"
HTMX = {"hx-request": "true"}


@pytest.fixture
def client(requester):
    return signed_in(requester)


@pytest.fixture
def use_case(unit, requester):
    return make_use_case("Chat for claims", unit=unit, requester=requester)


def new(unit, **changes) -> dict:
    return {"title": "Chat assistant for claims", "unit": unit.pk, "stage": "idea", **changes}


def address(use_case, section: str) -> str:
    return reverse("portfolio:intake_section", args=[use_case.ref, section])


def facts_of(use_case) -> dict:
    return UseCase.objects.get(pk=use_case.pk).facts


def test_a_use_case_is_registered_and_its_questions_begin(client, unit):
    response = client.post(NEW, new(unit), follow=True)

    use_case = UseCase.objects.get()
    assert (use_case.title, use_case.unit, use_case.stage) == ("Chat assistant for claims", unit, Stage.IDEA)
    assert response.redirect_chain[-1][0] == address(use_case, "purpose")


@pytest.mark.parametrize(
    "changes", [{"title": ""}, {"unit": ""}, {"unit": 0}, {"stage": "retired"}, {"title": "x" * 301}]
)
def test_what_cannot_be_registered_comes_back_as_it_was_typed(client, unit, changes):
    response = client.post(NEW, {**new(unit), "separate_because": "typed", **changes})

    assert (response.status_code, UseCase.objects.count()) == (422, 0)
    assert response.context["form"]["separate_because"].value() == "typed"


def test_a_twin_wants_a_reason_or_a_join(client, unit, use_case):
    twin = new(unit, title="Chat for claims")

    refused = client.post(NEW, twin)
    registered = client.post(NEW, {**twin, "separate_because": "Another country, other law."})

    assert refused.status_code == 422
    assert "Ask to join it, or say why yours is another" in refused.content.decode()
    assert (registered.status_code, UseCase.objects.count()) == (302, 2)


def test_similar_use_cases_are_shown_while_the_title_is_typed(client, use_case):
    make_use_case("Chat for claims of others", unit=make_unit())

    shown = client.get(reverse("portfolio:similar_use_cases"), {"title": "chat for claim"})
    nothing = client.get(reverse("portfolio:similar_use_cases"), {"title": "cha"})

    assert [(found.title, found.in_common) for found in shown.context["similar"]] == [
        ("Chat for claims", ["chat", "claims"])
    ]
    assert "In common: chat, claims" in shown.content.decode()
    assert nothing.context["similar"] == []


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.COUNCIL_MEMBER, Role.VENDOR_MANAGER])
def test_others_do_not_register(unit, role):
    assert signed_in(make_person(role, unit=unit)).get(NEW).status_code == 403


def test_resume_leads_to_what_is_open(client, use_case):
    first = client.get(reverse("portfolio:intake_resume", args=[use_case.ref]))
    UseCase.objects.filter(pk=use_case.pk).update(facts=complete_facts())
    last = client.get(reverse("portfolio:intake_resume", args=[use_case.ref]))

    assert (first.url, last.url) == (
        address(use_case, "purpose"),
        reverse("portfolio:intake_check", args=[use_case.ref]),
    )


@pytest.mark.parametrize("section", ["purpose", "technique", "data", "people", "sensitive", "scale"])
def test_every_section_is_a_page(client, use_case, section, django_assert_max_num_queries):
    client.get(address(use_case, section))

    with django_assert_max_num_queries(10):
        assert client.get(address(use_case, section)).status_code == 200


def test_an_unknown_section_does_not_exist(client, use_case):
    assert client.get(address(use_case, "colour")).status_code == 404


def test_without_javascript_answers_are_saved_and_the_next_page_comes(client, use_case):
    response = client.post(
        address(use_case, "purpose"),
        {
            "asked": ["purpose", "outputs", "expected_benefit", "topic_area", "users_expected"],
            "purpose": " Answers. ",
            "outputs": "",
            "users_expected": " 9,0 ",
        },
    )

    assert response.url == address(use_case, "technique")
    assert facts_of(use_case) == {"purpose": "Answers.", "users_expected": 90}


def test_without_javascript_answers_that_bring_up_questions_stay_on_the_page(client, use_case):
    response = client.post(
        address(use_case, "data"), {"asked": ["data_description", "personal_data"], "personal_data": "yes"}
    )

    assert response.url == f"{address(use_case, 'data')}#question-special_categories"


def test_what_cannot_be_read_is_said_at_its_field_and_the_rest_is_saved(client, use_case):
    response = client.post(
        address(use_case, "purpose"),
        {"asked": ["purpose", "users_expected"], "purpose": "Answers.", "users_expected": "a few"},
    )

    content = response.content.decode()
    assert (response.status_code, facts_of(use_case)) == (422, {"purpose": "Answers."})
    assert "Users expected is a number from 0 upwards, not “a few”." in content
    assert 'value="a few"' in content


def test_the_rest_is_answered_with_no(client, use_case):
    client.post(
        address(use_case, "sensitive"), {"asked": ["law_enforcement_use"], "law_enforcement_use": "yes", "rest": "1"}
    )

    facts = facts_of(use_case)
    assert (facts["law_enforcement_use"], facts["social_scoring"], facts["biometric_use"]) == (True, False, ["none"])


def test_autosave_sends_back_only_what_changes(client, use_case):
    seen = json.dumps({"personal_data": None})

    response = client.post(
        address(use_case, "data"),
        {"asked": ["personal_data", "data_description"], "personal_data": "yes", "seen": seen},
        headers=HTMX,
    )

    content = response.content.decode()
    assert facts_of(use_case) == {"personal_data": True}
    assert 'id="question-special_categories" hx-swap-oob="true"' in content
    assert 'id="question-personal_data"' not in content
    assert 'id="outlook"' in content
    assert "<html" not in content


def test_autosave_hides_a_question_that_nobody_asks_any_more(client, use_case):
    UseCase.objects.filter(pk=use_case.pk).update(facts={"personal_data": True, "special_categories": True})

    response = client.post(
        address(use_case, "data"),
        {"asked": ["personal_data", "special_categories"], "personal_data": "no", "special_categories": "yes"},
        headers=HTMX,
    )

    assert (facts_of(use_case)["personal_data"], facts_of(use_case)["special_categories"]) == (False, False)
    assert 'id="question-special_categories" hx-swap-oob="true" hidden' in response.content.decode()


def test_two_people_answer_different_questions_of_a_page(client, use_case):
    UseCase.objects.filter(pk=use_case.pk).update(facts={"purpose": "Theirs."})

    client.post(
        address(use_case, "purpose"),
        {"asked": ["purpose", "outputs"], "purpose": "", "outputs": "Mine.", "seen": '{"purpose":null,"outputs":null}'},
        headers=HTMX,
    )

    assert facts_of(use_case) == {"purpose": "Theirs.", "outputs": "Mine."}


@pytest.mark.parametrize("seen", ["", "[]", "nonsense"])
def test_a_form_without_what_was_seen_is_taken_as_it_is(client, use_case, seen):
    client.post(address(use_case, "purpose"), {"asked": ["purpose"], "purpose": "Mine.", "seen": seen})

    assert facts_of(use_case) == {"purpose": "Mine."}


def test_a_reader_sees_the_answers_and_cannot_change_them(use_case, unit):
    client = signed_in(make_person(Role.AUDITOR, unit=unit))

    page = client.get(address(use_case, "purpose"))
    refused = client.post(address(use_case, "purpose"), {"asked": ["purpose"], "purpose": "x"})

    assert "You can read these answers, not change them." in page.content.decode()
    assert (refused.status_code, facts_of(use_case)) == (403, {})


def test_check_says_what_is_missing(client, use_case):
    response = client.get(reverse("portfolio:intake_check", args=[use_case.ref]))

    assert response.context["missing_by_section"][0][2] == f"{address(use_case, 'purpose')}#question-purpose"
    assert response.context["objection"] is not None


def test_a_complete_use_case_is_submitted(client, use_case):
    UseCase.objects.filter(pk=use_case.pk).update(facts=complete_facts())

    check = client.get(reverse("portfolio:intake_check", args=[use_case.ref]))
    response = client.post(reverse("portfolio:submit_use_case", args=[use_case.ref]))

    assert (check.context["missing"], check.context["objection"]) == ([], None)
    assert (response.url, use_case.submissions.count()) == (use_case.get_absolute_url(), 1)


def test_an_incomplete_use_case_is_not_submitted(client, use_case):
    response = client.post(reverse("portfolio:submit_use_case", args=[use_case.ref]))

    assert (response.status_code, use_case.submissions.count()) == (403, 0)
