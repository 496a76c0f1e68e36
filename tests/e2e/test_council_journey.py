"""From a submission to a restored approval, as the people of the council do it, each in a browser of their own."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from caio_portal.accounts.models import User
from caio_portal.common import clock
from governance.models import Approval, Condition, Meeting, Review, Suspension, Vote
from governance.selectors.calendars import house
from governance.services.approvals import suspend_overdue
from governance.services.calendars import create_calendar, give_calendar
from governance.services.conditions import remind_of_conditions
from governance.services.tiering import tier_use_cases
from portfolio.intake.versions import current
from portfolio.models import Submission, UseCase
from portfolio.stages import Stage
from tests.conftest import EXPECTED
from tests.factories import make_use_case, signed_in
from tests.governance.scene import Scene, harmless, make_scene
from tests.portfolio.test_services import complete_facts

pytestmark = pytest.mark.django_db(transaction=True)
CONDITION = "Review a sample of 50 outputs each month."


@pytest.fixture
def scene(transactional_db) -> Scene:
    """A house that works every day: what its council does today must not depend on the day of the week."""
    scene = make_scene()
    every_day = create_calendar('name = "Every day"\nweekend = []\n', by=scene.office)
    give_calendar(scene.unit, every_day, by=scene.office)
    return scene


@pytest.fixture
def browser_of(browser: Any, live_server: Any) -> Iterator[Callable[[User], Page]]:
    """A browser of one person, who stays signed in; what its console complains of fails the test."""
    pages: dict[int, Page] = {}
    complaints: list[str] = []

    def enter(user: User) -> Page:
        if user.pk not in pages:
            context = browser.new_context(
                base_url=live_server.url, viewport={"width": 1440, "height": 900}, reduced_motion="reduce"
            )
            cookie = signed_in(user).cookies["session"].value
            context.add_cookies([{"name": "session", "value": cookie, "url": live_server.url}])
            page = pages[user.pk] = context.new_page()
            page.set_default_timeout(10_000)
            page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: complaints.append(str(error)))
        return pages[user.pk]

    yield enter
    for page in pages.values():
        page.context.close()
    assert [text for text in complaints if not any(expected in text for expected in EXPECTED)] == []


@pytest.fixture
def use_case(scene: Scene) -> UseCase:
    """Answered but for the last page; its tier is high."""
    _, questionnaire = current()
    facts = complete_facts() | harmless() | {"decides_about": ["employment"], "purpose": "Sort applications by fit."}
    facts |= {"principal_basis": True, "narrow_procedural_task": False, "human_involvement": "confirms"}
    facts |= {"high_impact": "yes", "personal_data": True, "spend_per_year": 12_000, "users_expected": 40}
    assert questionnaire.missing(facts) == []
    found = make_use_case(
        "Sorting of applications", unit=scene.unit, requester=scene.requester, owner=scene.owner,
        sponsor=scene.sponsor, stage=Stage.PILOT, facts=facts,
    )  # fmt: skip
    tier_use_cases([found])
    return found


def submit(page: Page, use_case: UseCase) -> Review:
    page.goto(f"/intake/{use_case.ref}/check/")
    page.get_by_role("button", name="Submit").click()
    page.get_by_text("is submitted. You will be told").wait_for()
    return Review.objects.get()


def find(page: Page, review: Review, severity: str, text: str, wanted: str = "") -> None:
    page.goto(review.get_absolute_url())
    findings = page.locator("#findings")
    findings.get_by_label(severity, exact=True).check()
    findings.get_by_label("What you found").fill(text)
    findings.get_by_label("Evidence that you want").fill(wanted)
    findings.get_by_role("button", name="Report it").click()
    findings.get_by_text(text).first.wait_for()


def vote(page: Page, review: Review, choice: str, reason: str = "", condition: str = "") -> None:
    page.goto(review.get_absolute_url())
    ballot = page.locator("#your-vote")
    ballot.get_by_label(choice, exact=True).check()
    ballot.get_by_label("Reason").first.fill(reason)
    if condition:
        ballot.get_by_label("Further conditions").fill(condition)
        ballot.get_by_label("Days to meet them").fill("30")
    ballot.get_by_role("button", name="Vote", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("Your vote is cast.")


def verify(receipt: Path, key: Path) -> tuple[int, str]:
    """As an auditor would, on another machine."""
    command = [sys.executable, "-m", "caio_portal.audit.verify_receipt", str(receipt), "--key", str(key)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={})
    return done.returncode, done.stdout or done.stderr


def kept(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as download:
        page.get_by_role("link", name=name).first.click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def test_from_a_submission_to_a_restored_approval(browser_of, scene, use_case, tmp_path, axe, monkeypatch):
    requester, office = browser_of(scene.requester), browser_of(scene.office)
    review = submit(requester, use_case)

    # Legal finds what is missing, and returns the review: its clocks stop.
    legal = browser_of(scene.reviewer("legal"))
    find(legal, review, "Major", "Nobody says how many people use it.", "C05")
    legal.get_by_role("link", name="Return", exact=True).click()
    legal.get_by_label("What has to change?").fill("Correct the number of users: it is too low.")
    legal.get_by_role("button", name="Return it").click()
    expect(legal.locator("main")).to_contain_text("Returned to its team")

    # The team corrects an answer, and submits it to the same review.
    requester.goto("/")
    requester.locator("#work").get_by_role("link", name=use_case.title).first.click()
    expect(requester.locator("main")).to_contain_text("Correct the number of users")
    requester.goto(f"/intake/{use_case.ref}/purpose/")
    requester.get_by_label("How many people will use it").fill("4000")
    requester.get_by_role("button", name="Save and continue").click()
    requester.wait_for_url(re.compile("/intake/.*/(?!purpose)"))
    assert submit(requester, use_case) == review
    assert Submission.objects.count() == 2

    # The reviewers see what is new, and sign off side by side.
    legal.goto(review.get_absolute_url())
    expect(legal.locator("#changes")).to_contain_text("4,000")
    assert axe(legal) == []
    for function in ("legal", "ciso", "privacy"):
        find(browser_of(scene.reviewer(function)), review, "No objection", f"Looked at for {function}.")

    # The office calls a meeting, whose agenda is built from what is ready.
    office.goto("/councils/")
    office.get_by_role("link", name="Call a meeting").click()
    office.get_by_label("Day of the meeting").fill(house().at_or_after(clock.today()).isoformat())
    office.get_by_role("button", name="Call the meeting").click()
    office.get_by_role("button", name="Add what is ready").click()
    office.get_by_role("button", name="Open the meeting").click()
    for seat in ("Legal", "CISO", "Data", "Finance", "Hr"):
        office.locator("#attendance").get_by_label(seat).select_option(label=f"Member {seat.lower()}")
    office.get_by_role("button", name="Record it").click()
    expect(office.locator("#live-meeting")).to_contain_text("5 of 5 seats are here")
    expect(office.locator("#live-meeting")).to_contain_text(use_case.title)
    meeting = Meeting.objects.get()
    follower = browser_of(scene.members["finance"])
    follower.goto(meeting.get_absolute_url())
    expect(follower.locator("#live-meeting")).to_contain_text("0 of 5 voted")

    # Four vote in four browsers; whoever looks at the meeting sees each vote appear.
    voters = {name: browser_of(scene.members[name]) for name in ("data", "hr", "ciso", "legal")}
    vote(voters["data"], review, "Approve")
    expect(follower.locator("#live-meeting")).to_contain_text("1 of 5 voted")
    vote(voters["hr"], review, "Reject", "The benefit is small.")
    vote(voters["ciso"], review, "Approve with conditions", "If it is watched.", CONDITION)
    expect(follower.locator("#live-meeting")).to_contain_text("3 of 5 voted")
    vote(voters["legal"], review, "Approve", "Lawful with that.")
    expect(voters["legal"].locator("#decision")).to_contain_text("Approved with conditions")
    expect(voters["legal"].locator("#decision")).to_contain_text(CONDITION)
    expect(follower.locator("#live-meeting")).to_contain_text("Approved with conditions")
    assert (Vote.objects.count(), Approval.objects.count()) == (4, 1)

    # The receipt stands from this moment, and is checked without the portal.
    legal.goto(review.get_absolute_url())
    receipt, key = kept(legal, "Signed receipt", tmp_path), kept(legal, "The key to check it with", tmp_path)
    assert verify(receipt, key)[0] == 0
    forged = bytearray(receipt.read_bytes())
    forged[forged.index(b"The benefit is small") + 4] ^= 1
    receipt.write_bytes(forged)
    code, said = verify(receipt, key)
    assert (code, said.startswith("BROKEN: ")) == (1, True)

    # The minutes are drafted from what happened.
    office.goto(meeting.get_absolute_url())
    office.get_by_role("button", name="Close the meeting").click()
    office.get_by_role("button", name="Close it").click()
    expect(office.get_by_role("textbox", name="Minutes")).to_have_value(re.compile("Dissent of Member hr"))

    # The day passes, the approval is suspended, and everybody concerned hears of it.
    condition = Condition.objects.get()
    later = clock.now() + timedelta(days=34)  # what falls due on a weekend is due after it
    monkeypatch.setattr(clock, "now", lambda: later)  # for the threads of the server too
    assert (remind_of_conditions(), suspend_overdue(), suspend_overdue()) == (1, 1, 0)
    owner = browser_of(scene.owner)
    owner.goto("/notices/")
    expect(owner.locator("main")).to_contain_text(f"the condition “{CONDITION}” is overdue")
    owner.goto(use_case.get_absolute_url())
    expect(owner.locator("main")).to_contain_text("Suspended")
    owner.goto(f"/use-cases/{use_case.ref}/move/")
    expect(owner.locator("main")).to_contain_text("Its approval is suspended.")

    # Evidence restores it; what is no evidence is refused, and nothing typed is lost.
    owner.goto(f"/conditions/{condition.pk}/")
    owner.get_by_label("Title of the evidence").fill("Samples of November")
    owner.get_by_label("File").set_input_files(
        {"name": "samples.pdf", "mimeType": "application/pdf", "buffer": b"MZ\x90\x00 a program"}
    )
    owner.get_by_role("button", name="It is met").click()
    expect(owner.locator("main")).to_contain_text("its content is something else")
    expect(owner.get_by_label("Title of the evidence")).to_have_value("Samples of November")
    owner.get_by_label("File").set_input_files(
        {"name": "samples.txt", "mimeType": "text/plain", "buffer": b"49 of 50 were right."}
    )
    owner.get_by_role("button", name="It is met").click()
    expect(owner.locator("#decision")).to_contain_text("Samples of November")
    owner.goto(use_case.get_absolute_url())
    expect(owner.locator("main")).to_contain_text("In force, up to production")
    assert Suspension.objects.filter(restored_at=None).count() == 0
