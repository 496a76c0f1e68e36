"""Every order of the list: however a page is cut out of it, all pages together are all rows in that order."""

import pytest
from django.http import QueryDict

from portfolio.tables import UseCaseTable
from tests.factories import make_person, make_unit, make_use_case

pytestmark = pytest.mark.django_db
KEYS = [column.key for column in UseCaseTable.columns if column.sort is not None]
ORDERS = [*KEYS, *(f"-{key}" for key in KEYS)]


@pytest.fixture
def use_cases(unit):
    """Seven, of two units; five with an owner, of whom one owns two."""
    other = make_unit("Zoo", parent=unit)
    ann, bob, cid = (make_person(name=name) for name in ("Ann", "Bob", "Cid"))
    named = zip([ann, bob, bob, cid, ann, None, None], [unit, other] * 4, "GFEDCBA", strict=False)
    return [make_use_case(title, unit=of, owner=owner, stage="pilot") for owner, of, title in named]


def pages(query, user, size):
    found = []
    for number in range(1, 99):
        table = UseCaseTable(QueryDict(f"{query}&page={number}"), user)
        table.page_size = size
        found += [row.title for row in table.rows]
        if not table.page.has_next():
            break
    return found


def test_the_pages_of_every_order_are_its_rows(use_cases, office):
    for order in ORDERS:
        rows = [row.title for row in UseCaseTable(QueryDict(f"sort={order}"), office).found]

        assert pages(f"sort={order}", office, 4) == rows, order


def test_who_has_no_owner_comes_last_either_way(use_cases, office):
    orders = {"owner": "GCFEDBA", "-owner": "DFEGCBA", "unit": "GECAFDB", "-unit": "BDFACEG", "-title": "GFEDCBA"}

    assert {order: "".join(pages(f"sort={order}", office, 3)) for order in orders} == orders
