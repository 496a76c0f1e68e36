from datetime import UTC, date, datetime

from django.urls import reverse

from caio_portal.accounts.roles import Role
from caio_portal.briefings.executive import executive_page
from caio_portal.common import clock
from tests.factories import make_person, make_unit, make_use_case, signed_in

ADDRESS = reverse("briefings:executive")


def _executive(unit):
    return signed_in(make_person(Role.EXECUTIVE, unit=unit))


def test_executive_page_of_an_empty_portal_says_what_will_stand_there(db):
    response = _executive(make_unit("Company")).get(ADDRESS)

    assert response.status_code == 200
    assert "0 use cases on the register, 0 in production. No decision is needed now." in response.content.decode()


def test_executive_page_asks_a_constant_number_of_queries(db, django_assert_max_num_queries):
    few, many = make_unit("Few"), make_unit("Many")
    for unit, count in ((few, 1), (many, 3)):
        for number in range(count):
            make_use_case(f"Case {unit} {number}", unit=unit, stage="production")

    asked = []
    for unit in (few, many):
        client = _executive(unit)
        with django_assert_max_num_queries(40) as queries:
            client.get(ADDRESS)
        asked.append(len(queries))

    assert asked[0] == asked[1] <= 20


def test_executive_page_says_what_is_asked_and_sets_it_in_bold(db):
    unit = make_unit("Company")
    make_use_case("Fraud graph", unit=unit, stage="production", tier=3)

    page = _executive(unit).get(ADDRESS).content.decode()

    assert "1 use case on the register, 1 in production." in page
    assert "<b>One decision is needed</b>." in page


def test_executive_page_is_drawn_once_for_a_state_of_the_data(db, django_assert_max_num_queries):
    client = _executive(make_unit("Company"))
    first = client.get(ADDRESS).content

    with django_assert_max_num_queries(6):
        second = client.get(ADDRESS).content

    assert first.count(b"Vendor scorecard") == second.count(b"Vendor scorecard") == 1


def test_executive_page_of_a_unit_that_is_not_overseen_shows_the_own_one(db):
    own, foreign = make_unit("Own"), make_unit("Foreign")

    response = _executive(own).get(ADDRESS, {"unit": foreign.pk})

    assert response.context["unit"] == own


def test_kpis_are_of_the_running_month_while_nothing_is_older(db):
    young, old = make_unit("Young"), make_unit("Old")
    with clock.at(datetime(2026, 11, 20, 9, tzinfo=UTC)):
        make_use_case("New", unit=young)
    with clock.at(datetime(2026, 9, 1, 9, tzinfo=UTC)):
        make_use_case("Long known", unit=old)

    with clock.at(datetime(2026, 11, 21, 9, tzinfo=UTC)):
        of_young, of_old = (executive_page(unit, frozenset([unit.pk])) for unit in (young, old))

    assert (of_young.month, of_old.month) == (date(2026, 11, 1), date(2026, 10, 1))
