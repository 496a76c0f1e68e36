"""The real renderer, on a snapshot with something in every section."""

import io
import json

import pikepdf
import pytest

from caio_portal.briefings import narrative, rendering
from caio_portal.briefings.content import Content
from caio_portal.common.canonical import canonical_json, sha256
from caio_portal.local import system
from tests import pdf_audit
from tests.briefings.factories import make_snapshot
from tests.briefings.sample import make_sample

pytestmark = pytest.mark.skipif(system.pango() is None, reason="Pango is missing")


def make_content(snapshot, **fields):
    values = {
        "snapshot": snapshot,
        "snapshot_hash": sha256(canonical_json(snapshot)),
        "narrative": narrative.suggest(snapshot),
        "draft": True,
        "approved_by": "",
        "approved_at": None,
    }
    return Content(**values | fields)


@pytest.fixture(scope="module")
def document():
    return rendering.render_pdf(make_content(make_sample()))


def test_the_briefing_is_accessible(document, tmp_path):
    assert pdf_audit.problems(document) == []


def test_the_briefing_carries_its_data(document):
    with pikepdf.open(io.BytesIO(document)) as opened:
        files = {name: spec.get_file().read_bytes() for name, spec in opened.attachments.items()}

    assert files.keys() == {"briefing.json", "figures.csv", "kpis.csv", "use-cases.csv"}
    assert sha256(files["briefing.json"]) == sha256(canonical_json(make_sample()))
    assert json.loads(files["briefing.json"])["quarter"] == "2026Q3"


def test_the_same_content_gives_the_same_bytes(document):
    assert sha256(rendering.render_pdf(make_content(make_sample()))) == sha256(document)


def test_another_narrative_gives_another_hash():
    content = make_content(make_sample())

    assert content.hash != content.model_copy(update={"draft": False}).hash


def test_pages_are_counted(document):
    with pikepdf.open(io.BytesIO(document)) as opened:
        assert rendering.page_count(document) == len(opened.pages)


def test_an_empty_organisation_has_a_briefing_too():
    html = rendering.render_html(make_content(make_snapshot()))

    assert "Nothing waits for the reader's decision." in html
    assert "No residual risk exceeds the appetite of its tier." in html


def test_texts_are_no_markup():
    content = make_content(make_snapshot(), narrative={"headline": "<script>alert(1)</script> & co"})

    html = rendering.render_html(content)

    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in html
