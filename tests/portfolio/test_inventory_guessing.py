import io

import pytest

from portfolio.inventory import answers, columns, guessing, profiles
from portfolio.inventory.drafting import Draft, document_of
from portfolio.inventory.mapping import Mapper
from portfolio.inventory.profiles import Profile

ACME = """No.;Project;Business area;Status;What it does;AI type;PII?;Human in the loop;Go-live;Annual cost (EUR);Comment
A-001;Invoice matching;Finance;Live;Matches invoices;Machine learning;no;Yes;14.03.2024;120.000;ok
A-002;Screening of applicants;HR;UAT;Ranks applicants;NLP, GenAI;yes;Reviews each;;45.000,50;council please
A-003;Customer chatbot;Service;Pilot;Answers questions;GenAI;Y;;01.02.2025;;
A-004;Demand forecast;Supply chain;PoC;Forecasts demand;Machine learning;n;;;9000;
A-005;Demand forecast;Finance;PoC;Forecasts demand;Machine learning;n/a;;;9000;
"""


def look(text=ACME):
    return columns.look(io.BytesIO(text.encode()))


def targets(text):
    found = look(text)
    guessed = guessing.guess_columns(found)
    return {column.name: guess.target for column, guess in zip(found.columns, guessed, strict=True) if guess.target}


def test_look_says_what_columns_hold():
    found = look()

    area = found.columns[2]
    assert (found.rows, len(found.columns)) == (5, 11)
    assert (area.filled, area.distinct, area.samples[0]) == (5, 4, "Finance")
    assert dict(area.answers) == {"Finance": 2, "HR": 1, "Service": 1, "Supply chain": 1}


def test_free_text_is_no_answer():
    rows = "".join(f"Use {number},A long text number {number}\n" for number in range(300))

    assert look(f"title,notes\n{rows}").columns[1].answers == ()


def test_columns_are_guessed_from_names_and_contents():
    assert targets(ACME) == {
        "No.": "id", "Project": "title", "Business area": "unit", "Status": "stage", "What it does": "purpose",
        "AI type": "technique", "PII?": "personal_data", "Human in the loop": "human_involvement",
        "Go-live": "operational_on", "Annual cost (EUR)": "spend_per_year",
    }  # fmt: skip


def test_columns_without_telling_names_are_guessed_from_contents():
    rows = [
        "X-1,Sorting of letters,Live,GenAI",
        "X-2,Reading of meters,Pilot,Speech",
        "X-3,Finding of leaks,PoC,Vision",
    ]

    assert targets("\n".join(["a,b,c,d", *rows, ""])) == {"a": "id", "b": "title", "c": "stage", "d": "technique"}


def test_columns_of_the_shipped_profile_are_found_by_their_headers():
    profile = profiles.load("omb-2025")
    header = ",".join(f'"{column.header}"' for column in profile.columns)

    found = targets(f"{header}\n{',' * (len(profile.columns) - 1)}x\n")

    expected = {column.fact for column in profile.columns if column.fact} | {"title", "id", "stage"}
    assert expected - set(found.values()) == set()


def test_each_target_is_given_once_to_the_column_that_fits_best():
    found = targets("title,name,stage,status\nChat,x,A,Live\nSearch,x,B,Pilot\n")

    assert found == {"title": "title", "status": "stage"}


@pytest.mark.parametrize(
    ("target", "answer", "meant"),
    [
        ("stage", "In Production", "production"),
        ("stage", "b)  Pilot", "pilot"),
        ("stage", "Whatever", ""),
        ("technique", "GenAI", "generative"),
        ("personal_data", "Y", "yes"),
        ("personal_data", "n/a", ""),
        ("high_impact", "Presumed High-Impact, but Not High-impact", "presumed_not"),
    ],
)
def test_answers_are_guessed(target, answer, meant):
    assert answers.guess(target, answer) == meant


def test_dates_and_numbers_are_read_as_the_file_writes_them():
    found = look()

    assert guessing.date_order_of(found.columns[8:9]) == "dmy"
    assert guessing.decimal_of(found.columns[9:10]) == ","
    assert guessing.date_order_of(look("a,b\n1,12/31/2026\n").columns[1:]) == "mdy"
    assert guessing.decimal_of(look("a,b\n1,12.5\n").columns[1:]) == "."


def test_answers_of_one_cell_are_taken_apart_by_the_sign_that_tells_most():
    column = look().columns[5]

    assert answers.separator_of([(column, "technique")]) == ","
    assert dict(answers.pieces(column, "technique", ",")) == {"Machine learning": 3, "GenAI": 2, "NLP": 1}


def test_draft_becomes_a_profile_that_reads_the_file():
    names = {column.name: "" for column in look().columns}
    chosen = targets(ACME)
    draft = Draft(
        "Acme list", "Acme", {**names, **chosen}, key=["No."], separator=",", decimal=",",
        meanings={
            "Status": {"Live": "production"}, "AI type": {"Machine learning": "classical_ml"},
            "PII?": {"n/a": ""},
            "Human in the loop": {"Reviews each": "confirms", "Yes": "confirms"},
        },
    )  # fmt: skip
    profile = Profile.model_validate({**document_of(draft), "key": "acme", "title": draft.title})

    mapper = Mapper(profile, list(names))
    rows = [mapper.row(at, line.split(";")) for at, line in enumerate(ACME.splitlines()[1:], 2)]

    assert [(row.key, row.title, row.unit, row.stage) for row in rows[:2]] == [
        ("/A-001", "Invoice matching", "Finance", "production"),
        ("/A-002", "Screening of applicants", "HR", "experiment"),
    ]
    assert rows[1].facts["technique"] == ["generative", "language"]
    assert [row.facts["spend_per_year"]["amount"] for row in rows[:2]] == ["120000", "45000.5"]
    assert rows[0].facts["operational_on"] == "2024-03-14"
    assert rows[2].facts["personal_data"] is True
    assert "personal_data" not in rows[4].facts
    assert [problem.message for row in rows for problem in row.problems] == []
    assert rows[1].cells["Comment"] == "council please"


def test_key_of_several_columns_does_not_pass_for_another():
    document = document_of(Draft("x", "X", {"a": "title", "b": "unit"}, key=["a", "b"]))
    mapper = Mapper(Profile.model_validate({**document, "key": "x", "title": "x"}), ["a", "b"])

    keys = [mapper.row(2, cells).key for cells in (["1", "23"], ["12", "3"], ["1", "23"])]

    assert keys[0] == keys[2] != keys[1]
