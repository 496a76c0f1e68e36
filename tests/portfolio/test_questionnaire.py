from statistics import median

import pytest
from pydantic import ValidationError

from caio_portal.local.demo import story
from governance.policy import evaluate, shipped
from portfolio.facts import CATALOGUE
from portfolio.intake.questionnaire import Questionnaire, load

SHIPPED = load()


def questionnaire(*questions: dict) -> Questionnaire:
    asked = [{"ask": "?", "why": "Because.", **question} for question in questions]
    return Questionnaire.model_validate(
        {"name": "x", "number": "1", "title": "X", "sections": [{"key": "one", "title": "One", "questions": asked}]}
    )


def facts_of(questions) -> list[str]:
    return [question.fact for question in questions]


KEY = {"fact": "purpose", "pattern": "[A-Z]+-[0-9]+", "says": "Give a key such as AI-7."}
DOLLARS = {"amount": "99.6", "currency": "USD"}
SOME = {"fact": "special_categories", "needed_if": {"fact": "personal_data", "is": True}}
ASKS = questionnaire(
    {"fact": "personal_data", "needed": True},
    {"fact": "special_categories", "needed": True, "show_if": {"fact": "personal_data", "is": True}},
    {"fact": "profiles_people", "show_if": {"fact": "special_categories", "is": True}},
    {"fact": "biometric_use", "show_if": {"not": {"fact": "personal_data", "is": False}}},
    {"fact": "purpose"},
)
ONE = ASKS.sections[0]


def test_the_shipped_questionnaire_asks_for_every_fact():
    assert set(facts_of(SHIPPED.questions())) == CATALOGUE.keys()


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({}, ["personal_data", "purpose"]),  # not (unknown) is unknown: not shown yet
        ({"personal_data": False}, ["personal_data", "purpose"]),
        ({"personal_data": True}, ["personal_data", "special_categories", "biometric_use", "purpose"]),
    ],
)
def test_shown(facts, shown):
    assert facts_of(ONE.shown(facts)) == shown


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        ({}, ["personal_data"]),
        ({"personal_data": True}, ["special_categories"]),
        ({"personal_data": False}, []),
        ({"personal_data": True, "special_categories": False}, []),
    ],
)
def test_missing(facts, missing):
    assert facts_of(question for _, question in ASKS.missing(facts)) == missing


def test_rest_of_answers_no_to_what_is_left_open():
    assert ONE.rest_of({"personal_data": True}) == {"special_categories": False, "biometric_use": ["none"]}


def test_without_hidden_takes_back_answers_that_nobody_asks_for_any_more():
    before = {"personal_data": True, "special_categories": True, "profiles_people": True, "purpose": "x"}

    changes = ASKS.without_hidden(before, {"personal_data": False})

    assert changes == {"personal_data": False, "special_categories": None, "profiles_people": None}


def test_without_hidden_keeps_what_was_never_asked_for():
    before = {"special_categories": True}  # imported: nobody has answered whether there is personal data

    assert ASKS.without_hidden(before, {"purpose": "x"}) == {"purpose": "x"}


EARLIER = {"special_categories": True, "profiles_people": False, "biometric_use": ["none"], "purpose": "x"}


@pytest.mark.parametrize(
    ("before", "given", "changes"),
    [
        ({"personal_data": False}, {"personal_data": True}, {k: v for k, v in EARLIER.items() if k != "purpose"}),
        ({"personal_data": False}, {"personal_data": True, "special_categories": False}, {"biometric_use": ["none"]}),
        ({"personal_data": False, "biometric_use": ["emotion"]}, {"personal_data": True},
         {"special_categories": True, "profiles_people": False}),
        ({"personal_data": True}, {"purpose": "y"}, {}),
    ],
)  # fmt: skip
def test_without_hidden_gives_questions_that_are_asked_again_their_earlier_answers(before, given, changes):
    found = ASKS.without_hidden(before, given, EARLIER)

    assert found == {**given, **changes}


@pytest.mark.parametrize(
    ("before", "given", "names"),
    [
        ({"personal_data": False}, {"personal_data": True}, ["special_categories", "profiles_people", "biometric_use"]),
        ({"personal_data": True}, {"special_categories": False}, []),
        ({}, {"purpose": "x"}, []),
    ],
)
def test_returning(before, given, names):
    assert ASKS.returning(before, given) == names


def test_progress():
    assert ASKS.progress({"personal_data": True, "purpose": "x"}) == (2, 4)


NEEDS = questionnaire(
    {"fact": "personal_data"},
    {"fact": "special_categories", "needed_if": {"fact": "personal_data", "is": True}},
)


@pytest.mark.parametrize(
    ("facts", "missing"),
    [({}, []), ({"personal_data": False}, []), ({"personal_data": True}, ["special_categories"])],
)
def test_what_is_needed_of_some_only(facts, missing):
    assert facts_of(question for _, question in NEEDS.missing(facts)) == missing


@pytest.mark.parametrize(
    ("question", "value", "objection"),
    [
        ({"fact": "users_expected", "least": 5}, 4, "Users expected is 5 or more."),
        ({"fact": "users_expected", "most": 1000}, 1001, "Users expected is 1,000 or less."),
        ({"fact": "users_expected", "least": 5, "most": 1000}, 5, None),
        ({"fact": "spend_per_year", "most": 99.5}, DOLLARS, "Spend a year is 99.5 or less."),
        ({"fact": "spend_per_year", "most": 99}, 99, None),
        ({"fact": "operational_on", "least": "2020-01-01"}, "2019-12-31", "Operational since is 1 Jan 2020 or later."),
        ({"fact": "operational_on", "most": "2020-01-01"}, "2020-01-02", "Operational since is 1 Jan 2020 or earlier."),
        ({"fact": "purpose", "longest": 3}, "four", "Purpose has at most 3 letters; these are 4."),
        (KEY, "AI-7", None),
        (KEY, "AI", "Give a key such as AI-7."),
    ],
)  # fmt: skip
def test_what_is_taken(question, value, objection):
    [asked] = questionnaire(question).questions()

    assert asked.objection(asked.about, value) == objection


@pytest.mark.parametrize(
    ("questions", "problem"),
    [
        ([{"fact": "colour"}], "not the name of a fact"),
        ([{"fact": "purpose"}, {"fact": "purpose"}], "twice"),
        ([{"fact": "purpose", "show_if": {"fact": "personal_data", "is": True}}], "later or never"),
        ([{"fact": "purpose", "colour": "red"}], "Extra inputs"),
        ([{"fact": "purpose", "needed_if": {"fact": "personal_data", "is": True}}], "later or never"),
        ([{"fact": "personal_data"}, {**SOME, "needed": True}], "always, or only if"),
        ([{"fact": "purpose", "least": 1}], "purpose is a text, which has no least"),
        ([{"fact": "users_expected", "least": "2020-01-01"}], "no limit of users_expected"),
        ([{"fact": "operational_on", "least": 5}], "no limit of operational_on"),
        ([{"fact": "purpose", "pattern": "(", "says": "x"}], "the pattern is none"),
        ([{"fact": "purpose", "pattern": "x"}], "go together"),
        ([{"fact": "purpose", "pattern": "(a+)+b", "says": "x"}], "repeats what repeats"),
    ],
)
def test_a_bad_questionnaire_is_refused(questions, problem):
    with pytest.raises(ValidationError, match=problem):
        questionnaire(*questions)


IMPLIES = questionnaire(
    {"fact": "personal_data"},
    {"fact": "special_categories", "show_if": {"fact": "personal_data", "is": True}, "otherwise": False},
    {"fact": "profiles_people", "show_if": {"fact": "special_categories", "is": True}, "otherwise": False},
    {"fact": "data_description", "show_if": {"fact": "personal_data", "is": True}},
)


@pytest.mark.parametrize(
    ("before", "changes", "implied"),
    [
        ({}, {"purpose": "x"}, {}),  # nothing is certain yet
        ({}, {"personal_data": False}, {"special_categories": False, "profiles_people": False}),
        ({}, {"personal_data": True}, {}),
        ({"special_categories": True}, {"personal_data": False}, {}),  # stated by an import: it stays
        (
            {"personal_data": False, "special_categories": False, "profiles_people": False},
            {"personal_data": True},
            {"special_categories": None},  # asked again; what hangs on it stays open with it
        ),
        ({"personal_data": False, "special_categories": False}, {"personal_data": True, "special_categories": False},
         {"profiles_people": False}),
    ],
)  # fmt: skip
def test_implied(before, changes, implied):
    assert IMPLIES.implied(before, changes) == implied


def test_what_is_implied_is_a_value_of_its_fact():
    with pytest.raises(ValidationError, match="is yes or no"):
        questionnaire({"fact": "personal_data", "otherwise": "perhaps"})


def uses_of_the_demonstration() -> list[dict]:
    """The facts of the sixty uses of the demonstration company, as somebody would answer for them."""
    stated = dict.fromkeys(("purpose", "outputs", "expected_benefit", "vendor_product"), "x")
    return [
        stated
        | {"approach": "buy" if "product" in use else "build", "demographic_attributes": ["none"]}
        | story.facts_of_profile(use["profile"])
        | use.get("facts", {})
        for use in story.read("use_cases")["use_cases"]
    ]


@pytest.mark.parametrize(("tier", "most"), [(1, 12), (3, 35)])
def test_the_shipped_questionnaire_keeps_its_promise_of_length(tier, most):
    policy = shipped()
    uses = [facts for facts in uses_of_the_demonstration() if evaluate(policy, facts).tier == tier]

    assert len(uses) >= 10
    assert median(SHIPPED.effort(facts) for facts in uses) <= most


def test_effort_counts_what_one_button_answers_as_one():
    section = SHIPPED.section("sensitive")
    none = section.rest_of({})

    assert section.effort(none) == 1
    assert section.effort({**none, "safety_component": True}) == 2


def test_no_button_answers_what_it_does_not_name():
    answered = SHIPPED.section("technique").rest_of({"approach": "build"})

    assert answered == {
        "generates_content": False, "talks_to_people": False, "autonomy": "none", "widens_data_access": False
    }  # fmt: skip
