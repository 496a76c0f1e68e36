"""The zip archive inside an XLSX file: examined before it is opened, its XML read piece by piece."""

import re
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from typing import BinaryIO, NoReturn
from xml.parsers import expat

from caio_portal.common.uploads.limits import (
    ELEMENTS,
    MB,
    PART_BYTES,
    PARTS,
    RATIO,
    TOTAL_BYTES,
    WORKBOOK_BYTES,
    Refused,
)

_ACTIVE = re.compile(r"(^|/)(vbaProject\.bin|externalLinks/|embeddings/|activeX/|macrosheets/)", re.IGNORECASE)
_CHUNK = 1 << 16
_ENCRYPTED = 1

# What zipfile raises on damaged archives, besides its own BadZipFile.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


def opened(file: BinaryIO) -> zipfile.ZipFile:
    """Open the archive of a workbook that keeps the limits."""
    if file.seek(0, 2) > WORKBOOK_BYTES:
        raise Refused(f"The workbook is larger than {WORKBOOK_BYTES // MB} MB.", "too_large")
    try:
        archive = zipfile.ZipFile(file)
    except _DAMAGED:
        raise Refused("The workbook is damaged: its zip archive cannot be opened.") from None
    _examine(archive.infolist())
    return archive


def _examine(parts: list[zipfile.ZipInfo]) -> None:
    """Refuse, before anything is unpacked, what a sheet of values never needs."""
    names = {part.filename for part in parts}
    if len(parts) > PARTS or len(names) != len(parts):
        raise Refused("The workbook has too many parts, or two of the same name.", "zip")
    if sum(part.file_size for part in parts) > TOTAL_BYTES:
        raise Refused(f"The workbook unpacks to more than {TOTAL_BYTES // MB} MB.", "bomb")
    for part in parts:
        _examine_part(part)
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise Refused("This is a zip archive, but not an Excel workbook (.xlsx).", "not_workbook")


def _examine_part(part: zipfile.ZipInfo) -> None:
    if part.flag_bits & _ENCRYPTED:
        raise Refused("The workbook is protected with a password. Save it without one.", "encrypted")
    if part.filename.startswith(("/", "\\")) or ".." in part.filename:
        raise Refused("The workbook has a part with a forbidden name.", "zip")
    if _ACTIVE.search(part.filename):
        sentence = "The workbook has macros, links to other files or embedded objects. Save it as a plain .xlsx file."
        raise Refused(sentence, "active")
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused("The workbook is packed in a way that Excel does not use.", "zip")
    if part.file_size > PART_BYTES or (part.file_size > MB and part.file_size > RATIO * max(1, part.compress_size)):
        raise Refused(f"A part of the workbook unpacks to {part.file_size // MB:,} MB: too much.", "bomb")


def elements(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The elements of a small part, in order; none when the part is absent."""
    found: deque[tuple[str, dict[str, str]]] = deque()
    count = 0
    for _ in parse(archive, part, lambda name, attributes: found.append((local(name), attributes)), None, None):
        count += len(found)
        if count > ELEMENTS:
            raise Refused(f"A part of the workbook that describes it has more than {ELEMENTS:,} elements.", "bomb")
        yield from found
        found.clear()


def local(name: str) -> str:
    return name.rpartition(" ")[2]


def parse(
    archive: zipfile.ZipFile,
    part: str,
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None] | None,
    text: Callable[[str], None] | None,
) -> Iterator[None]:
    """Feed a part to expat piece by piece; yields after each, so that the caller can take what was found."""
    if part not in archive.namelist():
        return
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = _declared
    try:
        for data in pieces(archive, part, _CHUNK):
            parser.Parse(data, False)
            yield
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise Refused(f"The workbook is damaged: its XML cannot be read ({expat.ErrorString(error.code)}).") from None
    yield


def pieces(archive: zipfile.ZipFile, part: str, size: int) -> Iterator[bytes]:
    """The bytes of a part, unpacked SIZE at a time; refuses more than a part may have."""
    total = 0
    try:
        with archive.open(part) as file:
            while data := file.read(size):
                total += len(data)
                if total > PART_BYTES:
                    raise Refused(f"A part of the workbook unpacks to more than {PART_BYTES // MB} MB.", "bomb")
                yield data
    except Refused:
        raise
    except _DAMAGED:
        raise Refused("The workbook is damaged: a part of it cannot be unpacked.") from None


def _declared(*_: object) -> NoReturn:
    raise Refused("The workbook's XML declares document types or entities, which Excel never writes.", "dtd")
