"""Filters by any field of a use case."""

from datetime import UTC, datetime

import pytest
from django.http import QueryDict

from caio_portal.accounts.roles import Role
from portfolio import buckets, fields
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


def counts_of(user, query, key):
    [facet] = [facet for facet in table(user, f"{query}&facets=1").facets if facet.key == key]
    return {option.value: option.count for option in facet.options if option.count}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("f-outputs-is=stated", ["Chat"]),
        ("f-outputs-is=none", ["Empty", "Score"]),
        ("f-outputs-is=none&f-outputs-is=stated", ["Chat", "Empty", "Score"]),
        ("f-users_expected-is=from-10", ["Chat"]),
        ("f-users_expected-is=from-1000", ["Score"]),
        ("f-users_expected-is=none&f-users_expected-is=from-10", ["Chat", "Empty"]),
        ("f-spend_per_year-is=from-0", ["Score"]),
        ("f-spend_per_year-is=from-10000", ["Chat"]),
        ("f-operational_on-is=none", ["Chat", "Empty"]),
        ("f-outputs=answers&f-outputs-is=stated", ["Chat"]),
        ("owner-is=none", []),
        ("sponsor-is=none", ["Chat", "Empty", "Score"]),
        ("registered-is=days-7", []),
    ],
)
def test_what_somebody_writes_can_be_stated_or_in_a_range(office, query, expected):
    assert sorted(row.title for row in table(office, query).found) == sorted(expected)


def test_ranges_and_what_is_not_stated_are_counted_under_the_other_filters(office):
    assert counts_of(office, "by=f-users_expected", "f-users_expected-is") == {
        "stated": 2, "from-10": 1, "from-1000": 1, "none": 1,
    }  # fmt: skip
    assert counts_of(office, "by=f-spend_per_year&f-approach=buy", "f-spend_per_year-is") == {"stated": 1, "from-0": 1}
    days = counts_of(office, "by=f-operational_on", "f-operational_on-is")
    assert (days.pop("stated"), days.pop("none"), list(days.values())) == (1, 2, [1])
    assert counts_of(office, "f-outputs-is=none", "f-outputs-is") == {"stated": 1, "none": 2}
    assert list(counts_of(office, "by=registered", "registered-is").values()) == [3]
    assert counts_of(office, "by=owner", "owner-is") == {"stated": 3}


def test_ranges_stand_below_what_somebody_writes(office):
    page = signed_in(office).get(f"{LIST}?f-users_expected-is=from-10&f-users_expected.from=1").content.decode()

    assert 'name="f-users_expected-is" value="from-10" checked' in page
    assert "10 to less than 100" in page
    assert page.count('type="checkbox" id="use-cases-f-users_expected-is-') == 7  # stated, five ranges, not stated


def test_every_bucket_of_every_fact_counts_what_it_finds(office):
    keys = [f"{key}{buckets.SUFFIX}" for key in fields.wanted(QueryDict("by=" + "&by=".join(fields._all())))]
    known = {facet.key for facet in table(office, "by=" + "&by=".join(fields._all())).facets}
    for key in sorted(known.intersection(keys)):
        for value, number in counts_of(office, f"by={key.removesuffix(buckets.SUFFIX)}", key).items():
            assert table(office, f"{key}={value}").total == number, (key, value)
