import json

import pytest
from pydantic import ValidationError

from caio_portal.common.errors import Invalid
from portfolio import facts
from portfolio.inventory import profiles
from portfolio.inventory.profiles import Profile, folded

SMALL = {
    "key": "small",
    "title": "Small",
    "unit": "Here",
    "identity": {"title": "name", "stage": "stage"},
    "columns": [
        {"key": "name"},
        {"key": "stage", "kind": "choice", "options": [{"value": "Live", "means": "production"}]},
        {"key": "pii", "kind": "choice", "fact": "personal_data", "options": [{"value": "Yes", "means": True}]},
    ],
}


def changed(**changes):
    document = json.loads(json.dumps(SMALL))
    for path, value in changes.items():
        target = document
        *steps, last = path.split("__")
        for step in steps:
            target = target[int(step[1:]) if step[1:].isdecimal() else step]
        target[int(last[1:]) if last[1:].isdecimal() else last] = value
    return document


@pytest.mark.parametrize("key", profiles.names())
def test_shipped_profiles_are_valid(key):
    assert profiles.load(key).key == key


@pytest.mark.django_db
def test_unknown_profile_is_invalid():
    with pytest.raises(Invalid, match="There is no profile omb-1999"):
        profiles.load("omb-1999")


@pytest.mark.parametrize(
    "document",
    [
        changed(columns__c2__fact="no_such_fact"),
        changed(columns__c2__options__c0__means="perhaps"),
        changed(columns__c1__options__c0__means="live"),
        changed(identity__title="title"),
        changed(columns__c0__required={"stage": ["Dead"]}),
        changed(columns__c0__required={"nothing": []}),
        changed(columns__c2__options__c0__sets={"no_such_fact": True}),
        changed(surprise=1),
    ],
)
def test_bad_profile_is_refused(document):
    with pytest.raises((ValidationError, facts.Unreadable)):
        Profile.model_validate(document)


def test_plain_profile_has_a_column_for_every_fact():
    assert {column.fact for column in profiles.load("plain").columns} >= set(facts.CATALOGUE)


def test_omb_profile_describes_the_36_columns(shared_data):
    dictionary = json.loads((shared_data / "omb_2025_data_dictionary.json").read_text())

    columns = profiles.load("omb-2025").by_key

    assert len(columns) == 36
    assert {key: columns[key].header for key in dictionary} == {
        key: entry["excel_header"] for key, entry in dictionary.items()
    }


def test_omb_profile_knows_every_valid_selection(shared_data):
    dictionary = json.loads((shared_data / "omb_2025_data_dictionary.json").read_text())
    columns = profiles.load("omb-2025").by_key

    missing = [
        (key, answer)
        for key, entry in dictionary.items()
        for answer in entry.get("valid_selections", [])
        if folded(answer) not in columns[key].by_answer
    ]

    assert missing == []


@pytest.mark.parametrize("text", ["b)  Pilot – x", "B) b) pilot - X", " pilot \u2014\xa0x "])
def test_folded(text):
    assert folded(text) == "pilot - x"
