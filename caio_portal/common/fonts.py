"""Fonts for the web and for print, made from the font packages; once, at first use, into the data folder.

Subset first and instantiate second: ten times faster than the other way round.
"""

import fcntl
import io
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

_LATIN = (
    "U+0020-007E,U+00A0-017F,U+0192,U+02C6,U+02DC,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+202F,U+2030,U+2032,"
    "U+2033,U+2039,U+203A,U+20AC,U+2116,U+2122,U+2190-2193,U+2196-2199,U+2212,U+2215,U+2248,U+2260,U+2264,U+2265,"
    "U+25A0-25CF,U+2713,U+2715"
)
_FEATURES = ["kern", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "tnum", "case", "ss03", "cv11", "frac"]
_VERSION = "1"  # raise it when the glyphs or features above change

INTER_WEIGHTS = (400, 500, 600, 700)
SERIF_WEIGHTS = (400, 600)


def web_font(folder: Path) -> Path:
    """The variable Inter for browsers, Latin, weights 400 to 700 (about 37 KB)."""
    return _made(folder, f"inter-{_VERSION}.woff2", _make_web_font)


def print_fonts(folder: Path) -> Path:
    """The folder of static TTF instances for PDFs: Inter-400.ttf ... SourceSerif4-600.ttf."""
    return _made(folder, f"print-{_VERSION}", _make_print_fonts)


def _make_web_font(target: Path) -> None:
    font = _instance(_inter(), {"opsz": 14, "wght": (400, 700)})
    font.flavor = "woff2"
    font.save(target)


def _make_print_fonts(target: Path) -> None:
    target.mkdir()
    for data, family, pins, weights in (
        (_inter(), "Inter", {"opsz": 14}, INTER_WEIGHTS),
        (_serif(), "SourceSerif4", {"opsz": 20}, SERIF_WEIGHTS),
    ):
        for weight in weights:
            font = _instance(data, {**pins, "wght": weight})
            _rename(font, family, weight)
            font.save(target / f"{family}-{weight}.ttf")


def _made(folder: Path, name: str, make: Callable[[Path], None]) -> Path:
    path = folder / name
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    with _one_at_a_time(folder):
        if not path.exists():
            draft = folder / f"draft-{os.getpid()}-{name}"
            make(draft)
            draft.rename(path)
    return path


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _inter() -> bytes:
    return _subset(Path(str(files("fontpkg_inter") / "files" / "Inter[opsz,wght].ttf")))


def _serif() -> bytes:
    folder = Path(str(files("fontpkg_source_serif_4") / "files"))
    return _subset(next(file for file in sorted(folder.iterdir()) if file.name.startswith("SourceSerif4[")))


def _subset(path: Path) -> bytes:
    from fontTools import subset  # a second of import time that only the first start pays
    from fontTools.ttLib import TTFont

    font = TTFont(path)
    for glyph in font.getGlyphOrder():  # glyphs without variation data would raise KeyError
        font["gvar"].variations.setdefault(glyph, [])
    options = subset.Options(layout_features=_FEATURES, hinting=False, notdef_outline=True)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(_LATIN))
    subsetter.subset(font)
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def _instance(data: bytes, axes: dict[str, Any]) -> Any:
    from fontTools.ttLib import TTFont
    from fontTools.varLib import instancer

    return instancer.instantiateVariableFont(TTFont(io.BytesIO(data)), axes)


def _rename(font: Any, family: str, weight: int) -> None:
    """Give each weight a family name of its own, so that Pango never mixes them up."""
    names = font["name"]
    for typographic in (16, 17):
        names.removeNames(nameID=typographic)
    labels = {1: f"{family} {weight}", 2: "Regular", 4: f"{family} {weight}", 6: f"{family}-{weight}"}
    for identifier, label in labels.items():
        names.setName(label, identifier, 3, 1, 0x409)
