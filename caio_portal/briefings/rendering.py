"""From a briefing to its PDF: the same content under the same template gives the same bytes."""

import re
import zlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from caio_portal.briefings import presentation
from caio_portal.briefings.content import Content, content_of
from caio_portal.briefings.models import Briefing, Rendition
from caio_portal.common import pdf
from caio_portal.common.canonical import canonical_json, sha256
from caio_portal.common.exports import csv_chunks

FOLDER = Path(settings.BASE_DIR) / "templates" / "pdf"
DRAWN_BY = ("presentation.py", "pictures.py", "rendering.py")


@cache
def template_version() -> str:
    """A name for everything that shapes the document besides its content: templates, styles and our drawing code."""
    here = Path(__file__).parent
    charts = Path(pdf.__file__).parent / "charts"
    files = [*sorted(FOLDER.glob("*")), *sorted(charts.glob("*.py")), *(here / name for name in DRAWN_BY)]
    digest = sha256(b"".join(file.read_bytes() for file in files))
    return f"{_weasyprint()}-{digest[:12]}"


def _weasyprint() -> str:
    from importlib.metadata import version

    return version("weasyprint")


def rendition_of(briefing: Briefing) -> Rendition | None:
    """The PDF of the briefing as it reads now, if it was rendered."""
    wanted = content_of(briefing).hash
    rows = briefing.renditions.filter(content_hash=wanted, template_version=template_version())
    return rows.select_related("file").first()


def render_html(content: Content) -> str:
    return render_to_string("pdf/briefing.html", presentation.context(content))


def render_pdf(content: Content) -> bytes:
    """The PDF, tagged (PDF/UA), with bookmarks and the data attached."""
    return pdf.render(render_html(content), made_at=content.snapshot.as_of, attachments=attachments(content))


def attachments(content: Content) -> tuple[pdf.Attachment, ...]:
    """The data behind the document: the whole snapshot, and tables that a spreadsheet opens."""
    snapshot = content.snapshot
    figures = [(f.key, f.label, f.value, f.words, f.as_of, f.quality, f.source, f.link) for f in snapshot.figures()]
    kpis = [
        (line.key, line.version, line.name, month, value, line.target, line.formula)
        for line in snapshot.kpis
        for month, value in zip(line.months, line.trend, strict=True)
    ]
    cases = [(p.ref, p.title, p.unit, p.tier, p.stage, p.value, p.cost, p.residual) for p in snapshot.portfolio.points]
    return (
        pdf.Attachment("briefing.json", canonical_json(snapshot).encode(), "The whole snapshot, as it was hashed"),
        _csv("figures.csv", "Every figure with its source",
             ("key", "label", "value", "words", "as of", "quality", "source", "link"), figures),
        _csv("kpis.csv", "The measures by month",
             ("key", "version", "name", "month", "value", "target", "formula"), kpis),
        _csv("use-cases.csv", "Use cases in production with value and residual risk",
             ("reference", "title", "unit", "tier", "stage", "value a year", "cost a year", "residual risk"), cases),
    )  # fmt: skip


def page_count(document: bytes) -> int:
    """How many pages a PDF of ours has: read from its page tree, which may lie in a compressed object stream."""
    for packed in (
        document,
        *(_unpacked(part) for part in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", document, re.DOTALL)),
    ):
        for tree in re.findall(rb"<<[^<>]*/Type\s*/Pages[^<>]*>>", packed):
            if count := re.search(rb"/Count\s+(\d+)", tree):
                return int(count[1])
    raise ValueError("This PDF has no page tree.")


def _unpacked(part: bytes) -> bytes:
    try:
        return zlib.decompress(part)
    except zlib.error:
        return b""


def _csv(name: str, description: str, heads: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> pdf.Attachment:
    return pdf.Attachment(name, "".join(csv_chunks(heads, rows)).encode(), description)
