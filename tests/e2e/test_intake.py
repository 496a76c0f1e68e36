"""From an idea to a submitted use case, in a browser."""

import re

import pytest

from caio_portal.accounts.roles import Role
from portfolio import services
from portfolio.guest_tokens import address_of
from portfolio.models import Submission, UseCase
from tests.factories import make_person, make_unit, make_use_case, signed_in
from tests.portfolio.test_services import complete_facts

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def unit():
    return make_unit("Claims")


@pytest.fixture
def requester(unit):
    return make_person(Role.REQUESTER, unit=unit)


@pytest.fixture
def sign_in(page, live_server):
    def as_(user):
        cookie = signed_in(user).cookies["session"].value
        page.context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
        return page

    return as_


def facts() -> dict:
    return UseCase.objects.get().facts


def wait_until_saved(page) -> None:
    page.locator("#saved", has_text=re.compile("^Saved$")).wait_for()


def wait_until_seen(page, value: str) -> None:
    """Until the page knows that VALUE is saved."""
    page.locator(f"#seen [name=seen][value*='{value}']").wait_for(state="attached")


def test_a_use_case_is_registered_answered_and_submitted(sign_in, requester, axe):
    page = sign_in(requester)
    page.goto("/intake/new/")
    assert axe(page) == []
    page.get_by_label("Title").fill("Summaries of claims files")
    page.get_by_label("Unit").select_option(label="Claims")
    page.get_by_role("button", name="Begin").click()

    page.get_by_label("What problem does the AI solve").fill("Handlers read 40 pages a case.")
    page.get_by_label("What does it put out").focus()
    wait_until_saved(page)
    assert facts() == {"purpose": "Handlers read 40 pages a case."}

    page.goto(f"/intake/{UseCase.objects.get().ref}/data/")
    question = page.locator("#question-special_categories")
    assert question.is_hidden()
    yes = page.locator("#question-personal_data").get_by_label("Yes")
    yes.check()
    question.get_by_label("No", exact=True).check()
    wait_until_seen(page, '"special_categories":false')
    assert yes.is_checked()
    assert facts()["special_categories"] is False
    assert axe(page) == []

    page.locator("#question-personal_data").get_by_label("No", exact=True).check()
    question.wait_for(state="hidden")
    assert "special_categories" not in facts()

    UseCase.objects.update(facts=complete_facts())
    page.goto(f"/intake/{UseCase.objects.get().ref}/check/")
    assert axe(page) == []
    page.get_by_role("button", name="Submit").click()
    page.get_by_text("is submitted. You will be told").wait_for()
    assert Submission.objects.get().facts == complete_facts()


def test_the_tier_follows_the_answers(sign_in, requester, unit):
    use_case = make_use_case("CV screening", unit=unit, requester=requester)
    page = sign_in(requester)
    page.goto(f"/intake/{use_case.ref}/people/")
    before = page.locator("#outlook").inner_text()

    page.locator("#question-decides_about").get_by_label("Employment").check()
    wait_until_saved(page)

    assert page.locator("#outlook").inner_text() != before
    assert page.locator("#outlook .reasons").is_visible()


def test_typing_is_never_lost_to_an_answer_that_arrives(sign_in, requester, unit):
    use_case = make_use_case(unit=unit, requester=requester)
    page = sign_in(requester)
    page.goto(f"/intake/{use_case.ref}/purpose/")
    page.get_by_label("How many people will use it").fill("many")
    outputs = page.get_by_label("What does it put out")
    outputs.press_sequentially("A summary with", delay=20)
    page.locator("#error-users_expected").get_by_text("is a number").wait_for()
    outputs.press_sequentially(" links", delay=20)
    page.get_by_label("What gets better").focus()
    wait_until_seen(page, "A summary with links")

    assert page.get_by_label("How many people will use it").input_value() == "many"
    assert outputs.input_value() == "A summary with links"
    assert facts() == {"outputs": "A summary with links"}


def test_similar_use_cases_show_while_the_title_is_typed(sign_in, requester, unit):
    make_use_case("Chat assistant for claims", unit=unit)
    page = sign_in(requester)
    page.goto("/intake/new/")

    page.get_by_label("Title").press_sequentially("Chat for claims")

    page.locator("#similar").get_by_text("Chat assistant for claims").first.wait_for()


def test_without_javascript_the_questions_are_answered_page_by_page(browser, live_server, requester, unit):
    use_case = make_use_case(unit=unit, requester=requester)
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    cookie = signed_in(requester).cookies["session"].value
    context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"/intake/{use_case.ref}/data/")

    page.locator("#question-personal_data").get_by_text("Yes").click()
    page.get_by_role("button", name="Save and continue").click()
    page.locator("#question-special_categories").get_by_text("No", exact=True).click()
    page.get_by_role("button", name="Save and continue").click()
    title = page.get_by_role("heading", level=1).inner_text()
    context.close()

    assert title == "Whom it affects"
    assert facts() == {"personal_data": True, "special_categories": False}


def test_the_list_filters_without_leaving_the_page(sign_in, unit):
    office = make_person(Role.CAIO_OFFICE, unit=unit)
    make_use_case("Chat for claims", unit=unit)
    make_use_case("Code assistant", unit=unit, stage="pilot")
    page = sign_in(office)
    page.goto("/use-cases/")

    page.get_by_label("Search title, purpose or reference").fill("code")
    page.locator("#use-cases").get_by_text("1 use case", exact=True).wait_for()
    page.get_by_role("button", name="Columns").click()
    page.get_by_label("Source").check()

    page.get_by_role("columnheader", name="Source").wait_for()
    assert page.get_by_role("link", name="Code assistant").is_visible()
    assert "q=code" in page.url
    assert "col=source" in page.url


def test_a_guest_registers_answers_and_submits_by_a_link(page, live_server, unit, axe):
    office = make_person(Role.CAIO_OFFICE, unit=unit)
    link = services.invite_guest(unit.pk, "gita@partner.example", "Gita Guest", by=office, days=7)
    page.goto(address_of(link))
    assert axe(page) == []
    page.get_by_label("What is the AI used for?").fill("Chat for brokers")
    page.get_by_role("button", name="Begin").click()
    page.get_by_label("What problem does the AI solve").fill("Brokers wait for hours.")
    page.get_by_label("What does it put out").focus()
    wait_until_saved(page)
    assert facts() == {"purpose": "Brokers wait for hours."}
    assert axe(page) == []

    UseCase.objects.update(facts=complete_facts())
    page.get_by_role("link", name=re.compile("Check and submit")).click()
    page.get_by_role("button", name="Submit").click()

    page.get_by_text("You have submitted it, thank you.").wait_for()
    assert axe(page) == []
    assert Submission.objects.get().by == link.guest


def test_answers_with_parts_are_given_by_keyboard_and_pointer(sign_in, requester, unit, axe, tmp_path):
    use_case = make_use_case(unit=unit, requester=requester, facts={"approach": "buy", "autonomy": "acts_alone"})
    page = sign_in(requester)
    page.goto(f"/intake/{use_case.ref}/technique/")
    card = tmp_path / "card.txt"
    card.write_text("Intended for letters.")

    page.locator("#question-vendor_document input[type=file]").set_input_files(card)
    page.locator("#question-vendor_document").get_by_role("link", name="card.txt").wait_for()
    page.get_by_label("Tool or system, row 1").fill("Orders")
    page.get_by_label("It may, row 1").select_option(label="Spend money")
    page.get_by_role("button", name="Add a row").press("Enter")
    page.get_by_label("Tool or system, row 2").and_(page.locator(":focus")).wait_for()
    page.keyboard.type("Mail")
    page.get_by_label("It may, row 2").select_option(label="Read")
    wait_until_seen(page, '"tool":"Mail"')
    assert axe(page) == []
    page.get_by_role("button", name="Remove row 1").press("Enter")
    page.get_by_label("Tool or system, row 1").and_(page.locator("[value=Mail]")).wait_for()

    assert facts()["agent_tools"] == [{"tool": "Mail", "access": "reads"}]
    assert facts()["vendor_document"]["name"] == "card.txt"
