import hashlib
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.template.loader import render_to_string

from caio_portal.common import assets, fonts, pdf
from caio_portal.common.styleguide import samples
from caio_portal.local import system
from tests import pdf_audit

pytestmark = pytest.mark.skipif(not system.pango(), reason="Pango is missing")

REGISTER = pdf.Attachment("use-cases.csv", b"ref,title\nUC-1,Fraud graph\n", "All use cases")
HOSTILE = """
<link rel=stylesheet href="{server}/css">
<style>@import url("{server}/import"); @font-face{{font-family:x;src:url({server}/font)}}
h1{{font-family:x;background:url({server}/background)}}</style>
<h1>x</h1><img src="{server}/img"><img src="{server}/redirect"><object data="{server}/object"></object>
<embed src="{server}/embed"><link rel=attachment href="file://{secret}"><a rel=attachment href="file://{secret}">a</a>
<img src="file://{secret}"><img src="font:../../secret"><img src="font:/etc/hostname">
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">
<image xlink:href="{server}/svg" width="9" height="9"/></svg>
"""


@pytest.fixture(scope="module")
def document():
    return render_to_string("styleguide/paper.html", {"document": samples.paper(), "sample": samples.page()})


@pytest.fixture(scope="module")
def made(document):
    return pdf.render(document, made_at=samples.NOON, attachments=[REGISTER])


@pytest.fixture
def canary() -> Iterator[tuple[str, list[str]]]:
    """A server that remembers who asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_pdf_is_accessible(made):
    assert pdf_audit.problems(made) == []


def test_parts_are_bookmarks_and_files_are_inside(made):
    assert pdf_audit.bookmarks(made) == ["Summary and decisions", "Portfolio: value and risk", "Vendors", "Record"]
    assert pdf_audit.attachments(made) == {"use-cases.csv": REGISTER.content}


def test_the_same_input_gives_the_same_bytes(document, made):
    again = pdf.render(document, made_at=samples.NOON, attachments=[REGISTER])
    later = pdf.render(document, made_at=samples.NOON + timedelta(days=1), attachments=[REGISTER])

    assert hashlib.sha256(again).hexdigest() == hashlib.sha256(made).hexdigest()
    assert later != made


def test_hostile_html_fetches_nothing(canary, tmp_path):
    server, asked = canary
    secret = tmp_path / "secret.txt"
    secret.write_text("TOP-SECRET-123")

    made = pdf.render(HOSTILE.format(server=server, secret=secret), made_at=samples.NOON)

    assert asked == []
    assert pdf_audit.attachments(made) == {}
    assert b"TOP-SECRET" not in made


def test_a_bomb_ends_with_a_plain_message():
    bomb = "<table>" + ("<tr>" + "<td>x</td>" * 50 + "</tr>") * 2000 + "</table>"

    with pytest.raises(pdf.PdfError, match="too large"):
        pdf.render(bomb, made_at=samples.NOON, limits=pdf.Limits(seconds=3))


def test_without_pango_it_says_what_to_install():
    failure = pdf._failure(3, "warning\ncannot load library 'libpango-1.0.so.0'")

    assert isinstance(failure, pdf.PdfUnavailableError)
    assert "apt-get install libpango-1.0-0" in str(failure)


def test_the_renderer_sees_no_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "x")

    assert {"SECRET_KEY", "DATABASE_URL"} & pdf._environment(samples.NOON).keys() == set()


def test_the_stylesheet_is_literal():
    sheet = pdf.stylesheet()

    assert "var(" not in sheet
    assert all(f".mark-{tone} {{ background-image" in sheet for tone in ("good", "warn", "bad", "info", "neutral"))


def test_print_fonts_are_made_once():
    folder = fonts.print_fonts(assets.folder() / "fonts")

    assert sorted(file.name for file in folder.iterdir()) == [
        *(f"Inter-{weight}.ttf" for weight in fonts.INTER_WEIGHTS),
        *(f"SourceSerif4-{weight}.ttf" for weight in fonts.SERIF_WEIGHTS),
    ]
    assert fonts.print_fonts(assets.folder() / "fonts") == folder
