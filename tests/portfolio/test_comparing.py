"""A use case on two days."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.common import clock
from portfolio import selectors, services
from portfolio.models import MoveKind
from portfolio.stages import Stage
from tests.factories import make_person, signed_in

pytestmark = pytest.mark.django_db
MARCH, JUNE = date(2031, 3, 31), date(2031, 6, 30)


@pytest.fixture
def owner(unit):
    return make_person(Role.OWNER, unit=unit, name="Olga Owner")


@pytest.fixture
def use_case(unit, owner):
    """Registered in February with two facts; a fact, its stage and its title change in May."""
    with clock.at(datetime(2031, 2, 1, 12, tzinfo=UTC)):
        facts = {"personal_data": False, "purpose": "Reads letters."}
        use_case = services.register_use_case("Letters", unit.pk, by=owner, facts=facts)
    with clock.at(datetime(2031, 5, 2, 12, tzinfo=UTC)):
        services.write_facts(use_case.pk, {"personal_data": True}, by=owner)
        services.record_move(use_case.pk, Stage.PILOT, by=owner, kind=MoveKind.RECORDED)
        services.edit_use_case(use_case.pk, by=owner, title="Letters and mails")
    return use_case


def told(comparison):
    return [(each.label, each.before, each.after, each.by) for each in comparison.differences]


def test_compare(use_case):
    assert told(selectors.compare(use_case, MARCH, JUNE)) == [
        ("Title", "Letters", "Letters and mails", "Olga Owner"),
        ("Stage", "Idea", "Pilot", "Olga Owner"),
        ("Personal data", "No", "Yes", "Olga Owner"),
    ]


def test_compare_counts_what_stayed(use_case):
    assert selectors.compare(use_case, MARCH, JUNE).same == 1


def test_what_went_and_came_back_is_no_difference(use_case, owner):
    with clock.at(datetime(2031, 6, 2, tzinfo=UTC)):
        services.write_facts(use_case.pk, {"personal_data": False}, by=owner)
        services.edit_use_case(use_case.pk, by=owner, title="Letters")

    assert told(selectors.compare(use_case, MARCH, JUNE)) == [("Stage", "Idea", "Pilot", "Olga Owner")]


def test_before_it_was_registered_nothing_was_known(use_case):
    [stage, *facts] = told(selectors.compare(use_case, date(2031, 1, 1), MARCH))

    assert stage == ("Stage", "Not registered", "Idea", "Olga Owner")
    assert {before for _, before, _, _ in facts} == {"Unknown"}


def test_a_quiet_time(use_case):
    assert selectors.compare(use_case, date(2031, 3, 1), MARCH).differences == ()


def url_of(use_case):
    return reverse("portfolio:compare_dates", args=[use_case.ref])


def test_the_page(use_case, owner, django_assert_max_num_queries):
    client = signed_in(owner)
    client.get(url_of(use_case))

    with django_assert_max_num_queries(24):  # those of a dossier's frame, and three of the comparison
        response = client.get(url_of(use_case), {"first": "2031-03-31", "last": "2031-06-30"})

    assert "3 differences between 31 Mar 2031 and 30 Jun 2031; 1 fact unchanged." in response.content.decode()


def test_the_page_compares_with_three_months_ago(use_case, owner):
    with clock.at(datetime(2031, 6, 30, 12, tzinfo=UTC)):
        response = signed_in(owner).get(url_of(use_case))

    assert (response.status_code, response.context["comparison"].first) == (200, date(2031, 4, 1))


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        ({"first": "2031-06-30", "last": "2031-03-31"}, "The first day lies after the second one."),
        ({"first": "soon"}, "Enter a valid date."),
        ({"last": "9999-12-31"}, "Choose days of this time."),
    ],
)
def test_days_that_make_no_sense(use_case, owner, days, sentence):
    response = signed_in(owner).get(url_of(use_case), days)

    assert response.status_code == 422
    assert sentence in response.content.decode()
