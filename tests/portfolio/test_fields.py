"""Filters by any field of a use case."""

from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from caio_portal.accounts.roles import Role
from portfolio import fields
from portfolio.facts import CATALOGUE
from portfolio.tables import UseCaseTable
from tests.factories import make_person, make_unit, make_use_case, signed_in

pytestmark = pytest.mark.django_db
LIST = "/use-cases/"


@pytest.fixture
def office():
    unit = make_unit("Insurance")
    reader = make_person(Role.CAIO_OFFICE, unit=unit)
    made = {
        "Chat": {"technique": ["generative", "language"], "personal_data": True, "users_expected": 90,
                 "spend_per_year": {"amount": "12000.50", "currency": "USD"}, "outputs": "Answers for customers"},
        "Score": {"technique": ["classical_ml"], "personal_data": False, "users_expected": 1000, "approach": "buy",
                  "operational_on": "2025-05-01", "spend_per_year": 400},
        "Empty": {},
    }  # fmt: skip
    for title, facts in made.items():
        make_use_case(title, unit=unit, facts=facts, owner=make_person(name=f"Owner of {title}"),
                      registered_at=datetime(2026, 3, 1 + len(title), 23, 30, tzinfo=UTC))  # fmt: skip
    return reader


def table(user, query) -> UseCaseTable:
    return UseCaseTable(QueryDict(query), user, path=LIST)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("f-technique=generative", ["Chat"]),
        ("f-technique=language&f-technique=classical_ml", ["Chat", "Score"]),
        ("f-technique=none", ["Empty"]),
        ("f-technique=none&f-technique=classical_ml", ["Empty", "Score"]),
        ("f-personal_data=no", ["Score"]),
        ("f-personal_data=yes&f-technique=classical_ml", []),
        ("f-approach=buy", ["Score"]),
        ("f-users_expected.from=90&f-users_expected.to=500", ["Chat"]),
        ("f-users_expected.to=5000", ["Chat", "Score"]),
        ("f-spend_per_year.from=12000.4", ["Chat"]),
        ("f-spend_per_year.to=500", ["Score"]),
        ("f-operational_on.from=2025-05-01&f-operational_on.to=2025-05-01", ["Score"]),
        ("f-operational_on.from=2025-05-02", []),
        ("f-outputs=CUSTOMERS", ["Chat"]),
        ("owner=of+sco", ["Score"]),
        ("registered.from=2026-03-06&registered.to=2026-03-06", ["Score", "Empty"]),
        ("f-technique=nonsense&f-users_expected.from=many&registered.from=never&by=nonsense&f-nothing=x",
         ["Chat", "Empty", "Score"]),
        ("f-outputs=%00&f-users_expected.from=NaN&f-users_expected.to=1e99", ["Chat", "Empty", "Score"]),
    ],
)  # fmt: skip
def test_a_list_is_filtered_by_any_field(office, query, expected):
    assert sorted(row.title for row in table(office, query).found) == sorted(expected)


def test_every_fact_can_be_filtered_by(office):
    for key in fields.wanted(QueryDict("&".join(f"by={fields.key_of(name)}" for name in CATALOGUE))):
        for query in (f"{key}=none", f"{key}=x", f"{key}.from=1&{key}.to=2", f"{key}.from=2020-01-01"):
            assert list(table(office, query).found) is not None


def test_facts_are_counted_under_the_other_filters(office):
    asked = table(office, "f-technique=generative&by=f-personal_data&facets=1")

    counts = {facet.key: {option.value: option.count for option in facet.options} for facet in asked.facets}
    assert (
        counts["f-technique"] | {"generative": 1, "language": 1, "classical_ml": 1, "none": 1} == counts["f-technique"]
    )
    assert counts["f-personal_data"] == {"yes": 1, "no": 0, "none": 0}
    assert sum(counts["stage"].values()) == 1


def test_the_usual_list_pays_nothing_for_it(office, django_assert_max_num_queries):
    client = signed_in(office)
    client.get(LIST)

    with django_assert_max_num_queries(10):
        page = client.get(LIST).content.decode()

    assert 'name="by" value="f-technique"' in page
    assert 'name="f-technique"' not in page


def test_a_chosen_field_is_offered_and_told(office):
    response = signed_in(office).get(f"{LIST}?f-users_expected.from=90&f-outputs=customers&by=f-technique")

    page, applied = response.content.decode(), response.context["table"].applied
    assert {chip.value for chip in applied} == {"from 90", "customers"}
    assert 'name="f-technique" value="generative"' in page
    assert 'name="f-users_expected.from" type="number" value="90"' in page
    [chip] = [chip for chip in applied if chip.value == "from 90"]
    assert "users_expected" not in chip.url


def test_what_is_exported_is_what_was_found(office):
    response = signed_in(office).get(f"{LIST}?f-technique=generative&format=csv&col=unit")

    assert b"".join(response.streaming_content).decode("utf-8-sig").split() == [
        '"Use',
        'case","Unit"',
        '"Chat","Insurance"',
    ]
