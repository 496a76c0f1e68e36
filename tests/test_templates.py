"""What is true of every template: it compiles, and it holds nothing that the content security policy forbids."""

import re

import pytest
from django.template import engines

from caio_portal.local.services import ROOT

FOLDER = ROOT / "templates"
TEMPLATES = sorted(
    path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.*") if path.suffix in {".html", ".txt"}
)
PAGES = [name for name in TEMPLATES if name.endswith(".html") and not name.startswith("pdf/")]
FORBIDDEN = {
    "an inline style": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "an inline script": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")", re.IGNORECASE),
    "an inline handler": re.compile(r"<[a-z][^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "something from elsewhere": re.compile(r"""(?:src|href)\s*=\s*["'](?:https?:)?//(?!www\.w3\.org)""", re.IGNORECASE),
    "htmx that evaluates": re.compile(r"""\bhx-on\b|hx-vals\s*=\s*["']js:|hx-headers\s*=\s*["']js:""", re.IGNORECASE),
}


@pytest.mark.parametrize("name", TEMPLATES)
def test_template_compiles(name):
    engines["django"].get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_template_obeys_the_content_security_policy(name):
    text = re.sub(
        r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", (FOLDER / name).read_text(encoding="utf-8"), flags=re.DOTALL
    )

    assert [what for what, pattern in FORBIDDEN.items() if pattern.search(text)] == []
