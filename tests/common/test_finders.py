import gzip
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from caio_portal.common import assets
from caio_portal.common.finders import MadeFinder


def _read(name):
    return Path(finders.find(name)).read_bytes()


@pytest.mark.parametrize("name", assets.MADE)
def test_made_files_are_found_and_collected(name):
    collected = {listed: storage.path(listed) for listed, storage in MadeFinder().list(None)}

    assert Path(finders.find(name)).is_file()
    assert collected[name] == finders.find(name)


def test_what_is_not_made_is_not_found():
    assert MadeFinder().find("css/none.css") == []
    assert MadeFinder().find("css/none.css", find_all=True) == []


def test_a_page_loads_at_most_40_kilobytes_of_css_and_js():
    files = ("css/app.css", "js/app.js", "django_htmx/htmx-2.min.js")

    assert sum(len(gzip.compress(_read(name), 9)) for name in files) <= 40_000


def test_the_stylesheet_is_all_of_its_parts_and_follows_them():
    sheet = _read("css/app.css")

    assert all((Path(settings.BASE_DIR) / f"static/css/{part}.css").read_bytes() in sheet for part in assets.CSS_PARTS)
    stale = assets.folder() / "css/app.css"
    stale.write_bytes(b"old")
    assert _read("css/app.css") == sheet


def test_the_web_font_is_small():
    assert 20_000 < len(_read("fonts/inter.woff2")) < 60_000


def test_plotly_can_be_another_file(settings, tmp_path):
    settings.PLOTLY_JS = str(tmp_path / "partial.js")

    assert assets.plotly() == tmp_path / "partial.js"


def test_no_script_or_style_stands_in_a_template():
    import re

    inline = re.compile(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|hx-on|href=[\"']javascript:", re.IGNORECASE)
    folders = [path for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html") if "pdf" not in path.parts]

    assert [str(path) for path in folders if inline.search(path.read_text())] == []
