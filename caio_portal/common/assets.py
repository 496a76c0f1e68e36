"""Static files that the repository does not hold: joined from their parts, built, or taken from a Python package."""

import os
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from importlib.util import find_spec
from mmap import ACCESS_READ, mmap
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.contrib.staticfiles import finders

from caio_portal.common import fonts

CSS_PARTS = (
    "tokens",
    "base",
    "shell",
    "components",
    "blocks",
    "forms",
    "tables",
    "charts",
    "overlays",
    "accounts",
    "portfolio",
    "layouts",
    "kpis",
    "print",
)
_INJECTED = re.compile(rb'getElementById\("([0-9a-f]{64})"\)')
JS_PARTS = ("theme", "overlays", "lists", "forms", "charts")


def folder() -> Path:
    """Where made files are kept between runs; safe to delete."""
    return Path(settings.DATA_DIR) / "assets"


def stylesheet() -> Path:
    """All of our CSS in one file, so that a page asks once."""
    return _joined("css/app.css", (f"css/{part}.css" for part in CSS_PARTS))


def script() -> Path:
    """All of our JavaScript in one file."""
    return _joined("js/app.js", (f"js/{part}.js" for part in JS_PARTS))


def web_font() -> Path:
    return fonts.web_font(folder() / "fonts")


def plotly() -> Path | None:
    """plotly.js: the file that PLOTLY_JS names, or the one in the plotly package (which is not imported)."""
    if chosen := getattr(settings, "PLOTLY_JS", None):
        return Path(chosen)
    spec = find_spec("plotly")
    places = spec.submodule_search_locations if spec else None
    file = Path(places[0]) / "package_data" / "plotly.min.js" if places else None
    return file if file and file.is_file() else None


@lru_cache(maxsize=1)
def plotly_style_ids() -> tuple[str, ...]:
    """The ids under which plotly.js would inject styles when it loads; an element that has one keeps it from trying."""
    file = plotly()
    if file is None:
        return ()
    with file.open("rb") as stream, mmap(stream.fileno(), 0, access=ACCESS_READ) as content:  # 5 MB: not read at once
        return tuple(sorted({found.decode() for found in _INJECTED.findall(content)}))


MADE: dict[str, Callable[[], Path | None]] = {
    "css/app.css": stylesheet,
    "js/app.js": script,
    "fonts/inter.woff2": web_font,
    "vendor/plotly.min.js": plotly,
}


def write_whole(path: Path, content: bytes) -> None:
    """Write a file so that nobody ever reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid4().hex}")
    draft.write_bytes(content)
    os.replace(draft, path)


def _joined(name: str, parts: Iterable[str]) -> Path:
    content = b"\n".join(Path(str(finders.find(part))).read_bytes() for part in parts)
    path = folder() / name
    if not path.is_file() or path.read_bytes() != content:
        write_whole(path, content)
    return path
