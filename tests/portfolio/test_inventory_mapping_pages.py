"""The screen that maps an unknown file, from the upload to the import."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from caio_portal.accounts.models import OrgUnit
from caio_portal.accounts.roles import Role
from caio_portal.audit.models import AuditEvent
from caio_portal.common import jobs
from portfolio.inventory import profiles
from portfolio.models import ExternalRow, FactChange, ImportBatch, ImportProfile, UseCase
from tests.common.hostile_files import HOSTILE, workbook
from tests.factories import make_person, make_unit, signed_in
from tests.portfolio.test_inventory_guessing import ACME

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    return signed_in(make_person(Role.CAIO_OFFICE, unit=make_unit("Acme")))


def run(address):
    jobs.run_here(int(address.rstrip("/").rpartition("/")[2]))
    return address


def send(client, data=ACME, profile="look", **fields):
    file = SimpleUploadedFile("acme list.csv", data.encode() if isinstance(data, str) else data, "text/csv")
    response = client.post(
        reverse("portfolio:upload_inventory"), {"profile": profile, "unit": "Acme", "file": file, **fields}
    )
    assert response.status_code == 302, response.content.decode()
    return run(response.url)


def filled(client, address, **changes):
    """The form as the page offers it, with changes; a field that becomes None is not sent."""
    form = client.get(address).context["form"]
    values = {field.html_name: field.value() for field in form}
    sent = {name: value for name, value in values.items() if value not in (None, False, "")}
    blank = {field.html_name: "" for field in form if field.value() == "" and field.html_name.startswith("answer-")}
    wanted = {**blank, **sent, "unit": "Acme", **changes}
    return {name: "on" if value is True else value for name, value in wanted.items() if value is not None}


def answer_field(client, address, answer):
    rows = client.get(address).context["rows"]
    return next(one.field.html_name for row in rows for one in row.answers if one.answer == answer)


def test_unknown_file_is_mapped_examined_and_imported(office):
    address = send(office)
    page = office.get(address).content.decode()
    assert "The name says Stage." in page
    assert "Invoice matching" in page
    assert not UseCase.objects.exists()

    asked = answer_field(office, address, "Reviews each")
    response = office.post(address, filled(office, address, **{asked: "confirms"}))
    examined = office.get(run(response.url)).content.decode()
    assert "5 use cases would be created" in examined
    run(office.post(f"{response.url}continue/").url)

    use_case = UseCase.objects.get(title="Screening of applicants")
    assert (use_case.stage, str(use_case.unit)) == ("experiment", "HR")
    assert use_case.facts.items() >= {
        "technique": ["generative", "language"], "personal_data": True, "human_involvement": "confirms",
        "spend_per_year": {"amount": "45000.5", "currency": "USD"},
    }.items()  # fmt: skip
    assert ImportBatch.objects.get().profile == ImportProfile.objects.get().key == "acme-list"
    assert AuditEvent.objects.filter(action="inventory_profile.saved").count() == 1


def import_all(client, address, **changes):
    """From the mapping to the import in earnest; returns its report."""
    examined = run(client.post(address, filled(client, address, **changes)).url)
    return client.get(run(client.post(f"{examined}continue/").url)).context["report"]


def test_saved_profile_reads_the_next_file_and_recognises_its_rows(office):
    import_all(office, send(office))

    address = send(office, ACME.replace("Pilot;", "Live;"), profile="acme-list")
    report = office.get(address).context["report"]

    assert (report["rows"], report["created"], report["updated"], report["unchanged"]) == (5, 0, 1, 4)


def test_file_that_a_profile_was_made_for_is_recognised(office):
    import_all(office, send(office))
    address = send(office, ACME + "A-006;Search;IT;Live;Finds;NLP;no;;;;\n")

    page = office.get(address).content.decode()
    examined = office.get(run(office.post(address, {"use": "acme-list"}).url)).context["report"]

    assert "knows 11 of 11 columns" in page
    assert (examined["created"], examined["unchanged"]) == (1, 5)


def test_changed_profile_is_a_new_version_and_reads_known_rows_anew(office):
    import_all(office, send(office))
    address = f"{send(office)}?base=acme-list"

    report = import_all(office, address, **{"column-10": "expected_benefit"}, base="acme-list")

    use_case = UseCase.objects.get(title="Invoice matching")
    assert use_case.facts["expected_benefit"] == "ok"
    assert (report["updated"], report["unchanged"]) == (2, 3)
    assert list(ImportProfile.objects.order_by("version").values_list("key", "version")) == [
        ("acme-list", 1), ("acme-list", 2),
    ]  # fmt: skip
    assert UseCase.objects.count() == 5


def test_withdrawn_batch_of_a_changed_profile_returns_what_it_changed(office):
    import_all(office, send(office))
    before = UseCase.objects.get(title="Invoice matching").facts
    import_all(office, f"{send(office)}?base=acme-list", **{"column-10": "expected_benefit"}, base="acme-list")

    office.post(reverse("portfolio:withdraw_batch", args=[ImportBatch.objects.order_by("-pk")[0].pk]))

    assert UseCase.objects.get(title="Invoice matching").facts == before


def test_the_same_mapping_again_keeps_no_new_version(office):
    import_all(office, send(office))

    address = send(office)
    office.post(address, filled(office, address))

    assert ImportProfile.objects.count() == 1


def test_another_key_needs_another_name(office):
    import_all(office, send(office))
    address = send(office)

    response = office.post(address, filled(office, address, **{"key-0": None, "key-1": True}))

    assert response.status_code == 422
    assert "Rows of acme list are told apart by No." in response.content.decode()


def test_rows_are_told_apart_by_the_columns_chosen(office):
    address = send(office)
    import_all(office, address, **{"key-0": None, "key-1": True, "key-2": True})

    moved = ACME.replace("A-001", "B-077")
    report = office.get(send(office, moved, profile="acme-list")).context["report"]

    assert (report["created"], report["updated"]) == (0, 1)


def test_rows_that_share_a_key_are_told(office):
    address = send(office)

    examined = run(office.post(address, filled(office, address, **{"key-0": None, "key-1": True})).url)

    page = office.get(examined).content.decode()
    assert "2 rows have the same key as another row of the file." in page


def test_column_with_another_target_shows_its_answers_first(office):
    address = send(office)
    chosen = filled(office, address, **{"column-3": "", "column-10": "high_impact"})

    looked = office.post(address, chosen | {"look": "1"}, headers={"HX-Request": "true", "HX-Target": "mapping"})
    saved_too_early = office.post(address, chosen)

    assert looked.status_code == 200
    assert looked.content.decode().lstrip().startswith("<section")
    assert "council please" in looked.content.decode()
    assert saved_too_early.status_code == 422
    assert "There are answers to look at." in saved_too_early.content.decode()
    assert not ImportProfile.objects.exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"column-1": ""}, "Say which column is the title"),
        ({"column-10": "purpose"}, "Purpose is taken by What it does"),
        ({"title": ""}, "This field is required"),
        ({"title": "Plain"}, "belongs to a profile that is shipped"),
        ({"unit": "Nowhere else"}, None),
    ],
)
def test_mapping_that_makes_no_sense_is_refused(office, changes, words):
    address = send(office)

    response = office.post(address, filled(office, address, **changes))

    if words is None:
        assert response.status_code == 302
    else:
        assert response.status_code == 422
        assert words in response.content.decode()
        assert not ImportProfile.objects.exists()


def test_office_of_a_part_maps_for_its_units_only():
    acme = make_unit("Acme")
    client = signed_in(make_person(Role.CAIO_OFFICE, unit=make_unit("Sales", acme)))
    address = send(client)

    response = client.post(address, filled(client, address))

    assert response.status_code == 422
    assert "Only the CAIO office of Acme imports into it." in response.content.decode()
    assert not ImportProfile.objects.exists()


def test_file_that_does_not_fit_its_profile_can_be_mapped(office):
    address = send(office, profile="omb-2025")

    page = office.get(address).content.decode()
    mapping = office.get(run(office.post(f"{address}map/").url)).content.decode()

    assert "Map its columns" in page
    assert "What stands in it" in mapping


def test_file_of_a_shipped_profile_is_recognised(office):
    head = "agency,agency_name,id,use_case_name,development_stage,is_high_impact,have_ato"
    address = send(office, f"{head}\nX,Ministry,X-1,Chat,Pilot,High-impact,Yes\n")

    assert "OMB AI use case inventory 2025 knows 7 of 7 columns." in office.get(address).content.decode()


def test_wrong_encoding_is_offered(office):
    address = send(office, "Title;Unit\nÄrzte;B\nSuche;C\n".encode("latin-1"))

    page = office.get(address).content.decode()
    again = office.get(run(office.post(address, {"encoding": "windows-1252"}).url)).content.decode()

    assert "Yes, read it so" in page
    assert "Ärzte" in again


def test_hostile_file_is_refused_in_a_sentence(office):
    page = office.get(send(office, b"a,b\n1,\x00\n")).content.decode()

    assert "NUL character" in page
    assert "Choose another file" in page


@pytest.mark.parametrize("profile", ["look", "plain", "omb-2025"])
@pytest.mark.parametrize(
    "name",
    ["a cell in the last corner", "billion laughs", "NUL", "mixed encodings", "same header twice", "merged headers",
     "a million columns", "a gzip bomb", "macros"],
)  # fmt: skip
def test_hostile_file_leaves_the_register_as_it_was(office, name, profile):
    make, words = HOSTILE[name]

    page = office.get(send(office, make(), profile=profile)).content.decode()

    assert "The file is not read." in page
    assert words in page or "are missing" in page
    kept = (UseCase, ImportBatch, ExternalRow, ImportProfile, FactChange)
    assert [table.objects.count() for table in kept] == [0, 0, 0, 0, 0]
    assert [unit.name for unit in OrgUnit.objects.all()] == ["Acme"]
    assert not AuditEvent.objects.filter(action__startswith="inventory").exists()


def test_formulas_and_merged_cells_are_in_the_report(office):
    rows = (
        "<row r='2'><c r='A2' t='str'><f>A1</f><v>Chat</v></c><c r='B2' t='str'><v>Sales</v></c></row></sheetData>"
        "<mergeCells><mergeCell ref='B2:B5'/></mergeCells><sheetData>"
    )
    address = send(office, workbook(rows))

    examined = run(office.post(address, filled(office, address, **{"column-0": "title"})).url)

    page = office.get(examined).content.decode()
    assert "1 cell holds a formula: the values saved are read." in page
    assert "Cells are merged (B2:B5)" in page


def test_wide_file_fits_into_one_form(office, django_assert_max_num_queries):
    header = ",".join(f"Status {number}" for number in range(200))
    rows = "\n".join(",".join(["Live", "Pilot", "PoC", "Idea"][row % 4] for _ in range(200)) for row in range(9))
    address = send(office, f"{header}\n{rows}\n")

    with django_assert_max_num_queries(12):
        form = office.get(address).context["form"]

    assert len(form.fields) < 1000


def test_profile_pages(office):
    import_all(office, send(office))

    listed = office.get(reverse("portfolio:profile_list")).content.decode()
    page = office.get(reverse("portfolio:profile_detail", args=["acme-list"])).content.decode()
    document = office.get(reverse("portfolio:download_profile", args=["acme-list"]))

    assert "acme list" in listed
    assert "Plain list of use cases" in listed
    assert "Business area" in page
    assert "Version 1" in page
    assert json.loads(document.content)["identity"]["key"] == ["No."]
    assert office.get(reverse("portfolio:profile_detail", args=["nothing"])).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
def test_profile_list_query_count(office, django_assert_max_num_queries, number):
    document = {"unit": "X", "identity": {"title": "a"}, "columns": [{"key": "a"}]}
    for one in range(number):
        ImportProfile.objects.create(key=f"own-{one}", title=f"Own {one}", document=document)

    with django_assert_max_num_queries(9):
        office.get(reverse("portfolio:profile_list"))


def test_saved_profile_exports_in_its_own_columns(office):
    import_all(office, send(office))

    scope = {"profile": "acme-list", "format": "csv"}
    content = b"".join(office.get(reverse("portfolio:export_inventory"), scope)).decode("utf-8-sig")

    assert content.splitlines()[0].count("Business area") == 1
    assert content.splitlines()[1].startswith('"A-001","Invoice matching","Finance","Live"')
    assert profiles.load("acme-list").version == 1
