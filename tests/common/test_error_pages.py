import pytest
from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

from tests.factories import make_person, make_use_case, signed_in

MANIFEST = {"staticfiles": {"BACKEND": "caio_portal.common.staticfiles.GzippedManifestStorage"}}


def test_the_page_of_last_resort_needs_no_collected_files(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | MANIFEST
    settings.STATIC_ROOT = tmp_path

    page = render_to_string("500.html")

    assert f'href="{settings.STATIC_URL}css/error.css"' in page
    assert finders.find("css/error.css")


@pytest.mark.parametrize(
    ("came_from", "leads"), [("http://testserver/use-cases/", True), ("http://elsewhere.example/", False), ("", False)]
)
def test_the_address_of_a_form_opened_as_a_page_says_so(db, came_from, leads):
    browser = signed_in(make_person("caio_office"))

    page = browser.get("/notices/read/", headers={"referer": came_from})

    assert (page.status_code, page["Allow"]) == (405, "POST")
    assert "This address has no page of its own" in page.text
    assert (f'href="{came_from}">Go back</a>' in page.text) is leads


def test_a_rule_that_objects_leads_back_to_where_one_was(db):
    use_case = make_use_case()
    browser = signed_in(make_person("caio_office", unit=use_case.unit))
    before = f"http://testserver{use_case.get_absolute_url()}"

    page = browser.post(f"{use_case.get_absolute_url()}resume/", headers={"referer": before})

    assert page.status_code == 403
    assert "This cannot be done" in page.text
    assert f'href="{before}">Go back</a>' in page.text
