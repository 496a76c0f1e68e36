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
vendor_document agent_tools overseer mainly_used_by privacy_assessment art5_authorisation
presumed_use intimate_imagery
"""


ACME = {"id": 4, "name": "Chat 2", "vendor": "Acme"}
LINK = {"url": "http://example.org/a?b=c#d"}
NO_ADDRESS = "Privacy assessment is a web address that begins with https:// or http://, not “{}”."
FILE = {"file": "5f0c", "name": "decision.pdf", "size": 2048, "sha256": "ab"}
TOOL = {"tool": "Orders", "access": "spends", "confirmed": False, "limit": {"amount": "50", "currency": "EUR"}}


def test_catalogue_holds_the_names_of_the_domain_model():
    assert list(CATALOGUE) == NAMES.split()


@pytest.mark.parametrize("fact", CATALOGUE.values(), ids=CATALOGUE)
def test_every_fact_explains_itself(fact):
    has_choices = fact.kind in {Kind.CHOICE, Kind.CHOICES}

    assert fact.label
    assert fact.help.endswith(".")
    assert bool(fact.choices) == has_choices
    assert bool(fact.uom) == (fact.kind in {Kind.NUMBER, Kind.MONEY})
    assert bool(fact.columns) == bool(fact.rows_max) == (fact.kind is Kind.TABLE)


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
        ("spend_per_year", "$25,000", {"amount": "25000", "currency": "USD"}),
        ("spend_per_year", "0.50", {"amount": "0.5", "currency": "USD"}),
        ("spend_per_year", 1e3, {"amount": "1000", "currency": "USD"}),
        ("spend_per_year", "1 200 000 chf", {"amount": "1200000", "currency": "CHF"}),
        ("spend_per_year", "€ 45,000.555", {"amount": "45000.56", "currency": "EUR"}),
        ("spend_per_year", {"amount": "7", "currency": "GBP"}, {"amount": "7", "currency": "GBP"}),
        ("vendor_product", " Acme Chat ", "Acme Chat"),
        ("vendor_product", ACME, ACME),
        ("overseer", {"id": 3, "name": "Ada", "email": None}, {"id": 3, "name": "Ada"}),
        ("privacy_assessment", "https://example.org/pia", {"url": "https://example.org/pia"}),
        ("privacy_assessment", LINK | {"label": " The  assessment "}, LINK | {"label": "The assessment"}),
        ("art5_authorisation", FILE, FILE),
        ("agent_tools", [{"tool": "", "access": None}, TOOL], [TOOL]),
        ("agent_tools", '[{"tool": "Mail", "access": "sends"}]', [{"tool": "Mail", "access": "sends"}]),
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
        ("spend_per_year", "much", "Spend a year is an amount from 0 upwards, such as 25,000, not “much”."),
        ("spend_per_year", "-1", "Spend a year is an amount from 0 upwards, such as 25,000, not “-1”."),
        (
            "spend_per_year",
            {"amount": "1", "currency": "XXX"},
            "Spend a year is in one of USD, EUR, GBP, CHF, JPY, CAD, AUD, not “XXX”.",
        ),
        ("overseer", {"name": "Ada"}, "Overseer is a name, or an object with id and name."),
        ("overseer", {"id": True, "name": "Ada"}, "Overseer is a name, or an object with id and name."),
        ("privacy_assessment", "javascript:alert(1)", NO_ADDRESS.format("javascript:alert(1)")),
        ("privacy_assessment", "https://", NO_ADDRESS.format("https://")),
        ("privacy_assessment", "https://me:secret@example.org", NO_ADDRESS.format("https://me:secret@example.org")),
        ("privacy_assessment", "https://a b", NO_ADDRESS.format("https://a b")),
        ("art5_authorisation", "decision.pdf", "Authorisation under Art. 5 is a file; upload it at its question."),
        ("agent_tools", "Mail", "Tools it may use is a list of rows."),
        ("agent_tools", [{"colour": "red"}], "Tools it may use has no column colour."),
        ("agent_tools", [{}, {"access": "reads"}], "Row 2: Tool or system has no value."),
        (
            "agent_tools",
            [{"tool": "x" * 1001, "access": "reads"}],
            "Row 1: Tool or system is longer than 1,000 characters.",
        ),
        ("agent_tools", [TOOL] * 21, "Tools it may use has at most 20 rows, not 21."),
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
        ("spend_per_year", {"amount": "25000.5", "currency": "EUR"}, "25,000.5 EUR a year"),
        ("spend_per_year", 25_000, "25,000 USD a year"),  # as it was kept before amounts had a currency
        ("vendor_product", ACME, "Acme: Chat 2"),
        ("vendor_product", "Chat", "Chat"),
        ("overseer", {"id": 3, "name": "Ada", "email": "ada@example.org"}, "Ada (ada@example.org)"),
        ("mainly_used_by", {"id": 3, "name": "Claims"}, "Claims"),
        ("privacy_assessment", LINK | {"label": "PIA"}, "PIA (http://example.org/a?b=c#d)"),
        ("art5_authorisation", FILE, "decision.pdf (2.0 kB)"),
        (
            "agent_tools",
            [TOOL, {"tool": "Mail", "access": "sends"}],
            "Tool or system: Orders; It may: Spend money; A person confirms: No; At most a day: 50 EUR\n"
            "Tool or system: Mail; It may: Send to people",
        ),
        ("purpose", "Find leaks", "Find leaks"),
    ],
)
def test_label_of_reads_well(name, value, shown):
    assert CATALOGUE[name].label_of(value) == shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("spend_per_year", {"amount": "25000.5", "currency": "EUR"}),
        ("agent_tools", [TOOL, {"tool": "Mail", "access": "sends"}]),
        ("purpose", "Find leaks"),
    ],
)
def test_a_cell_of_a_file_is_read_as_it_was(name, value):
    assert facts.parse(name, CATALOGUE[name].cell_of(value)) == value


@pytest.mark.parametrize(
    ("name", "known", "read", "same"),
    [
        ("vendor_product", ACME, "Acme: Chat 2", True),
        ("vendor_product", ACME, "Acme: Chat 3", False),
        ("vendor_product", "Chat", "Chat", True),
        ("overseer", None, "Ada", False),
        ("spend_per_year", {"amount": "5", "currency": "USD"}, {"amount": "5", "currency": "USD"}, True),
    ],
)
def test_a_file_names_what_is_known_without_changing_it(name, known, read, same):
    assert facts.is_same(name, known, read) == same


def test_material_hash_counts_only_material_facts():
    before = facts.material_hash({"purpose": "a", "personal_data": True}, ["personal_data", "eu_role"])
    same = facts.material_hash({"purpose": "b", "personal_data": True}, ["eu_role", "personal_data"])
    other = facts.material_hash({"purpose": "a", "personal_data": False}, ["personal_data", "eu_role"])
    unknown = facts.material_hash({"purpose": "a"}, ["personal_data", "eu_role"])

    assert before == same
    assert len({before, other, unknown}) == 3
