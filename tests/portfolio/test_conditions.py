import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from portfolio.conditions import Condition, compiled, described, fact_names, missing_facts
from tests.portfolio.fact_strategies import conditions, facts_of_all_kinds

READ = TypeAdapter(Condition).validate_python
YES = {"fact": "personal_data", "is": True}  # holds in FACTS
NO = {"fact": "social_scoring", "is": True}  # does not
UNKNOWN = {"fact": "scrapes_faces", "is": True}
FACTS = {
    "personal_data": True,
    "social_scoring": False,
    "high_impact": "presumed_not",
    "biometric_use": ["verification", "emotion"],
    "spend_per_year": 500,
    "vendor_product": {"id": 4, "name": "Chat 2", "vendor": "Acme"},
    "overseer": "Ada",
    "agent_tools": [{"tool": "Mail", "access": "sends", "confirmed": True}, {"tool": "Files", "access": "reads"}],
}
EURO = {"spend_per_year": {"amount": "900", "currency": "EUR"}}


@pytest.mark.parametrize(
    ("raw", "truth"),
    [
        (YES, True),
        (NO, False),
        (UNKNOWN, None),
        ({"fact": "high_impact", "is": "presumed_not"}, True),
        ({"fact": "high_impact", "is": "no"}, False),
        ({"fact": "high_impact", "in": ["no", "presumed_not"]}, True),
        ({"fact": "eu_role", "in": ["provider"]}, None),
        ({"fact": "biometric_use", "contains": "emotion"}, True),
        ({"fact": "biometric_use", "contains": ["identification", "emotion"]}, True),
        ({"fact": "biometric_use", "contains": ["identification"]}, False),
        ({"fact": "decides_about", "contains": "credit"}, None),
        ({"fact": "spend_per_year", "at_least": 500}, True),
        ({"fact": "spend_per_year", "at_least": 501}, False),
        ({"fact": "users_expected", "at_least": 1}, None),
        ({"fact": "agent_tools", "at_least": 2}, True),
        ({"fact": "agent_tools", "column": "access", "some_row": ["spends", "sends"]}, True),
        ({"fact": "agent_tools", "column": "access", "some_row": ["spends"]}, False),
        ({"fact": "agent_tools", "column": "confirmed", "some_row": False}, None),
        ({"fact": "vendor_product", "named": ["ACME"]}, True),
        ({"fact": "vendor_product", "named": ["Beta", "chat 2"]}, True),
        ({"fact": "overseer", "named": ["Grace"]}, False),
        ({"not": YES}, False),
        ({"not": UNKNOWN}, None),
        ({"all": [YES, YES]}, True),
        ({"all": [YES, UNKNOWN]}, None),
        ({"all": [NO, UNKNOWN]}, False),
        ({"any": [YES, UNKNOWN]}, True),
        ({"any": [NO, UNKNOWN]}, None),
        ({"any": [NO, NO]}, False),
        ({"count": 2, "of": [YES, YES, UNKNOWN]}, True),
        ({"count": 2, "of": [YES, NO, UNKNOWN]}, None),
        ({"count": 2, "of": [NO, NO, UNKNOWN]}, False),
    ],
)
def test_condition_has_three_values(raw, truth):
    assert compiled(READ(raw))(FACTS) is truth


def test_an_amount_in_another_currency_decides_nothing_and_is_what_is_missing():
    condition = READ({"fact": "spend_per_year", "at_least": 500})

    assert compiled(condition)(EURO) is None
    assert missing_facts(condition, EURO) == ("spend_per_year",)
    assert compiled(condition)({"spend_per_year": {"amount": "900", "currency": "USD"}}) is True
    assert compiled(condition)({"spend_per_year": {"amount": "0", "currency": "EUR"}}) is False


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        ({"fact": "colour", "is": True}, "colour is not the name of a fact"),
        ({"fact": "high_impact", "is": True}, "high_impact is a choice"),
        ({"fact": "high_impact", "is": "perhaps"}, "high_impact is never perhaps"),
        ({"fact": "biometric_use", "in": ["emotion"]}, "biometric_use is a choices"),
        ({"fact": "biometric_use", "contains": []}, "at least 1 item"),
        ({"fact": "personal_data", "at_least": 1}, "personal_data is a yes_no"),
        ({"fact": "purpose", "named": ["Acme"]}, "purpose is a text"),
        ({"fact": "purpose", "column": "access", "some_row": True}, "purpose is a text"),
        ({"fact": "agent_tools", "column": "tool", "some_row": ["x"]}, "has no column tool that"),
        ({"fact": "agent_tools", "column": "access", "some_row": ["x"]}, "access is never x"),
        ({"fact": "personal_data"}, "exactly one of"),
        ({"fact": "high_impact", "is": "no", "in": ["no"]}, "exactly one of"),
        ({"fact": "personal_data", "is": True, "because": "x"}, "Extra inputs"),
        ({"count": 3, "of": [YES, NO]}, "can never hold"),
        ({"all": []}, "at least 1 item"),
        ("personal_data", "exactly one of"),
    ],
)
def test_condition_refuses_what_makes_no_sense(raw, complaint):
    with pytest.raises(ValidationError, match=complaint):
        READ(raw)


def test_condition_names_the_facts_it_reads():
    condition = READ({"all": [YES, {"not": {"any": [NO, UNKNOWN]}}]})

    assert fact_names(condition) == {"personal_data", "social_scoring", "scrapes_faces"}


def test_missing_facts_are_those_that_could_still_decide():
    decided = {"any": [YES, {"fact": "eu_role", "is": "neither"}]}
    condition = READ({"all": [YES, UNKNOWN, decided]})

    assert missing_facts(condition, FACTS) == ("scrapes_faces",)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (YES, "Personal data: yes"),
        ({"any": [YES, {"fact": "high_impact", "is": "no"}]}, "Personal data: yes or High-impact: not high-impact"),
        ({"not": NO}, "not (Social scoring: yes)"),
        ({"fact": "spend_per_year", "at_least": 1_000_000}, "Spend a year: 1,000,000 USD a year or more"),
        ({"fact": "vendor_product", "named": ["Acme", "Beta"]}, "Vendor and product: Acme or Beta"),
        ({"fact": "agent_tools", "at_least": 3}, "Tools it may use: 3 rows or more"),
        (
            {"fact": "agent_tools", "column": "access", "some_row": ["sends", "spends"]},
            "Tools it may use: it may send to people or spend money in some row",
        ),
        ({"count": 1, "of": [YES, NO]}, "at least 1 of: Personal data: yes; Social scoring: yes"),
    ],
)
def test_condition_reads_as_words(raw, words):
    assert described(READ(raw)) == words


@given(conditions())
def test_condition_survives_being_written_and_read(raw):
    condition = READ(raw)

    assert READ(TypeAdapter(Condition).dump_python(condition, by_alias=True, mode="json")) == condition


@given(conditions(), facts_of_all_kinds(), st.data())
def test_learning_a_fact_never_takes_back_what_was_decided(raw, facts, data):
    test = compiled(READ(raw))
    known = {name: facts[name] for name in facts if data.draw(st.booleans())}

    before, after = test(known), test(facts)

    assert before is None or after is before
