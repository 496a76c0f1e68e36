"""What an accessible PDF must have, as far as pikepdf can see (no substitute for a full PDF/UA check)."""

import io
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pikepdf


def problems(data: bytes) -> list[str]:
    """What is missing; an empty list is a pass."""
    with pikepdf.open(io.BytesIO(data)) as pdf:
        tags = list(_tags(pdf.Root.StructTreeRoot.K)) if "/StructTreeRoot" in pdf.Root else []
        found = {*_document_problems(pdf), *_tag_problems(tags), *_page_problems(pdf)}
    return sorted(found)


def attachments(data: bytes) -> dict[str, bytes]:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return {name: file.get_file().read_bytes() for name, file in pdf.attachments.items()}


def bookmarks(data: bytes) -> list[str]:
    """The titles of the outline's first level."""
    with pikepdf.open(io.BytesIO(data)) as pdf, pdf.open_outline() as outline:
        return [entry.title for entry in outline.root]


def _document_problems(pdf: pikepdf.Pdf) -> Iterator[str]:
    root = pdf.Root
    with pdf.open_metadata() as metadata:
        part = metadata.get("{http://www.aiim.org/pdfua/ns/id/}part")
    checks = {
        "no language": str(root.get("/Lang", "")) != "",
        "not marked": "/MarkInfo" in root and bool(root.MarkInfo.Marked),
        "no structure tree": "/StructTreeRoot" in root,
        "title not shown": "/ViewerPreferences" in root and bool(root.ViewerPreferences.get("/DisplayDocTitle")),
        "no title": str(pdf.docinfo.get("/Title", "")) != "",
        "no bookmarks": "/Outlines" in root,
        "not declared as PDF/UA": part in ("1", "2"),
    }
    return (problem for problem, holds in checks.items() if not holds)


def _tag_problems(tags: list[Any]) -> Iterator[str]:
    for tag in tags:
        kind = str(tag.get("/S", ""))
        if kind == "/Figure" and str(tag.get("/Alt", "")) == "":
            yield "figure without alternative text"
        if kind == "/TD" and not _headers(tag):
            yield "cell without headers"
    levels = [int(kind[2:]) for tag in tags if (kind := str(tag.get("/S", ""))).startswith("/H") and kind[2:].isdigit()]
    if not levels or levels[0] != 1 or any(after - before > 1 for before, after in pairwise(levels)):
        yield f"headings out of order: {levels}"


def _headers(cell: Any) -> bool:
    attributes = cell.get("/A")
    return isinstance(attributes, pikepdf.Dictionary) and len(attributes.get("/Headers", [])) > 0


def _page_problems(pdf: pikepdf.Pdf) -> Iterator[str]:
    for page in pdf.pages:
        if page.get("/Tabs") != "/S":
            yield "page without tab order"
        for font in page.resources.get("/Font", {}).values():
            descriptor = font.DescendantFonts[0].FontDescriptor if "/DescendantFonts" in font else font.FontDescriptor
            if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor.keys()):
                yield "font not embedded"
            if "/ToUnicode" not in font:
                yield "font without ToUnicode"


def _tags(node: Any) -> Iterator[Any]:
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from _tags(child)
    elif isinstance(node, pikepdf.Dictionary):
        yield node
        if "/K" in node:
            yield from _tags(node.K)
