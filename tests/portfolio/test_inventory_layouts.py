"""The federal inventory in the words of its data dictionary, cell by cell; nothing is asked of the database."""

import ast
import csv
import gzip
import json

import pytest

from portfolio.inventory import profiles
from portfolio.inventory.layouts import Layout, Wording, columns_of, head_of

# Answers under another question, and sentences instead of letters: they are kept, and readiness tells of them.
NOT_ANSWERS = {
    "hi_testing_conducted": 1, "hi_assessment_completed": 1, "hi_independent_review": 2, "hi_ongoing_monitoring": 1,
    "hi_training_established": 3, "demographic_features": 67, "hi_public_consultation": 40,
}  # fmt: skip
BEYOND = {"classification": {"Other"}}  # published, though the dictionary does not permit it


@pytest.fixture(scope="module")
def omb():
    return profiles.load("omb-2025")


@pytest.fixture
def dictionary(shared_data):
    return json.loads((shared_data / "omb_2025_data_dictionary.json").read_text())


@pytest.fixture
def rows(shared_data):
    with gzip.open(shared_data / "omb_2025_use_cases.csv.gz", "rt", encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def answers(row, column):
    """The answers of a cell, of which some columns hold several."""
    cell = row[column.key]
    if column.kind == "choices" and cell:
        return ast.literal_eval(cell)
    return [cell] if cell else []


def test_columns_have_the_names_and_the_order_of_the_dictionary(omb, dictionary, rows):
    consolidated, individual = columns_of(omb, Layout.CONSOLIDATED), columns_of(omb, Layout.INDIVIDUAL)

    assert [head_of(column, Layout.CONSOLIDATED, "csv") for column in consolidated] == list(rows[0])
    assert [column.key for column in consolidated[2:]] == [column.key for column in individual] == list(dictionary)
    assert [head_of(column, Layout.INDIVIDUAL, "csv") for column in individual] == [
        entry["excel_header"] for entry in dictionary.values()
    ]


def test_answers_are_spelled_as_the_dictionary_spells_them(omb, dictionary):
    for key, entry in dictionary.items():
        options = omb.column(key).options
        official, short = entry.get("valid_selections", []), entry.get("short_hand_recodings")
        beyond = BEYOND.get(key, set())

        assert {option.official or option.value for option in options} - beyond == set(official), key
        assert {option.value for option in options} - beyond == set(short.values() if short else official), key


def test_every_cell_of_the_consolidated_layout_is_permitted(omb, dictionary, rows):
    wording = Wording(omb, Layout.CONSOLIDATED)
    written = [wording.cells(row) for row in rows]

    for key, entry in dictionary.items():
        column = omb.column(key)
        if not column.options:
            assert [row[key] for row in written] == [row[key] for row in rows], key
            continue
        short = entry.get("short_hand_recodings")
        permitted = set(short.values() if short else entry["valid_selections"]) | BEYOND.get(key, set())
        other = [answer for row in written for answer in answers(row, column) if answer not in permitted]
        assert len(other) == NOT_ANSWERS.get(key, 0), (key, other)


def test_every_layout_leads_to_the_same_cells(omb, rows):
    consolidated, individual = Wording(omb, Layout.CONSOLIDATED), Wording(omb, Layout.INDIVIDUAL)

    for row in rows:
        written = consolidated.cells(row)
        assert consolidated.cells(written) == written
        assert consolidated.cells(individual.cells(row)) == written
