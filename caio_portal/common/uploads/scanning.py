"""What a part of a workbook holds, counted in its bytes before its XML is read: to read far too much takes too long.

The counts only serve to refuse. A part that writes its XML in another way than Excel does (with prefixes, in UTF-16)
passes, and the limits are kept while it is read.
"""

import re
import zipfile
from collections import Counter
from collections.abc import Iterator

from caio_portal.common.uploads.archive import pieces
from caio_portal.common.uploads.limits import (
    BLANK_CELLS,
    CELLS,
    FILLED_SHARE,
    MB,
    ROWS,
    ROWS_ABOVE,
    SHARED_STRINGS,
    Refused,
    row_too_far,
    too_many_blank_cells,
    too_many_blank_rows,
    too_many_cells,
)

_TAG_BYTES = MB  # Excel escapes what a cell may hold in a third of this
_TAGS = 16  # of one cell or text: its own, its value's, a formula's or what dresses up a run of it
_OTHER_TAGS = 500_000
_FAR_CELL = re.compile(rb"""<c r=["'][A-Z]{1,3}([0-9]{6,7})["'][^>/]*><(?:v|is)>""")


def scan_sheet(archive: zipfile.ZipFile, part: str) -> None:
    """Refuse a sheet with far too many rows, cells or other marks, or with a filled cell beyond the last row."""
    counts = Counter(dict.fromkeys((b"<", b"<row", b":row", b"<c ", b"<c>", b":c ", b"</v>", b"</is>"), 0))
    for piece in _whole_tags(archive, part):
        counts.update({sign: piece.count(sign) for sign in counts})
        rows, cells, filled = counts[b"<row"], counts[b"<c "] + counts[b"<c>"], counts[b"</v>"] + counts[b"</is>"]
        if rows > 2 * ROWS:
            raise too_many_blank_rows(rows)
        if cells > CELLS:
            raise too_many_cells()
        if cells - filled > max(BLANK_CELLS, FILLED_SHARE * filled):
            raise too_many_blank_cells(cells - filled)
        _require_marks(counts[b"<"], cells + rows + counts[b":c "] + counts[b":row"], "cells")
        for found in _FAR_CELL.finditer(piece):
            if (row := int(found[1])) > ROWS + ROWS_ABOVE:
                raise row_too_far(row)


def scan_strings(archive: zipfile.ZipFile, part: str) -> None:
    """Refuse shared strings that are too many, or hardly any among other marks."""
    counts = Counter(dict.fromkeys((b"<", b"<si>", b":si>"), 0))
    for piece in _whole_tags(archive, part):
        counts.update({sign: piece.count(sign) for sign in counts})
        if counts[b"<si>"] > SHARED_STRINGS:
            raise Refused("The workbook has too much text.", "too_large")
        _require_marks(counts[b"<"], counts[b"<si>"] + counts[b":si>"], "texts")


def _require_marks(tags: int, wanted: int, what: str) -> None:
    if tags > _OTHER_TAGS + _TAGS * wanted:
        raise Refused(f"The workbook has {tags:,} marks so far, but hardly any {what}: no program saves it so.", "bomb")


def _whole_tags(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The bytes of a part, cut before tags."""
    rest = b""
    for data in pieces(archive, part, _TAG_BYTES):
        whole, sign, begun = data.rpartition(b"<")
        if len(rest) + len(whole) > 2 * _TAG_BYTES or (not sign and len(rest) >= _TAG_BYTES):
            raise Refused("A tag or a cell of the workbook is longer than 1 MB.", "too_long")
        if not sign:
            rest += data
            continue
        yield rest + whole
        rest = sign + begun
    yield rest
