"""PDFs: WeasyPrint in a child process that fetches nothing, has limits, and gives all its memory back."""

import base64
import json
import logging
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

from django.conf import settings

from caio_portal.common import assets, fonts, tokens
from caio_portal.common.canonical import sha256
from caio_portal.common.marks import TONES

logger = logging.getLogger(__name__)

_CHILD = Path(__file__).with_name("pdf_child.py")
_NO_PANGO = (
    "PDFs need the library Pango. On Debian or Ubuntu: "
    "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; on macOS: brew install pango."
)

_TOO_LARGE = "The document is too large: it needed more time or memory than one PDF may."


class PdfError(Exception):
    """A PDF could not be made; the message says why, for people."""


class PdfUnavailableError(PdfError):
    """This machine cannot make PDFs at all."""


@dataclass(frozen=True)
class Attachment:
    """A file inside the PDF."""

    name: str
    content: bytes
    description: str = ""


@dataclass(frozen=True)
class Limits:
    """What one PDF may cost."""

    seconds: int = 120
    megabytes: int = 1024


def render(
    html: str, *, made_at: datetime, attachments: Sequence[Attachment] = (), limits: Limits | None = None
) -> bytes:
    """An accessible PDF (PDF/UA-1, tagged, with bookmarks) of a page made from templates/pdf/base.html.

    The same html, attachments and `made_at` give the same bytes. Title, author and language come from the html.
    Raises PdfUnavailableError without Pango, and PdfError if the document is too large or cannot be laid out.
    """
    limits = limits or Limits()
    order = {
        "html": html,
        "css": stylesheet(),
        "fonts": str(fonts.print_fonts(assets.folder() / "fonts")),
        "identifier": sha256(html)[:32],
        "made_at": made_at.isoformat(),
        "attachments": [
            {"name": file.name, "description": file.description, "content": base64.b64encode(file.content).decode()}
            for file in attachments
        ],
        "seconds": limits.seconds,
        "megabytes": limits.megabytes,
    }
    return _made_by_child(json.dumps(order).encode(), made_at, limits.seconds)


@lru_cache(maxsize=1)
def stylesheet() -> str:
    """templates/pdf/pdf.css with literal colours, and the marks' icons as backgrounds."""
    css = (Path(settings.BASE_DIR) / "templates/pdf/pdf.css").read_text() + _icons_css()
    return re.sub(r"var\(--([\w-]+)\)", lambda found: tokens.LIGHT[found[1]], css)


def _made_by_child(order: bytes, made_at: datetime, seconds: int) -> bytes:
    try:
        child = subprocess.run(
            [sys.executable, "-s", "-P", str(_CHILD)],
            input=order,
            capture_output=True,
            timeout=4 * seconds,  # the child's own limit counts processor time; this one waiting, too
            env=_environment(made_at),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PdfError(_TOO_LARGE) from None
    if child.returncode == 0:
        for line in child.stderr.decode(errors="replace").splitlines():
            logger.warning("%s", line)
        return child.stdout
    raise _failure(child.returncode, child.stderr.decode(errors="replace"))


def _failure(code: int, errors: str) -> PdfError:
    last = errors.strip().rpartition("\n")[2] or f"The renderer ended with code {code}."
    if code == 3:
        return PdfUnavailableError(f"{_NO_PANGO} ({last})")
    if code < 0 or "MemoryError" in errors:
        return PdfError(_TOO_LARGE)
    return PdfError(f"The document could not be laid out: {last}")


def _environment(made_at: datetime) -> dict[str, str]:
    """Only what the renderer needs: no secrets, and nothing that changes the bytes."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "DYLD_LIBRARY_PATH") if name in os.environ}
    return kept | {
        "LC_ALL": "C.UTF-8",
        "PYTHONUTF8": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "SOURCE_DATE_EPOCH": str(int(made_at.timestamp())),
    }


def _icons_css() -> str:
    """Icons as backgrounds: WeasyPrint tags every inline SVG as a figure that needs a text of its own."""
    marks = (_icon_rule(f".mark-{tone}", name, tone if tone != "neutral" else "text-2") for tone, name in TONES.items())
    tiers = (
        _icon_rule(f".tier-{number}", f"tier-{number}", f"tier-{number}", solid=0 < number < 5) for number in range(6)
    )
    return "".join((*marks, *tiers))


def _icon_rule(selector: str, name: str, role: str, *, solid: bool = False) -> str:
    colour = tokens.LIGHT[role]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" fill="{colour if solid else "none"}" '
        f'stroke="{colour}" stroke-width="2.2" stroke-linecap="round" stroke-linejoin="round">{_shapes()[name]}</svg>'
    )
    return f'{selector} {{ background-image: url("data:image/svg+xml,{quote(svg)}"); }}\n'


@lru_cache(maxsize=1)
def _shapes() -> dict[str, str]:
    sprite = (Path(settings.BASE_DIR) / "static/img/icons.svg").read_text()
    return dict(re.findall(r'<symbol id="([\w-]+)"[^>]*>(.*?)</symbol>', sprite))
