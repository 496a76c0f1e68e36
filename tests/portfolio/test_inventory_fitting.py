"""The profile that fits the columns of a file is offered, whichever was chosen."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from caio_portal.accounts.roles import Role
from caio_portal.common import jobs
from caio_portal.common.models import Job
from portfolio.inventory.fitting import better_profile
from tests.factories import make_person, make_unit, signed_in

pytestmark = pytest.mark.django_db

FEDERAL = ["agency", "agency_name", "id", "use_case_name", "development_stage", "is_high_impact", "have_ato"]
PLAIN = ["title", "stage", "owner", "purpose"]


@pytest.fixture
def office():
    return signed_in(make_person(Role.CAIO_OFFICE, unit=make_unit("Acme")))


def examined(office, header, profile, unit="Acme"):
    text = f"{','.join(header)}\n{','.join('Pilot' if 'stage' in name else 'x' for name in header)}\n"
    file = SimpleUploadedFile("list.csv", text.encode(), "text/csv")
    address = office.post("/inventory/import/", {"profile": profile, "unit": unit, "file": file}).url
    jobs.run_here(int(address.rstrip("/").rpartition("/")[2]))
    return address


def test_the_profile_that_knows_more_columns_is_better():
    found = better_profile("plain", FEDERAL) or {}

    assert (found["key"], found["known"], found["chosen_known"], found["columns"]) == ("omb-2025", 7, 3, 7)
    assert better_profile("omb-2025", FEDERAL) is None
    assert better_profile("plain", PLAIN) is None


def test_no_profile_is_better_than_another_that_knows_nothing():
    assert better_profile("plain", ["alpha", "beta"]) is None


@pytest.mark.parametrize(
    ("header", "chosen", "fits", "words"),
    [
        (FEDERAL, "plain", "omb-2025", "knows 7 of the 7 columns of this file; the profile that was chosen knows 3."),
        (PLAIN, "omb-2025", "plain", "the profile that was chosen does not fit."),
    ],
    ids=["examined", "refused"],
)
def test_a_file_is_examined_again_with_the_profile_that_fits(office, header, chosen, fits, words):
    address = examined(office, header, chosen)

    page = office.get(address)
    assert "Another profile fits better." in page.text
    assert words in page.text
    again = office.post(f"{address}continue/", {"profile": fits, "dry_run": "1"}).url
    jobs.run_here(int(again.rstrip("/").rpartition("/")[2]))

    job = Job.objects.latest("pk")
    assert (job.payload["order"]["profile"], job.payload["order"]["unit"]) == (fits, "Acme")
    assert job.result["report"]["created"] == 1
    assert "Another profile fits better." not in office.get(again).text


def test_a_profile_that_does_not_exist_is_refused(office):
    address = examined(office, FEDERAL, "omb-2025")

    page = office.post(f"{address}continue/", {"profile": "made-up", "dry_run": "1"}, follow=True)

    assert "encodings and profiles offered" in page.text
    assert Job.objects.count() == 1


def test_the_usual_unit_of_a_profile_gives_way_to_that_of_the_other(office):
    address = examined(office, FEDERAL, "plain", unit="")
    before = Job.objects.latest("pk").payload["order"]["unit"]

    office.post(f"{address}continue/", {"profile": "omb-2025", "dry_run": "1"})

    assert before != "US federal inventory"
    assert Job.objects.latest("pk").payload["order"]["unit"] == "US federal inventory"
