"""Draft, leave, resume, twin found, submitted, returned, corrected, resubmitted: by keyboard, and without scripts."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from caio_portal.accounts.models import User
from governance.models import Review
from portfolio.models import Remark, UseCase
from tests.factories import make_use_case, signed_in
from tests.governance.scene import BY_TIER, Scene, harmless, make_scene
from tests.portfolio.test_services import complete_facts

pytestmark = pytest.mark.django_db(transaction=True)
PROBLEM, LETTERS = "Adjusters read 40 letters a case.", "Adjusters read 40 letters of policyholders a case."


class Keyboard:
    """Somebody who has no pointer: every control is reached by Tab, and what stands on every page is skipped."""

    scripts = True
    where = "control => control === document.activeElement ? 'here' : document.activeElement.getAttribute('href')"

    def reach(self, control: Locator) -> None:
        control.wait_for()
        for _ in range(150):
            found = control.evaluate(self.where)
            if found == "here":
                return
            control.page.keyboard.press("Enter" if found == "#main" else "Tab")
        pytest.fail(f"Tab never reaches {control}")

    def press(self, control: Locator) -> None:
        self.reach(control)
        control.page.keyboard.press("Enter")

    def write(self, control: Locator, text: str) -> None:
        self.reach(control)
        control.page.keyboard.press("Control+a")
        control.page.keyboard.type(text)

    def choose(self, control: Locator, option: str) -> None:
        self.reach(control)
        control.page.keyboard.type(option)


class Pointer:
    """Somebody whose browser runs no scripts."""

    scripts = False

    def press(self, control: Locator) -> None:
        control.click()

    def write(self, control: Locator, text: str) -> None:
        control.fill(text)

    def choose(self, control: Locator, option: str) -> None:
        control.select_option(label=option)


Hands = Keyboard | Pointer


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    return make_scene()


@pytest.fixture(params=[Keyboard, Pointer], ids=["by keyboard", "without scripts"])
def hands(request: pytest.FixtureRequest) -> Hands:
    found: Hands = request.param()
    return found


@pytest.fixture
def session_of(browser: Any, live_server: Any, hands: Hands) -> Iterator[Callable[[User], Page]]:
    """A browser of its own, on another machine as it were, with a session of its own."""
    contexts = []

    def begin(user: User) -> Page:
        context = browser.new_context(
            base_url=live_server.url, java_script_enabled=hands.scripts, reduced_motion="reduce"
        )
        cookie = signed_in(user).cookies["session"].value
        context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
        contexts.append(context)
        page: Page = context.new_page()
        return page

    yield begin
    for context in contexts:
        context.close()


def begin_a_twin(page: Page, hands: Hands, scene: Scene) -> UseCase:
    """The same as somebody else's, it seems: the portal shows it, and asks why this is another one."""
    make_use_case("Summaries of letters", unit=scene.unit)
    page.goto("/intake/new/")
    hands.write(page.get_by_label("Title"), "Summaries of letters")
    hands.choose(page.get_by_label("Unit"), scene.unit.name)
    hands.press(page.get_by_role("button", name="Begin"))
    expect(page.locator("#similar").get_by_role("link", name="Summaries of letters (opens")).to_be_visible()
    hands.write(page.get_by_label("Why is yours a use case of its own?"), "Letters of another line of business.")
    hands.press(page.get_by_role("button", name="Begin"))
    expect(page.get_by_role("heading", level=1)).to_have_text("What it is for")
    return UseCase.objects.latest("pk")


def answer_and_leave(page: Page, hands: Hands) -> None:
    hands.write(page.get_by_label("What problem does the AI solve"), PROBLEM)
    if hands.scripts:
        page.keyboard.press("Tab")
        page.locator("#saved", has_text=re.compile("^Saved$")).wait_for()
    else:
        hands.press(page.get_by_role("button", name="Save and continue"))
        expect(page.get_by_role("heading", level=1)).to_have_text("How it works")
    page.context.close()


def submit(page: Page, hands: Hands, use_case: UseCase) -> Review:
    """Resumed, what was typed is there; the rest is answered meanwhile."""
    page.goto(f"/intake/{use_case.ref}/")
    expect(page.get_by_label("What problem does the AI solve")).to_have_value(PROBLEM)
    facts = complete_facts() | harmless() | BY_TIER[2] | {"purpose": PROBLEM}
    UseCase.objects.filter(pk=use_case.pk).update(facts=facts)
    hands.press(page.get_by_role("link", name=re.compile("Check and submit")))
    hands.press(page.get_by_role("button", name="Submit"))
    expect(page.get_by_text("is submitted. You will be told")).to_be_visible()
    return Review.objects.get(use_case=use_case)


def return_it(page: Page, hands: Hands, review: Review) -> None:
    page.goto(review.get_absolute_url())
    hands.press(page.get_by_role("link", name="Return", exact=True))
    hands.write(page.get_by_label("What has to change?"), "One answer is not clear.")
    remark = page.locator("details", has_text="Remark on What problem does the AI solve")
    hands.press(remark.locator("summary"))
    hands.write(remark.get_by_label("What is unclear or missing?"), "Whose letters?")
    hands.press(page.get_by_role("button", name="Return it"))
    expect(page.get_by_text("The review is returned to its team.")).to_be_visible()


def correct_and_resubmit(page: Page, hands: Hands, use_case: UseCase) -> None:
    page.goto(use_case.get_absolute_url())
    hands.press(page.locator("#whereabouts").get_by_role("link", name="Purpose"))
    question = page.locator("#question-purpose")
    expect(question.get_by_text("Whose letters?")).to_be_visible()
    hands.write(question.get_by_role("textbox"), LETTERS)
    hands.press(question.get_by_role("button", name=re.compile("Settled")))
    expect(question.get_by_text("Whose letters?")).to_have_count(0)
    hands.press(page.get_by_role("link", name=re.compile("Check and submit")))
    hands.press(page.get_by_role("button", name="Submit again"))
    expect(page.get_by_text("is submitted. You will be told")).to_be_visible()


def test_from_a_draft_to_what_was_submitted_again(session_of, hands, scene):
    use_case = begin_a_twin(page := session_of(scene.requester), hands, scene)
    answer_and_leave(page, hands)
    page = session_of(scene.requester)
    review = submit(page, hands, use_case)

    return_it(session_of(scene.office), hands, review)
    correct_and_resubmit(page, hands, use_case)

    review.refresh_from_db()
    use_case.refresh_from_db()
    assert use_case.facts["purpose"] == LETTERS
    assert (review.state, review.submission.number, use_case.submissions.count()) == ("ready", 2, 2)
    assert Remark.objects.get().settled_by == scene.requester
