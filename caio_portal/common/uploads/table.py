"""From the rows of a file to a table: one header, and under each name at most one cell."""

import gzip
import re
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO, cast

from caio_portal.common.uploads import parquet, text, workbook
from caio_portal.common.uploads.limits import MB, TABLE_BYTES, Note, Refused, Row, counted

_WORKBOOK = b"PK\x03\x04"
_GZIP = b"\x1f\x8b"
# What else people send by mistake: the first bytes, and what to do about it.
_OTHERS = (
    (b"\xd0\xcf\x11\xe0", "This is an old Excel file (.xls), or one with a password. Save it as .xlsx without one."),
    (b"%PDF", "This is a PDF document. Send the table as CSV or XLSX."),
    (b"<", "This is a web page or XML. Send the table as CSV or XLSX."),
    (b"{", "This is JSON. Send the table as CSV or XLSX."),
)


def read(
    file: BinaryIO,
    encoding: str = "",
    notes: list[Note] | None = None,
    *,
    loose: bool = False,
    streamed: bool = False,
) -> Iterator[Row]:
    """The header (as line and names), then each row, as wide as the header.

    A loose table may name a column twice or not at all, and its rows may be shorter or longer, as tools export them.
    Whatever is wrong with a text is found before anybody works on its first row, unless it is STREAMED: that is faster,
    and for those who take back what they did with the rows before a refusal.
    NOTES gets what is to be said beside the rows. Raises Refused. The kind of file is told by its first bytes, never
    by its name.
    """
    start, size = _start_and_size(file)
    if start.startswith(parquet.MARK):
        yield from _table(counted(parquet.rows(file)), pad=True, loose=loose)
        return
    if start.startswith(_WORKBOOK):
        yield from _table(counted(workbook.rows(file, notes if notes is not None else [])), pad=True, loose=loose)
        return
    plain, packed = file, 0
    if start.startswith(_GZIP):
        packed, plain = size, cast(BinaryIO, gzip.GzipFile(fileobj=file))
    try:
        if not streamed:
            for _ in _table(counted(text.rows(plain, encoding, packed)), pad=loose, loose=loose):
                pass
        yield from _table(counted(text.rows(plain, encoding, packed)), pad=loose, loose=loose)
    except (EOFError, gzip.BadGzipFile):
        raise Refused("The gzip archive is damaged.") from None


def _start_and_size(file: BinaryIO) -> tuple[bytes, int]:
    """The first bytes and the length of a file that may be a table, without reading it."""
    start, size = file.read(4), file.seek(0, 2)
    file.seek(0)
    if not start:
        raise Refused("The file is empty.", "no_table")
    for mark, sentence in _OTHERS:
        if start.startswith(mark):
            raise Refused(sentence, "no_table")
    if size > TABLE_BYTES:
        raise Refused(f"The file is larger than {TABLE_BYTES // MB} MB.", "too_large")
    return start, size


def normal(name: str) -> str:
    """The form in which two column names are compared: `Use Case  Name` and `use_case_name` are the same."""
    return re.sub(r"[\W_]+", "_", name.strip().casefold()).strip("_")


def _table(rows: Iterator[Row], *, pad: bool, loose: bool) -> Iterator[Row]:
    line, header = next(rows, (0, []))
    while header and not header[-1].strip():
        header.pop()
    width = len(header)
    if width < 2:
        raise Refused("The file has no table: its first line does not name two columns or more.", "no_table")
    if not loose:
        _require_distinct(header)
    yield line, header
    for line, row in rows:
        if len(row) < width and pad:
            row = [*row, *[""] * (width - len(row))]
        elif len(row) != width:
            row = row[:width] if loose else _trimmed(line, row, width)
        yield line, row


def _trimmed(line: int, row: list[str], width: int) -> list[str]:
    extra = next((column for column, cell in enumerate(row[width:], width + 1) if cell.strip()), None)
    if len(row) < width or extra is not None:
        where = "" if extra is None else f" (cell {extra} has no column name above it)"
        sentence = f"Line {line} has {len(row)} cells, but the first line names {width} columns{where}."
        raise Refused(sentence, "ragged", line=line)
    return row[:width]


def _require_distinct(header: list[str]) -> None:
    blank = [str(number) for number, name in enumerate(header, 1) if not name.strip()]
    if blank:
        raise Refused(f"The first line gives column {', '.join(blank)} no name.", "header")
    counts = Counter(normal(name) for name in header)
    twice = [" ".join(name.split())[:60] for name in header if counts[normal(name)] > 1]
    if twice:
        raise Refused(f"Column names must differ, but these are the same: {', '.join(twice[:6])}.", "header")
