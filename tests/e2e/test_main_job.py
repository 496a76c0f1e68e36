"""The main job, in a browser, as its people do it: from an idea to what the board reads."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from caio_portal.accounts.models import User
from caio_portal.accounts.roles import Role
from caio_portal.briefings.models import Briefing
from caio_portal.common import jobs
from caio_portal.common.models import Job
from governance.gates import gate
from governance.models import Decision, Review
from governance.services.controls import record_evidence
from portfolio.models import UseCase
from portfolio.stages import Stage
from tests.factories import make_person, signed_in
from tests.governance.scene import Scene, make_scene

pytestmark = pytest.mark.django_db(transaction=True)

# What the requester answers, in the words of the page; a list of lines is typed.
ANSWERS: dict[str, Any] = {
    "purpose": ["Advisers price each home by hand from 14 tables."],
    "outputs": ["A premium with the three reasons that weigh most."],
    "expected_benefit": ["Quote time from 25 to 6 minutes."],
    "technique": "classical_ml", "approach": "build", "generates_content": False, "talks_to_people": False,
    "autonomy": "none", "widens_data_access": False, "personal_data": True, "special_categories": False,
    "demographic_attributes": "none", "profiles_people": True, "affected_people": "customers",
    "decides_about": "insurance", "principal_basis": True, "narrow_procedural_task": False,
    "human_involvement": "confirms", "spend_per_year": ["40000"], "eu_role": "deployer", "high_impact": "no",
}  # fmt: skip
REASON = "Better than the tables, if it is watched."


@pytest.fixture
def scene(transactional_db) -> Scene:
    return make_scene()


@pytest.fixture
def as_(page, live_server):
    """The browser page of somebody: `as_(user)`."""

    def enter(user: User) -> Page:
        page.emulate_media(reduced_motion="reduce")  # no transitions that the next address cuts short
        page.context.clear_cookies()
        cookie = signed_in(user).cookies["session"].value
        page.context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
        return page

    return enter


def begin(page: Page, scene: Scene) -> UseCase:
    page.goto("/intake/new/")
    page.get_by_label("Title").fill("Pricing advice for homes")
    page.get_by_label("Unit").select_option(label=scene.unit.name)
    page.get_by_label("A pilot is running already").check()
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What it is for")
    return UseCase.objects.get()


def answer(page: Page) -> None:
    """Answer what the page shows, and what that shows in turn."""
    for fact, value in ANSWERS.items():
        question = page.locator(f"#question-{fact}")
        if not question.is_visible():
            continue
        if isinstance(value, list):
            question.locator("textarea, input").first.fill(value[0])
        elif isinstance(value, bool):
            question.get_by_label("Yes" if value else "No", exact=True).check()
        elif question.locator("select").count():
            question.locator("select").select_option(value)
        else:
            question.locator(f"input[value={value}]").check()


def answer_all(page: Page) -> None:
    """Page by page; one comes back for what its answers have shown."""
    for _ in range(20):
        page.wait_for_load_state("networkidle")
        if page.url.endswith("/check/"):
            open_questions = page.get_by_role("link", name="Answer this")
            if not open_questions.count():
                return
            open_questions.first.click()
            continue
        answer(page)
        none = page.get_by_role("button", name="None of this applies")
        (none if none.count() else page.get_by_role("button", name="Save and continue")).click()


def vote(page: Page, review: Review, *keys: str) -> None:
    """Vote with the keyboard alone: from the first choice on, KEYS are typed as they stand."""
    page.goto(review.get_absolute_url())
    page.locator("#ballot input[name=choice]").first.focus()
    for key in keys:
        page.keyboard.press(key) if re.match("[A-Z]", key) and " " not in key else page.keyboard.type(key)


def test_from_the_idea_to_the_board(as_, scene, live_server):
    page = as_(scene.requester)
    use_case = begin(page, scene)
    answer_all(page)
    expect(page.locator("#outlook")).to_contain_text("High")
    expect(page.locator("#outlook")).not_to_contain_text("provisional")
    page.get_by_role("button", name="Submit").click()
    page.get_by_text("is submitted. You will be told").wait_for()
    review = Review.objects.get()

    for function in ("legal", "ciso", "privacy"):
        page = as_(scene.reviewer(function))
        page.goto("/")
        page.locator("#work").get_by_role("link", name=use_case.title).click()
        page.get_by_label("No objection").check()
        page.get_by_label("What you found").fill("The data fit the purpose.")
        page.get_by_role("button", name="Report it").click()
        page.locator("#findings").get_by_text("The data fit the purpose.").first.wait_for()

    page = as_(scene.members["hr"])
    page.goto(review.get_absolute_url())
    page.get_by_text("I have a conflict of interest").click()
    page.get_by_label("What binds you").fill("My brother leads the team.")
    page.get_by_role("button", name="Recuse myself").click()
    page.locator("#seats").get_by_text("Recuse").first.wait_for()

    page = as_(scene.members["data"])
    vote(page, review, "Space", "Tab", "Tab", "Tab", "Tab", "Enter")
    page.get_by_text("You voted").wait_for()

    page = as_(scene.members["ciso"])
    vote(page, review, "Space", "ArrowDown", "Tab", REASON, "Tab", "Watch the error rate each month.")
    page.get_by_role("button", name="Vote").press("Enter")
    page.get_by_text("You voted").wait_for()
    assert not Decision.objects.exists()  # Legal has not voted

    page = as_(scene.members["legal"])
    vote(page, review, "Space")
    page.get_by_role("button", name="Vote").press("Enter")
    expect(page.locator("#decision")).to_contain_text("Approved with conditions")
    expect(page.locator("#decision")).to_contain_text("Watch the error rate each month.")

    page = as_(scene.requester)
    page.goto("/notices/")
    page.get_by_role("link", name=re.compile("^Approved with conditions")).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(use_case.title)

    use_case.refresh_from_db()
    UseCase.objects.update(owner=scene.owner)
    use_case.owner = scene.owner
    page = as_(scene.owner)
    page.goto(f"/use-cases/{use_case.ref}/move/")
    missing = page.locator(".is-missing a[href*='/controls/']").first
    control = missing.get_attribute("href").rstrip("/").split("/")[-1]
    missing.click()
    page.get_by_label("Title").fill("What shows it")
    page.get_by_label("File").set_input_files(
        {"name": "report.txt", "mimeType": "text/plain", "buffer": b"All is well."}
    )
    page.get_by_role("button", name="Record").click()
    page.get_by_role("link", name="What shows it").wait_for()
    page.locator("#state select").select_option("met")
    page.get_by_role("button", name="Set the state").click()
    expect(page.locator("main").get_by_text("Met", exact=True).first).to_be_visible()
    meet_the_other_controls(use_case, control, scene.owner)
    page.goto(f"/use-cases/{use_case.ref}/move/")
    page.get_by_role("radio", name="Production").check()
    page.get_by_label("Reason").first.fill("The council has approved it.")
    page.get_by_role("button", name="Move", exact=True).click()
    page.locator(".page-head").get_by_text("Production").wait_for()

    page = as_(scene.executive)
    page.goto("/executive/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page = as_(scene.office)
    page.goto("/briefings/")
    page.get_by_role("button", name="Draft").click()
    page.get_by_role("button", name="Approve").wait_for()
    briefing = Briefing.objects.get()
    page = as_(scene.caio)
    page.goto(briefing.get_absolute_url())
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name="Render the PDF").click()
    page.get_by_text("The worker is making the PDF.").wait_for()
    jobs.run_here(Job.objects.get(kind__contains="rend").pk)
    page.reload()
    page.get_by_role("button", name="Publish").click()
    board = make_person(Role.EXECUTIVE, unit=scene.unit)
    page = as_(board)
    page.goto("/briefings/")
    page.get_by_role("link", name=briefing.quarter).first.click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF")


def meet_the_other_controls(use_case: UseCase, done: str, by: User) -> None:
    """As the owner did for the first control on the page."""
    keys = [line.key for line in gate(use_case, Stage.PRODUCTION).requirements if not line.met]
    controls = [key.removeprefix("control-") for key in keys if key.startswith("control-")]
    assert done not in controls
    if controls:
        record_evidence(use_case.pk, controls, "What shows the rest", by=by, attestation="Seen.", met=True)


def test_the_questions_are_answered_and_submitted_without_javascript(browser, live_server, scene):
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    cookie = signed_in(scene.requester).cookies["session"].value
    context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.set_default_timeout(10_000)
    use_case = begin(page, scene)
    answer_all(page)

    page.get_by_role("button", name="Submit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(use_case.title)
    context.close()

    assert Review.objects.get().use_case == use_case
