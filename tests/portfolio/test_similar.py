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
