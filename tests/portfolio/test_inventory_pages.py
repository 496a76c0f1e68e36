import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from caio_portal.accounts.models import OrgUnit
from caio_portal.accounts.roles import Role
from caio_portal.common import files, jobs
from caio_portal.common.models import Job, JobState
from portfolio.home import offered_exports
from portfolio.inventory.importing import Order, examine, import_delivery
from portfolio.models import ImportBatch, UseCase
from tests.factories import make_person, make_unit, signed_in

pytestmark = pytest.mark.django_db

HEAD = "agency,agency_name,id,use_case_name,development_stage,is_high_impact,have_ato"
ONE = "X,Ministry of X,X-1,Chat,Pilot,High-impact,Perhaps"
LOST = ",Nowhere,1,Lost,,,"


@pytest.fixture
def acme():
    return make_unit("Acme")


@pytest.fixture
def office(acme):
    return signed_in(make_person(Role.CAIO_OFFICE, unit=acme))


def content(*rows):
    return "\n".join([HEAD, *rows]).encode()


def upload(client, data, **fields):
    """Send a file and let the job run; returns the address of the import."""
    fields = {"profile": "omb-2025", "unit": "Acme"} | fields
    response = client.post(
        reverse("portfolio:upload_inventory"), fields | {"file": SimpleUploadedFile("list.csv", data, "text/csv")}
    )
    assert response.status_code == 302, response.content.decode()
    return run(response.url)


def run(address):
    jobs.run_here(int(address.rstrip("/").rpartition("/")[2]))
    return address


def deliver(*rows, unit="Acme"):
    order = Order("omb-2025", unit=unit)
    data = content(*rows)
    stored = files.store("list.csv", data, "text/csv")
    return import_delivery(examine(io.BytesIO(data), order), order, stored, by=None)


# --- upload ------------------------------------------------------------------------------------------------------


def test_upload_page(office):
    page = office.get(reverse("portfolio:upload_inventory")).content.decode()

    assert "Examine the file" in page
    assert "OMB AI use case inventory 2025" in page


def test_upload_is_examined_reported_and_then_imported(office):
    address = upload(office, content(ONE))

    page = office.get(address).content.decode()
    assert "1 use case would be created" in page
    assert "This answer is not among the valid ones" in page
    assert not UseCase.objects.exists()

    started = run(office.post(f"{address}continue/").url)
    page = office.get(started).content.decode()
    assert UseCase.objects.get().title == "Chat"
    assert f"Batch {ImportBatch.objects.get().pk}" in page
    assert Job.objects.filter(state=JobState.DONE).count() == 2


def test_import_asked_for_twice_is_one_import(office):
    address = upload(office, content(ONE))

    first, second = (office.post(f"{address}continue/").url for _ in range(2))

    assert first == second


def test_import_that_waits_shows_its_progress(office, acme):
    response = office.post(
        reverse("portfolio:upload_inventory"),
        {"profile": "omb-2025", "unit": "Acme", "file": SimpleUploadedFile("list.csv", content(ONE), "text/csv")},
    )

    page = office.get(response.url, headers={"HX-Request": "true", "HX-Target": "import-state"}).content.decode()

    assert page.lstrip().startswith("<section")
    assert "Waiting for a worker." in page
    assert "hx-trigger" in page


def test_rows_with_errors_can_be_left_out(office):
    address = upload(office, content(ONE, LOST))
    page = office.get(address).content.decode()

    office.get(run(office.post(f"{address}continue/", {"skip_invalid": "1"}).url))

    assert "1 row has an error" in page
    assert "The row names no agency." in page
    assert [use_case.title for use_case in UseCase.objects.all()] == ["Chat"]


def test_rows_with_errors_stop_an_import_of_all(office):
    address = upload(office, content(ONE, LOST))

    page = office.get(run(office.post(f"{address}continue/").url)).content.decode()

    assert "1 row has an error" in page
    assert not UseCase.objects.exists()


def test_wrong_encoding_is_offered_with_a_preview(office):
    address = upload(office, content(ONE.replace("Chat", "Ärzte")).decode().encode("latin-1"))
    page = office.get(address).content.decode()

    again = run(office.post(f"{address}continue/", {"encoding": "windows-1252", "dry_run": "1"}).url)

    assert "Line 2 is not UTF-8" in page
    assert "Ärzte" in page
    assert "1 use case would be created" in office.get(again).content.decode()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "not UTF-8"),
        (b"a,b\n1,2\n", "columns are missing"),
        (content(ONE + ",more"), "Line 2 has 8 cells"),
        (content(), "has no rows"),
    ],
)
def test_bad_file_is_refused_in_a_sentence(office, data, words):
    page = office.get(upload(office, data)).content.decode()

    assert words in page
    assert "Choose another file" in page


def test_upload_without_a_file_keeps_what_was_typed(office):
    response = office.post(reverse("portfolio:upload_inventory"), {"profile": "plain", "unit": "Somewhere"})

    assert response.status_code == 422
    assert "Somewhere" in response.content.decode()


def test_office_of_a_part_imports_into_its_units_only(acme):
    sales = make_unit("Sales", acme)
    client = signed_in(make_person(Role.CAIO_OFFICE, unit=sales))
    file = SimpleUploadedFile("list.csv", content(ONE), "text/csv")

    response = client.post(reverse("portfolio:upload_inventory"), {"profile": "omb-2025", "unit": "Acme", "file": file})

    assert response.status_code == 422
    assert "Only the CAIO office of Acme imports into it." in response.content.decode()
    assert "1 use case would be created" in client.get(upload(client, content(ONE), unit="Sales")).content.decode()


def test_report_of_an_import_is_a_file(office):
    address = upload(office, content(ONE))

    rows = list(csv.reader(io.StringIO(b"".join(office.get(f"{address}report/")).decode("utf-8-sig"))))

    assert rows[0] == ["Line", "Column", "Kind", "Message", "Value"]
    assert rows[1][:3] == ["2", "have_ato", "warning"]


def test_cancelled_import_says_so(office):
    response = office.post(
        reverse("portfolio:upload_inventory"),
        {"profile": "omb-2025", "unit": "Acme", "file": SimpleUploadedFile("list.csv", content(ONE), "text/csv")},
    )
    jobs.cancel(Job.objects.get().pk)

    page = office.get(response.url).content.decode()

    assert "Nothing was imported" in page


# --- batches -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
def test_batch_list_query_count(office, acme, django_assert_max_num_queries, rows):
    for number in range(rows):
        deliver(ONE.replace("X-1", f"X-{number}"))

    with django_assert_max_num_queries(9):
        response = office.get(reverse("portfolio:batch_list"))

    assert response.content.decode().count('<th scope="row"') == rows


def test_report_shows_what_changes_row_by_row_and_column_by_column(office, acme):
    deliver(ONE)
    address = upload(office, content(ONE.replace("Chat,Pilot", "Chat,Deployed").replace("Perhaps", "")))

    response = office.get(address)
    rows = list(csv.reader(io.StringIO(b"".join(office.get(f"{address}report/")).decode("utf-8-sig"))))

    report = response.context["report"]
    assert report["changes"] == [
        {"line": 2, "title": "Chat", "cells": [["development_stage", "Pilot", "Deployed"], ["have_ato", "Perhaps", ""]]}
    ]
    assert report["columns"][4:7] == [["development_stage", 1, 0], ["is_high_impact", 1, 0], ["have_ato", 0, 0]]
    assert "<del>Pilot</del> <ins>Deployed</ins>" in response.content.decode()
    assert ["2", "development_stage", "change", "It was: Pilot", "Deployed"] in rows


def test_batch_list_shows_what_is_under_way(office):
    office.post(
        reverse("portfolio:upload_inventory"),
        {"profile": "omb-2025", "unit": "Acme", "file": SimpleUploadedFile("list.csv", content(ONE), "text/csv")},
    )

    assert "Examining" in office.get(reverse("portfolio:batch_list")).content.decode()


def test_batch_list_is_exported(office, acme):
    deliver(ONE)

    response = office.get(reverse("portfolio:batch_list"), {"format": "csv"})

    (row,) = csv.DictReader(io.StringIO(b"".join(response).decode("utf-8-sig")))
    assert (row["Rows"], row["Created"], row["Warnings"], row["State"]) == ("1", "1", "1", "Done")


def test_batch_page(office, acme):
    report = deliver(ONE)

    page = office.get(reverse("portfolio:batch_detail", args=[report.batch])).content.decode()

    assert "This answer is not among the valid ones" in page
    assert ImportBatch.objects.get().sha256 in page


def test_batch_file_is_downloaded_as_it_came(office, acme):
    report = deliver(ONE)

    response = office.get(reverse("portfolio:download_batch_file", args=[report.batch]))

    assert b"".join(response) == content(ONE)
    assert response["X-Content-Type-Options"] == "nosniff"


def test_batch_report_is_a_file(office, acme):
    report = deliver(ONE)

    response = office.get(reverse("portfolio:download_batch_report", args=[report.batch]))

    assert b"have_ato" in b"".join(response)


def test_batch_is_withdrawn(office, acme):
    report = deliver(ONE)
    address = reverse("portfolio:withdraw_batch", args=[report.batch])
    asked = office.get(address).content.decode()

    response = office.post(address, follow=True)

    assert "1 use case that it created will be voided" in asked
    assert "This batch was taken back" in response.content.decode()
    assert not UseCase.objects.active().exists()


def test_batch_of_another_unit_cannot_be_withdrawn(acme):
    report = deliver(ONE)
    client = signed_in(make_person(Role.CAIO_OFFICE, unit=make_unit("Sales", acme)))

    assert client.post(reverse("portfolio:withdraw_batch", args=[report.batch])).status_code == 404


def test_withdrawn_batch_cannot_be_withdrawn_again(office, acme):
    report = deliver(ONE)
    address = reverse("portfolio:withdraw_batch", args=[report.batch])
    office.post(address)

    response = office.post(address)

    assert response.status_code == 403
    assert "This batch was withdrawn already." in response.content.decode()


# --- readiness and export ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 3])
def test_readiness_query_count(office, acme, django_assert_max_num_queries, rows):
    deliver(*(ONE.replace("X-1", f"X-{number}") for number in range(rows)))

    with django_assert_max_num_queries(9):
        response = office.get(reverse("portfolio:inventory_readiness"), {"unit": acme.pk})

    readiness = response.context["readiness"]
    assert (readiness.use_cases, readiness.complete) == (rows, 0)
    assert readiness.blank["contact_email"] == rows


def test_readiness_counts_practices(office, acme):
    deliver("X,Ministry of X,X-1,Chat,Deployed,High-impact,Yes")

    page = office.get(reverse("portfolio:inventory_readiness"), {"unit": acme.pk}).content.decode()

    assert "Minimum practices in place" in page
    assert "0 of 1" in page


def test_readiness_of_nothing(office):
    page = office.get(reverse("portfolio:inventory_readiness"), {"profile": "none", "unit": "x"}).content.decode()

    assert "Nothing to publish here" in page


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_export_is_a_download(office, acme, file_format):
    deliver(ONE)

    response = office.get(reverse("portfolio:export_inventory"), {"unit": acme.pk, "format": file_format})

    assert response["Content-Disposition"].endswith(f'.{file_format}"')
    assert len(b"".join(response)) > 100


def test_export_in_the_layout_asked_for(office, acme):
    deliver(ONE, ONE.replace("X-1,Chat", "X-2,Secret"))

    scope = {"unit": acme.pk, "format": "csv", "layout": "individual", "public": "1"}
    content = b"".join(office.get(reverse("portfolio:export_inventory"), scope)).decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert [row["Use Case Name"] for row in rows] == ["Chat", "Secret"]
    assert "Agency Abbreviation" not in rows[0]


def test_blank_cells_are_a_file(office, acme):
    deliver(ONE)

    content = b"".join(office.get(reverse("portfolio:download_blanks"), {"unit": acme.pk})).decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(content, newline="")))
    assert {"contact_email", "have_ato"} & {row["Column"] for row in rows} == {"contact_email"}
    assert {(row["Agency"], row["Id"], row["Use case"]) for row in rows} == {("X", "X-1", "Chat")}


def test_export_shows_a_person_what_they_may_see(acme):
    deliver(ONE)
    auditor = signed_in(make_person(Role.AUDITOR, unit=make_unit("Sales", acme)))

    response = auditor.get(reverse("portfolio:export_inventory"), {"unit": acme.pk, "format": "csv"})

    assert len(b"".join(response).splitlines()) == 1


def test_import_makes_a_tree_that_the_office_oversees(office):
    upload(office, content(ONE), unit="")

    office.post(Job.objects.get().result["url"] + "continue/")
    run(f"/inventory/import/{Job.objects.latest('pk').pk}/")

    unit = OrgUnit.objects.get(name="US federal inventory")
    assert unit.parent is None
    assert office.get(reverse("portfolio:batch_list")).content.decode().count("US federal inventory") >= 1


def test_dossier_shows_every_cell_as_it_came(office, acme):
    order = Order("omb-2025", unit="Acme")
    data = f"{HEAD},Shoe size\n{ONE},42".encode()
    import_delivery(examine(io.BytesIO(data), order), order, files.store("list.csv", data, "text/csv"), by=None)
    use_case = UseCase.objects.get()

    page = office.get(reverse("portfolio:use_case_tab", args=[use_case.ref, "imported"])).content.decode()

    assert "Does this AI use case have an associated Authorization to Operate (ATO)?" in page
    assert "Perhaps" in page
    assert "Shoe size" in page


def test_inventory_to_publish_is_among_the_exports(acme):
    auditor, requester = make_person(Role.AUDITOR, unit=acme), make_person(Role.REQUESTER, unit=acme)

    everybodys = [
        "Use cases", "AI systems", "Models", "Data sets", "Agents",
        "Models and data sets as a bill of materials (CycloneDX)", "Common uses, as OMB consolidates them",
    ]  # fmt: skip
    assert [export.title for export in offered_exports(auditor)] == [*everybodys, "Inventory to publish"]
    assert [export.title for export in offered_exports(requester)] == everybodys
