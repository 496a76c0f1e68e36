"""What the portfolio adds to home and to the search."""

import pytest

from caio_portal.accounts.roles import Role
from portfolio import home
from portfolio.intake.versions import current
from portfolio.models import Submission
from tests.factories import make_person, make_unit, make_use_case

pytestmark = pytest.mark.django_db


def test_drafts_wait_for_their_requester():
    person = make_person()
    draft = make_use_case("Draft", requester=person)
    submitted = make_use_case("Submitted", requester=person)
    Submission.objects.create(
        use_case=submitted, questionnaire=current()[0], number=1, facts={}, facts_hash="x", by=person
    )
    make_use_case("Of somebody else")

    assert [(entry.title, entry.url) for entry in home.my_work(person)] == [("Draft", f"/intake/{draft.ref}/")]


def test_search_finds_what_this_person_sees_closest_first():
    unit = make_unit()
    person = make_person(Role.REQUESTER, unit=unit)
    make_use_case("Claims: a long title in which a chat is only a word among others", unit=unit)
    make_use_case("Chat for claims", unit=unit)
    make_use_case("Chat for claims of others", unit=make_unit())

    assert [hit.title for hit in home.search("chat claims", person)] == [
        "Chat for claims",
        "Claims: a long title in which a chat is only a word among others",
    ]


def test_search_finds_a_reference():
    unit = make_unit()
    use_case = make_use_case("Chat", unit=unit)

    assert [hit.title for hit in home.search(use_case.ref.lower(), make_person(Role.OWNER, unit=unit))] == ["Chat"]
