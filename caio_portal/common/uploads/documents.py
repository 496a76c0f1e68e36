"""Documents that people upload as evidence: told by their content, and refused when they carry anything that acts."""

import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from pathlib import PurePosixPath
from typing import BinaryIO

from caio_portal.common.uploads.limits import DOCUMENT_BYTES, DOCUMENT_PARTS, MB, RATIO, TOTAL_BYTES, Refused

_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_ACTS = re.compile(rb"/S[\x00\s]*/(JavaScript|Launch)(?![A-Za-z0-9])")
_MACROS = re.compile(r"(^|/)(vbaProject\.bin|activeX/|macrosheets/|Basic/|Scripts/)", re.IGNORECASE)
_BINARY = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)
_OFFICE = "application/vnd.openxmlformats-officedocument"
_OPEN = "application/vnd.oasis.opendocument"


def media_type_of(file: BinaryIO, name: str) -> str:
    """The media type of an uploaded document, by its name and borne out by its content. Raises Refused."""
    ending = PurePosixPath(shown_name(name)).suffix.lower().lstrip(".")
    if ending not in KINDS:
        raise Refused(f"Evidence is one of these: {', '.join(KINDS)}.", "kind")
    content = file.read(DOCUMENT_BYTES + 1)
    if len(content) > DOCUMENT_BYTES:
        raise Refused(f"The file is larger than {DOCUMENT_BYTES // MB} MB.", "too_large")
    media_type, check = KINDS[ending]
    check(file, content, ending)
    return media_type


def shown_name(name: str) -> str:
    """The name of a file without folders, and without signs that show it other than it is."""
    plain = "".join(letter for letter in name if unicodedata.category(letter)[0] != "C")
    return plain.replace("\\", "/").rpartition("/")[2].strip(" .") or "file"


def _pdf(file: BinaryIO, content: bytes, ending: str) -> None:
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
        raise _not_one(ending)
    if _ACTS.search(_ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), content)):
        raise Refused("The PDF runs a script or starts a program. Print it to a plain PDF.", "active")


def _image(file: BinaryIO, content: bytes, ending: str) -> None:
    start = b"\x89PNG\r\n\x1a\n" if ending == "png" else b"\xff\xd8\xff"
    if not content.startswith(start):
        raise _not_one(ending)


def _text(file: BinaryIO, content: bytes, ending: str) -> None:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        words = content.decode(encoding)
    except UnicodeDecodeError:
        words = content.decode("windows-1252", errors="replace")
    if _BINARY.search(words):
        raise _not_one(ending)


def _package(file: BinaryIO, content: bytes, ending: str) -> None:
    """Office documents are zip archives: nothing of them is unpacked but the name of their kind."""
    if not content.startswith(b"PK\x03\x04"):
        raise _not_one(ending)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            _examine(parts)
            _require_kind(archive, {part.filename for part in parts}, ending)
    except _DAMAGED as error:
        if isinstance(error, Refused):
            raise
        raise Refused("The document is damaged: its zip archive cannot be opened.") from None


def _examine(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > DOCUMENT_PARTS:
        raise Refused("The document has too many parts.", "zip")
    if sum(part.file_size for part in parts) > TOTAL_BYTES:
        raise Refused(f"The document unpacks to more than {TOTAL_BYTES // MB} MB.", "bomb")
    for part in parts:
        if part.flag_bits & 1:
            raise Refused("The document is protected with a password. Save it without one.", "encrypted")
        if part.file_size > MB and part.file_size > RATIO * max(1, part.compress_size):
            raise Refused(f"A part of the document unpacks to {part.file_size // MB:,} MB: too much.", "bomb")
        if part.filename.startswith(("/", "\\")) or ".." in part.filename.split("/"):
            raise Refused("The document has a part with a forbidden name.", "zip")
        if _MACROS.search(part.filename):
            raise Refused("The document has macros or active controls. Save it without them.", "active")


def _require_kind(archive: zipfile.ZipFile, names: set[str], ending: str) -> None:
    folder = {"docx": "word/", "xlsx": "xl/", "pptx": "ppt/"}.get(ending)
    if folder:
        right = "[Content_Types].xml" in names and any(name.startswith(folder) for name in names)
    else:
        right = "mimetype" in names and archive.open("mimetype").read(200).decode("ascii") == KINDS[ending][0]
    if not right:
        raise _not_one(ending)


def _not_one(ending: str) -> Refused:
    return Refused(f"The file is named .{ending}, but its content is something else.", "kind")


Check = Callable[[BinaryIO, bytes, str], None]
KINDS: dict[str, tuple[str, Check]] = {
    "pdf": ("application/pdf", _pdf),
    "docx": (f"{_OFFICE}.wordprocessingml.document", _package),
    "xlsx": (f"{_OFFICE}.spreadsheetml.sheet", _package),
    "pptx": (f"{_OFFICE}.presentationml.presentation", _package),
    "odt": (f"{_OPEN}.text", _package),
    "ods": (f"{_OPEN}.spreadsheet", _package),
    "odp": (f"{_OPEN}.presentation", _package),
    "png": ("image/png", _image),
    "jpg": ("image/jpeg", _image),
    "jpeg": ("image/jpeg", _image),
    "txt": ("text/plain", _text),
    "md": ("text/markdown", _text),
    "csv": ("text/csv", _text),
    "json": ("application/json", _text),
}
