import pytest

from caio_portal.accounts.roles import Role
from portfolio.selectors.similar import likeness, similar_to
from tests.factories import make_person, make_unit, make_use_case


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ("Chat for claims", "chat for CLAIMS", 1, 1),
        ("Chat for claims", "Chat assistant for claims", 0.5, 0.9),
        ("Summaries of claims", "Summary of claims files", 0.4, 0.8),
        ("Chat for claims", "Fraud graph", 0, 0.05),
        ("", "", 0, 0),
    ],
)
def test_likeness(one, other, low, high):
    assert low <= likeness(one, other) <= high


@pytest.mark.django_db
def test_similar_to():
    unit = make_unit()
    person = make_person(Role.REQUESTER, unit=unit)
    same = make_use_case("Chat for claims", unit=unit)
    near = make_use_case("Chat assistant for claims handlers", unit=unit)
    make_use_case("Claims", unit=unit, confidential=True)
    make_use_case("Forecast of claims in an exceptionally long title about something else", unit=unit)
    make_use_case("Chat for claims", unit=make_unit())

    assert similar_to("Chat for claims", person) == [same, near]
    assert similar_to("Chat for claims", person, besides=same.pk) == [near]
    assert similar_to("of it", person) == []


LETTERS = "Sorts incoming correspondence of policyholders and forwards complaints to the responsible department."


@pytest.mark.django_db
def test_the_same_purpose_under_another_title_is_found_and_explained():
    unit = make_unit()
    person = make_person(Role.REQUESTER, unit=unit)
    said = "Correspondence of policyholders is sorted; each complaint goes to the department that is responsible."
    same = make_use_case("Mailroom robot", unit=unit, facts={"purpose": said})
    both = make_use_case("Post triage", unit=unit, facts={"purpose": said})
    make_use_case("Menu planner", unit=unit, facts={"purpose": "Plans responsible menus of the department canteen."})

    found = similar_to("Triage of letters", person, purpose=LETTERS)

    assert found == [both, same]
    assert (found[0].in_common, found[1].in_common) == (["triage"], [])
    assert set(found[1].for_the_same) == {"correspondence", "policyholders", "complaint", "department", "responsible"}
    assert found[0].likeness > found[1].likeness
    assert similar_to("Triage of letters", person) == [both]  # by its title alone
    assert set(similar_to("", person, purpose=LETTERS)) == {same, both}
