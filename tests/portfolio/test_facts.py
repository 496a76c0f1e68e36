import json
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio import facts
from portfolio.facts import CATALOGUE, Kind

NAMES = """
purpose expected_benefit outputs technique approach topic_area operational_on has_authority_to_operate personal_data
special_categories demographic_attributes custom_code data_description affected_people decides_about principal_basis
human_involvement autonomy biometric_use biometric_in_public biometric_real_time law_enforcement_use
art5_exception_authorised profiles_people narrow_procedural_task manipulative_technique exploits_vulnerability
social_scoring predicts_crime_from_profile scrapes_faces safety_component critical_infrastructure generates_content
talks_to_people high_impact high_impact_reason spend_per_year widens_data_access users_expected eu_role vendor_product
"""


def test_catalogue_holds_the_names_of_the_domain_model():
    assert list(CATALOGUE) == NAMES.split()


@pytest.mark.parametrize("fact", CATALOGUE.values(), ids=CATALOGUE)
def test_every_fact_explains_itself(fact):
    has_choices = fact.kind in {Kind.CHOICE, Kind.CHOICES}

    assert fact.label
    assert fact.help.endswith(".")
    assert bool(fact.choices) == has_choices
    assert bool(fact.uom) == (fact.kind is Kind.NUMBER)


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("purpose", "  Find leaks\x00 ", "Find leaks"),
        ("personal_data", "Yes", True),
        ("personal_data", False, False),
        ("personal_data", "no", False),
        ("high_impact", True, "yes"),
        ("high_impact", "presumed not", "presumed_not"),
        ("high_impact", "Not high-impact", "no"),
        ("approach", "Bought from a vendor", "buy"),
        ("decides_about", "benefits", ["benefits"]),
        ("decides_about", ["health", "benefits", "health"], ["benefits", "health"]),
        ("biometric_use", ["none"], ["none"]),
        ("spend_per_year", "$25,000", 25_000),
        ("spend_per_year", "0.5", 0.5),
        ("users_expected", 12, 12),
        ("operational_on", "2025-03-01", "2025-03-01"),
        ("operational_on", date(2025, 3, 1), "2025-03-01"),
        ("operational_on", datetime(2025, 3, 1, 12, 30), "2025-03-01"),
    ],
)
def test_parse_reads(name, raw, value):
    assert facts.parse(name, raw) == value


@pytest.mark.parametrize(
    ("name", "raw", "sentence"),
    [
        ("colour", "red", "colour is not the name of a fact."),
        ("personal_data", "perhaps", "Personal data is yes or no, not “perhaps”."),
        ("personal_data", "", "Personal data has no value."),
        ("personal_data", None, "Personal data has no value."),
        ("approach", "rent", "Approach is one of build, partner, buy, not “rent”."),
        ("biometric_use", ["none", "emotion"], "Biometrics is none, or others, not both."),
        ("users_expected", -1, "Users expected is a number from 0 upwards, not “-1”."),
        ("users_expected", "many", "Users expected is a number from 0 upwards, not “many”."),
        ("users_expected", "NaN", "Users expected is a number from 0 upwards, not “NaN”."),
        ("users_expected", True, "Users expected is a number from 0 upwards, not “True”."),
        ("operational_on", "3/1/25", "Operational since is a date such as 2026-11-21, not “3/1/25”."),
    ],
)
def test_parse_refuses_in_a_sentence(name, raw, sentence):
    with pytest.raises(facts.Unreadable) as refusal:
        facts.parse(name, raw)

    assert str(refusal.value) == sentence


def test_parse_refuses_a_text_without_end():
    with pytest.raises(facts.Unreadable, match="longer than 20,000"):
        facts.parse("purpose", "x" * 20_001)


def test_parse_all_leaves_out_what_is_blank():
    assert facts.parse_all({"purpose": " ask ", "outputs": "", "decides_about": [], "eu_role": None}) == {
        "purpose": "ask"
    }


@given(
    st.sampled_from(sorted(CATALOGUE)),
    st.one_of(st.text(), st.booleans(), st.floats(), st.lists(st.text()), st.dates()),
)
def test_parse_is_stable_and_fits_into_json(name, raw):
    try:
        value = facts.parse(name, raw)
    except facts.Unreadable:
        return

    assert facts.parse(name, json.loads(json.dumps(value))) == value


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("personal_data", True, "Yes"),
        ("decides_about", ["benefits", "health"], "Public benefits and services, Health care"),
        ("high_impact", "yes", "High-impact"),
        ("spend_per_year", 25_000, "25,000 USD a year"),
        ("purpose", "Find leaks", "Find leaks"),
    ],
)
def test_label_of_reads_well(name, value, shown):
    assert CATALOGUE[name].label_of(value) == shown


def test_material_hash_counts_only_material_facts():
    before = facts.material_hash({"purpose": "a", "personal_data": True}, ["personal_data", "eu_role"])
    same = facts.material_hash({"purpose": "b", "personal_data": True}, ["eu_role", "personal_data"])
    other = facts.material_hash({"purpose": "a", "personal_data": False}, ["personal_data", "eu_role"])
    unknown = facts.material_hash({"purpose": "a"}, ["personal_data", "eu_role"])

    assert before == same
    assert len({before, other, unknown}) == 3
