import csv
import gzip
import io
import json

import pytest
from django.core.management import CommandError, call_command

from caio_portal.accounts.roles import Role
from caio_portal.common import files
from portfolio import services
from portfolio.inventory import exporting, profiles
from portfolio.inventory.importing import Order, examine, import_delivery
from portfolio.inventory.layouts import Layout
from portfolio.inventory.profiles import folded
from portfolio.inventory.scope import use_cases_of
from portfolio.models import UseCase
from portfolio.stages import Stage
from tests.factories import make_person, make_unit, make_use_case

pytestmark = pytest.mark.django_db

HEAD = "agency,agency_name,id,use_case_name,development_stage,is_high_impact,problem_solved,demographic_features"
ONE = "X,Ministry of X,X-1,Chat,b) Pilot,Not high-impact,- fast,\"['c) Age', 'b) Sex']\""
TWO = "X,Ministry of X,,Search,,,,[]"


def deliver(*rows):
    content = "\n".join([HEAD, *rows]).encode()
    order = Order("omb-2025")
    return import_delivery(examine(io.BytesIO(content), order), order, files.store("f", content, "text/csv"), by=None)


def exported(file_format, **options):
    profile = profiles.load("omb-2025")
    out = io.BytesIO()
    exporting.write(out, profile, list(exporting.lines(profile, use_cases_of(profile))), file_format, **options)
    return out.getvalue()


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def cells(row):
    return {key: cell for key, cell in row.items() if cell}


def test_imported_rows_are_exported_as_they_came():
    deliver(ONE, TWO)

    rows = rows_of(exported("csv", raw=True))

    expected = csv.DictReader(io.StringIO("\n".join([HEAD, ONE, TWO])))
    assert [cells(row) for row in rows] == [cells(row) for row in expected]
    assert len(rows[0]) == 36


def test_exported_csv_runs_no_formula():
    deliver(ONE)

    row = rows_of(exported("csv", mark=True))[0]

    assert row["problem_solved"] == "'- fast"


@pytest.mark.parametrize("file_format", ["csv", "xlsx"])
def test_export_imported_again_changes_nothing(file_format):
    deliver(ONE, TWO)
    content = exported(file_format)

    order = Order("omb-2025")
    report = import_delivery(examine(io.BytesIO(content), order), order, files.store("f", content, "x"), by=None)

    assert (report.rows, report.unchanged) == (2, 2)


def test_what_people_changed_is_exported_as_it_is_now():
    office = make_person(Role.CAIO_OFFICE)
    deliver(ONE)
    use_case = UseCase.objects.get(title="Chat")
    UseCase.objects.filter(pk=use_case.pk).update(owner=office, title="Chatbot")
    services.write_facts(use_case.pk, {"high_impact": "yes", "demographic_attributes": None}, by=office)

    row = rows_of(exported("csv", raw=True))[0]

    assert (row["is_high_impact"], row["demographic_features"], row["use_case_name"]) == ("High-impact", "", "Chatbot")
    assert (row["development_stage"], row["problem_solved"]) == ("b) Pilot", "- fast")


def test_own_use_cases_are_written_from_their_facts():
    acme = make_unit("Acme")
    owner = make_person(name="Ann")
    facts = {
        "purpose": "Answers", "technique": ["generative", "speech"], "personal_data": False,
        "operational_on": "2026-01-31", "demographic_attributes": ["sex", "age"],
        "high_impact": "presumed_not", "approach": "buy",
    }  # fmt: skip
    use_case = make_use_case("Chat", unit=make_unit("Sales", acme), stage=Stage.IDEA, owner=owner, facts=facts)
    profile = profiles.load("omb-2025")

    (line,) = exporting.lines(profile, use_cases_of(profile, "Acme"))

    assert not line.imported
    assert line.cells == {
        "agency": "Acme", "agency_name": "Acme", "agency_bureau": "Sales", "id": use_case.ref, "use_case_name": "Chat",
        "contact_email": owner.email, "is_withheld": "No", "development_stage": "Pre-deployment",
        "is_high_impact": "Presumed High-Impact, but Not High-impact", "problem_solved": "Answers",
        "classification": "Generative AI", "has_pii": "No", "operational_date": "2026-01-31",
        "contracting_usage": "Vendor Purchased", "demographic_features": "b) Sex; c) Age",
    }  # fmt: skip


def test_plain_export_has_every_fact():
    acme = make_unit("Acme")
    facts = {"technique": ["generative", "speech"], "personal_data": False, "users_expected": 12}
    make_use_case("Chat", unit=acme, stage=Stage.PILOT, facts=facts)
    profile = profiles.load("plain")

    (line,) = exporting.lines(profile, use_cases_of(profile, "Acme"))

    assert line.cells.items() >= {
        "unit": "Acme", "stage": "Pilot", "technique": "generative; speech", "personal_data": "No",
        "users_expected": "12",
    }.items()  # fmt: skip


def test_export_as_json():
    deliver(ONE)

    (row,) = json.loads(exported("json"))

    assert (len(row), row["problem_solved"], row["agency_bureau"]) == (36, "- fast", "")


def test_export_leaves_out_what_was_withdrawn():
    deliver(ONE, TWO)
    UseCase.objects.filter(title="Chat").update(voided_at="2026-01-01T00:00:00Z")

    assert [row["use_case_name"] for row in rows_of(exported("csv"))] == ["Search"]


def run(command, *arguments):
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return json.loads(out.getvalue().splitlines()[-1])


def test_federal_inventory_goes_out_as_it_came_in(shared_data, tmp_path):
    source = shared_data / "omb_2025_use_cases.csv.gz"
    run("import_inventory", source)

    found = run("export_inventory", "--raw", "--output", tmp_path / "out.csv")
    again = run("import_inventory", tmp_path / "out.csv")
    run("export_inventory", "--format", "xlsx", "--output", tmp_path / "out.xlsx")
    from_workbook = run("import_inventory", tmp_path / "out.xlsx")

    with gzip.open(source, "rt", encoding="utf-8-sig", newline="") as file:
        assert list(csv.DictReader(file)) == rows_of((tmp_path / "out.csv").read_bytes())
    assert (found["rows"], found["imported"], found["generated"]) == (3611, 3611, 0)
    assert again["unchanged"] == from_workbook["unchanged"] == 3611


def test_readiness_of_the_federal_inventory(shared_data):
    run("import_inventory", shared_data / "omb_2025_use_cases.csv.gz")

    found = run("readiness", "--profile", "omb-2025")

    practices = {key: (figures["required"], figures["done"]) for key, figures in found["practices"].items()}
    assert found["use_cases"] == 3611
    assert found["by_column"].items() >= {"id": 704, "development_stage": 338, "is_high_impact": 426}.items()
    assert practices["hi_assessment_completed"] == (227, 36)
    assert practices["hi_testing_conducted"] == (227, 44)
    assert practices["hi_ongoing_monitoring"] == (227, 40)
    assert found["blank_cells"] == sum(found["by_column"].values())
    assert found["blank_cells"] == sum(sum(columns.values()) for columns in found["by_agency"].values())


@pytest.mark.parametrize("command", ["export_inventory", "readiness"])
def test_commands_refuse_an_unknown_unit(command):
    with pytest.raises(CommandError, match="There is no unit Nowhere"):
        run(command, "--unit", "Nowhere")


# --- the layouts of the data dictionary --------------------------------------------------------------------------


def test_individual_layout_has_the_headers_and_answers_of_the_template():
    deliver(ONE)

    (row,) = rows_of(exported("csv", layout=Layout.INDIVIDUAL, raw=True))

    assert len(row) == 34
    assert row["Use Case Name"] == "Chat"
    assert row["Is the AI use case high-impact?"] == "c) Not high-impact"
    assert [cell for cell in row.values() if cell.startswith("b) Pilot – The use case has been")]
    assert "c) Age; b) Sex" in row.values()


def test_consolidated_layout_has_short_names_and_answers():
    deliver(ONE, TWO)

    rows = rows_of(exported("csv", layout=Layout.CONSOLIDATED, raw=True))

    assert list(rows[0])[:3] == ["agency", "agency_name", "id"]
    assert (rows[0]["development_stage"], rows[0]["is_high_impact"]) == ("Pilot", "Not High-impact")
    assert rows[0]["demographic_features"] == "['c) Age', 'b) Sex']"
    assert rows[1]["demographic_features"] == "[]"


def test_answer_that_is_not_valid_stays_as_it_came():
    deliver(ONE.replace("Not high-impact", "Perhaps"))

    for layout in (Layout.INDIVIDUAL, Layout.CONSOLIDATED):
        assert "Perhaps" in rows_of(exported("csv", layout=layout))[0].values()


def test_inventory_of_one_agency_is_imported_as_it_was_exported():
    deliver(ONE)
    content = exported("xlsx", layout=Layout.INDIVIDUAL)
    order = Order("omb-2025", unit="Ministry of Y")

    report = import_delivery(examine(io.BytesIO(content), order), order, files.store("f", content, "x"), by=None)

    copy = UseCase.objects.get(unit__name="Ministry of Y")
    assert (report.created, report.warnings) == (1, 0)
    assert copy.facts == UseCase.objects.get(unit__name="Ministry of X").facts


def test_published_inventory_leaves_out_what_is_withheld_and_who_is_in_charge():
    head = f"{HEAD},is_withheld,contact_email"
    held = TWO.replace("[]", "[],Yes - Disclosure Risk,b@example.com")
    content = f"{head}\n{ONE},No,a@example.com\n{held}".encode()
    order = Order("omb-2025")
    import_delivery(examine(io.BytesIO(content), order), order, files.store("f", content, "text/csv"), by=None)
    profile = profiles.load("omb-2025")

    (line,) = exporting.published(profile, exporting.lines(profile, use_cases_of(profile)))

    assert line.cells["use_case_name"] == "Chat"
    assert "contact_email" not in line.cells


def test_federal_inventory_in_the_words_of_the_dictionary(shared_data, tmp_path):
    run("import_inventory", shared_data / "omb_2025_use_cases.csv.gz")
    dictionary = json.loads((shared_data / "omb_2025_data_dictionary.json").read_text())

    run("export_inventory", "--layout", "consolidated", "--raw", "--output", tmp_path / "all.csv")
    run("export_inventory", "--layout", "individual", "--raw", "--output", tmp_path / "one.csv")
    again = run("import_inventory", tmp_path / "all.csv")
    run("export_inventory", "--layout", "consolidated", "--raw", "--output", tmp_path / "again.csv")

    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "all.csv").read_bytes()
    consolidated, individual = (rows_of((tmp_path / name).read_bytes()) for name in ("all.csv", "one.csv"))
    assert list(consolidated[0])[2:] == list(dictionary)
    assert list(individual[0]) == [entry["excel_header"] for entry in dictionary.values()]
    assert again["unchanged"] == len(consolidated) == len(individual) == 3611
    for key in ("development_stage", "is_high_impact"):
        entry = dictionary[key]
        valid = {folded(answer) for answer in entry["valid_selections"]}
        assert {row[key] for row in consolidated} - {""} == set(entry["short_hand_recodings"].values())
        assert {folded(row[entry["excel_header"]]) for row in individual} - {""} <= valid
