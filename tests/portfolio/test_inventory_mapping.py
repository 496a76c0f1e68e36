from collections import Counter

import pytest

from caio_portal.common.uploads.guard import opened
from caio_portal.common.uploads.limits import Refused
from portfolio.inventory import profiles
from portfolio.inventory.mapping import Mapper, Problem

HEADER = [
    "Agency Abbreviation", "agency_name", "ID", "Use Case Name", "Bureau/Component", "Stage of Development",
    "is_high_impact", "classification", "operational_date", "have_ato", "demographic_features",
    "hi_training_established", "hi_ongoing_monitoring", "Shoe size",
]  # fmt: skip


def omb(*, header=HEADER, **cells):
    profile = profiles.load("omb-2025")
    mapper = Mapper(profile, header)
    values = {"agency": "XY", "agency_name": "Ministry of X", "use_case_name": "Chat"} | cells
    return mapper.row(2, [values.get(key, "") for key in mapper.keys])


def told(row):
    return [(problem.column, problem.message, problem.error) for problem in row.problems]


def test_row_is_read():
    row = omb(
        id="XY-1", development_stage="b)  Pilot – The use case has been deployed in a limited test or pilot capacity.",
        is_high_impact="Presumed High-Impact, but Not High-impact", classification="Gen AI", operational_date="Apr-25",
        have_ato="No", demographic_features="['b) Sex', 'c) Age']", **{"Shoe size": "42"},
    )  # fmt: skip

    assert (row.key, row.title, row.unit, row.agency, row.stage) == ("XY/XY-1", "Chat", "Ministry of X", "XY", "pilot")
    assert row.facts == {
        "high_impact": "presumed_not",
        "technique": ["generative"],
        "generates_content": True,
        "operational_on": "2025-04-01",
        "has_authority_to_operate": False,
        "demographic_attributes": ["sex", "age"],
    }
    assert row.cells["Shoe size"] == "42"
    assert row.cells["classification"] == "Gen AI"
    assert told(row) == []


def test_blank_is_absent_never_no():
    row = omb(development_stage="", is_high_impact="", have_ato="N/A", demographic_features="[]")

    assert row.stage is None
    assert row.facts == {}
    assert row.cells["have_ato"] == "N/A"


def test_what_cannot_be_read_is_kept_and_reported():
    row = omb(operational_date="soon", have_ato="Maybe", demographic_features="['c) Age', 'Star sign']")

    assert row.facts == {"demographic_attributes": ["age"]}
    assert [problem.column for problem in row.problems] == ["operational_date", "have_ato", "demographic_features"]
    assert row.cells["operational_date"] == "soon"
    assert not row.rejected


def test_answer_in_the_wrong_column_is_told():
    row = omb(hi_training_established="a) Yes, sufficient monitoring protocols have been established")

    assert row.problems == [
        Problem(
            2,
            "hi_training_established",
            "This is an answer to hi_ongoing_monitoring, not to hi_training_established.",
            "a) Yes, sufficient monitoring protocols have been established",
        )
    ]


def test_none_beside_others_is_reported():
    row = omb(demographic_features="['k) None of the above', 'c) Age']")

    assert row.facts == {}
    assert told(row) == [("demographic_features", "Demographic attributes is none, or others, not both.", False)]


def test_row_without_an_agency_is_rejected():
    row = omb(agency="")

    assert row.rejected
    assert told(row) == [("agency", "The row names no agency.", True)]


def test_row_without_a_title_is_kept():
    row = omb(use_case_name="", id="XY-7")

    assert row.title == "Untitled use case XY-7"
    assert told(row) == [("use_case_name", "The row has no title.", False)]


def test_long_title_is_cut_and_its_cell_kept():
    row = omb(use_case_name="x" * 400)

    assert len(row.title) == 300
    assert len(row.cells["use_case_name"]) == 400
    assert len(row.problems) == 1


def test_key_without_an_id_is_the_hash_of_agency_bureau_and_name():
    first, same = omb(agency_bureau="B"), omb(agency_bureau="B", classification="NLP")
    other = omb(agency_bureau="C")

    assert first.key.startswith("XY/#")
    assert first.key == same.key
    assert first.key != other.key


def test_missing_columns_are_refused_by_name():
    with pytest.raises(Refused, match="“Use Case Name” \\(use_case_name\\)"):
        omb(header=["agency", "development_stage"])


def test_unknown_columns_are_named():
    assert Mapper(profiles.load("omb-2025"), HEADER).unknown == ["Shoe size"]


def plain(header, *values):
    return Mapper(profiles.load("plain"), header).row(3, values)


def test_plain_row_is_read():
    row = plain(
        ["Name", "Department", "Stage", "Purpose", "Technique", "personal_data", "Users expected", "Operational since"],
        "Chat", "Sales", "live", "Answers\r\nquestions", "Generative AI; speech", "yes", "1,200", "31/12/2025",
    )  # fmt: skip

    assert (row.title, row.unit, row.stage) == ("Chat", "Sales", "production")
    assert row.facts == {
        "purpose": "Answers\nquestions",
        "technique": ["generative", "speech"],
        "personal_data": True,
        "users_expected": 1200,
        "operational_on": "2025-12-31",
    }


def test_plain_row_without_a_title_is_rejected():
    row = plain(["Title", "Stage", "Personal data"], "", "pilot", "perhaps")

    assert row.rejected
    assert told(row) == [
        ("personal_data", "Personal data is yes or no, not “perhaps”.", False),
        ("title", "The row has no title.", True),
    ]


def mapped(path):
    with path.open("rb") as file, opened(file) as table:
        mapper = Mapper(profiles.load("omb-2025"), table.header)
        return [mapper.row(line, values) for line, values in table]


def test_federal_inventory_has_its_figures_in_both_formats(shared_data):
    rows = mapped(shared_data / "omb_2025_use_cases.csv.gz")
    other = mapped(shared_data / "omb_2025_use_cases.xlsx")

    assert len(rows) == len(other) == 3611
    assert Counter(row.facts.get("high_impact") for row in rows) == {
        "yes": 445, "presumed_not": 110, "no": 2630, None: 426,
    }  # fmt: skip
    assert Counter(row.stage for row in rows) == {
        "experiment": 1479, "production": 1040, "pilot": 440, "retired": 314, None: 338,
    }  # fmt: skip
    assert len({row.agency for row in rows}) == 41
    assert sum("/#" in row.key for row in rows) == 704
    assert sum(count - 1 for count in Counter(row.key for row in rows).values()) == 8
    assert not any(row.rejected for row in rows)
    assert sum(len(row.problems) for row in rows) == sum(len(row.problems) for row in other) == 116
    # The two files are sorted and spelt differently, and say the same.
    assert sorted((row.key, sorted(row.said.items())) for row in rows) == sorted(
        (row.key, sorted(row.said.items())) for row in other
    )
    assert sorted((row.key, str(row.facts)) for row in rows) == sorted((row.key, str(row.facts)) for row in other)
