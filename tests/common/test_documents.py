"""Documents as evidence: each kind is told by its content, and what acts or attacks is refused in a sentence."""

import io
import resource
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st

from caio_portal.common.documents import DocumentField
from caio_portal.common.uploads.documents import KINDS, media_type_of, shown_name
from caio_portal.common.uploads.guard import examined
from caio_portal.common.uploads.limits import DOCUMENT_BYTES, Refused
from tests.common.hostile_files import workbook

PDF = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF\n"


def package(**parts):
    """A zip archive; names of parts with `__` for `/`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr({"types": "[Content_Types].xml"}.get(name, name.replace("__", "/")), content)
    return out.getvalue()


def bomb():
    out = io.BytesIO(package(types="", word__document="<w/>"))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive, archive.open("word/media.bin", "w") as part:
        for _ in range(100):
            part.write(bytes(1 << 20))
    return out.getvalue()


def locked_with_a_password():
    content = bytearray(package(types="", word__document="<w/>"))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.index(signature)
        content[at + offset] |= 1
    return bytes(content)


GOOD = {
    "plan.pdf": PDF,
    "PLAN.PDF": PDF,
    "report.docx": package(types="", word__document="<w/>"),
    "model.xlsx": workbook(),
    "slides.pptx": package(types="", ppt__presentation="<p/>", ppt__embeddings__chart="x"),
    "letter.odt": package(mimetype="application/vnd.oasis.opendocument.text", content="<o/>"),
    "shot.png": b"\x89PNG\r\n\x1a\n" + bytes(20),
    "photo.jpg": b"\xff\xd8\xff\xe0" + bytes(20),
    "notes.txt": "Geprüft am 1. März – „ohne Befund“.".encode(),
    "old.txt": "Geprüft".encode("windows-1252"),
    "wide.csv": "a;b\n1;2\n".encode("utf-16"),
    "card.json": b'{"model": 1}',
    "page.md": b"# <script>alert(1)</script> is text here",
}
HOSTILE = {
    "program.exe": (b"MZ\x90\x00", "Evidence is one of these: pdf, docx"),
    "page.html": (b"<script>alert(1)</script>", "Evidence is one of these"),
    "drawing.svg": (b"<svg onload='alert(1)'/>", "Evidence is one of these"),
    "macros.docm": (package(types=""), "Evidence is one of these"),
    "all.zip": (package(a="b"), "Evidence is one of these"),
    "report.pdf.exe": (PDF, "Evidence is one of these"),
    "report.pdf. ": (b"MZ", "named .pdf, but its content is something else"),
    "program.pdf": (b"MZ\x90\x00" + PDF, "named .pdf, but its content is something else"),
    "half.pdf": (b"%PDF-1.7\n", "named .pdf, but its content is something else"),
    "page.png": (b"<html>", "named .png, but its content is something else"),
    "page.jpg": (b"GIF89a", "named .jpg, but its content is something else"),
    "program.txt": (b"\x7fELF\x02\x01\x01\x00", "named .txt, but its content is something else"),
    "script.pdf": (PDF + b"<</S /JavaScript /JS (app.alert(1))>>\n%%EOF", "runs a script or starts a program"),
    "masked.pdf": (PDF + b"<</S\n/Java#53cript /JS (x)>>\n%%EOF", "runs a script or starts a program"),
    "launch.pdf": (PDF + b"<</S/Launch/F(cmd.exe)>>\n%%EOF", "runs a script or starts a program"),
    "macros.docx": (package(types="", word__document="<w/>", **{"word__vbaProject.bin": "x"}), "has macros"),
    "control.xlsx": (workbook(activeX__activeX1="x"), "has macros or active controls"),
    "basic.odt": (
        package(mimetype="application/vnd.oasis.opendocument.text", Basic__Standard__Module1="x"), "has macros",
    ),
    "sheet.docx": (workbook(), "named .docx, but its content is something else"),
    "text.ods": (package(mimetype="application/vnd.oasis.opendocument.text"), "named .ods, but its content"),
    "bomb.docx": (bomb(), "unpacks to 100 MB: too much"),
    "secret.docx": (locked_with_a_password(), "protected with a password"),
    "outside.docx": (package(types="", word__document="x", **{"..__..__evil": "x"}), "forbidden name"),
    "cut.docx": (package(types="", word__document="<w/>")[:40], "damaged"),
    "many.docx": (package(types="", **{f"word__{n}": "" for n in range(5001)}), "too many parts"),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_a_document_is_told_by_its_content(name):
    ending = name.lower().rpartition(".")[2]

    assert examined(io.BytesIO(GOOD[name]), name) == KINDS[ending][0]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_refused_in_a_sentence_quickly_and_in_little_memory(name):
    content, sentence = HOSTILE[name]

    with pytest.raises(Refused, match=sentence) as refused:
        examined(io.BytesIO(content), name)

    assert refused.value.peak_kilobytes < 100_000


def test_a_document_that_is_too_large_is_refused_by_the_guard_too():
    content = PDF + b" " * DOCUMENT_BYTES + b"%%EOF"

    with pytest.raises(Refused, match="larger than 25 MB"):
        examined(io.BytesIO(content), "large.pdf")


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\temp\\report.pdf", "report.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("re\x00po\r\nrt.pdf", "report.pdf"),
        (" .. ", "file"),
    ],
)
def test_shown_name(name, shown):
    assert shown_name(name) == shown


def told(content, name):
    """The kind of a document, or the sentence that refuses it."""
    try:
        return media_type_of(io.BytesIO(content), name)
    except Refused as refused:
        return refused.sentence


@settings(max_examples=150)
@given(st.binary(max_size=300), st.sampled_from(sorted(KINDS)))
def test_any_bytes_have_a_kind_or_are_refused(content, ending):
    answer = told(content, f"x.{ending}")

    assert answer == KINDS[ending][0] or answer.endswith(".")


@settings(max_examples=100)
@given(st.data())
def test_any_mutated_document_has_a_kind_or_is_refused(data):
    content = bytearray(GOOD["report.docx"])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    answer = told(bytes(content), "x.docx")

    assert answer == KINDS["docx"][0] or answer.endswith(".")


def test_the_field_takes_the_type_from_the_content():
    upload = DocumentField().clean(SimpleUploadedFile("C:\\notes.txt", b"All well.", "text/html"))

    assert (upload.name, upload.content_type, upload.read()) == ("notes.txt", "text/plain", b"All well.")


def test_the_field_refuses_in_a_sentence():
    with pytest.raises(ValidationError, match="its content is something else"):
        DocumentField().clean(SimpleUploadedFile("notes.pdf", b"All well."))
    with pytest.raises(ValidationError, match="empty"):
        DocumentField().clean(SimpleUploadedFile("notes.pdf", b""))


def test_this_process_parses_nothing():
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime

    examined(io.BytesIO(PDF), "plan.pdf")

    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime > before
