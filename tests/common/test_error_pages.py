from django.contrib.staticfiles import finders
from django.template.loader import render_to_string

MANIFEST = {"staticfiles": {"BACKEND": "caio_portal.common.staticfiles.GzippedManifestStorage"}}


def test_the_page_of_last_resort_needs_no_collected_files(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | MANIFEST
    settings.STATIC_ROOT = tmp_path

    page = render_to_string("500.html")

    assert f'href="{settings.STATIC_URL}css/error.css"' in page
    assert finders.find("css/error.css")
