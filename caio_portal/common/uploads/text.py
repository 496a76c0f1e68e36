"""A strict, streaming reader of CSV files: whatever is doubtful is refused with its line."""

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from caio_portal.common.uploads.limits import (
    CELL_CHARACTERS,
    HEADER_CHARACTERS,
    LINE_CHARACTERS,
    MB,
    RATIO,
    TABLE_BYTES,
    Refused,
    Row,
)

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS = (",", ";", "\t")
_PREVIEW_ROWS = 5
_AROUND = 40


class Counted(io.RawIOBase):
    """A binary file that refuses to deliver more than it may, whatever an archive promised."""

    def __init__(self, file: BinaryIO, packed: int) -> None:
        self.file = file
        self.count = 0
        self._limit = min(TABLE_BYTES, max(MB, RATIO * packed)) if packed else TABLE_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self.file.read(len(buffer))
        self.count += len(data)
        if self.count > TABLE_BYTES:
            raise Refused(f"The file is larger than {TABLE_BYTES // MB} MB.", "too_large")
        if self.count > self._limit:
            raise Refused(f"The gzip archive unpacks to more than {RATIO} times its size.", "bomb")
        buffer[: len(data)] = data
        return len(data)

    def restart(self) -> None:
        self.file.seek(0)
        self.count = 0


def encoding_of(start: bytes) -> str:
    """The encoding that the first bytes declare; UTF-8 when they declare none."""
    return next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")


def rows(file: BinaryIO, encoding: str = "", packed: int = 0) -> Iterator[Row]:
    """The rows of a CSV file, each with the line on which it begins; packed is the size in bytes of its archive."""
    file.seek(0)
    encoding = encoding or encoding_of(file.read(4))
    counted = Counted(file, packed)
    counted.restart()
    try:
        yield from _parsed(counted, encoding)
    except UnicodeDecodeError:
        raise _wrong_encoding(counted, encoding) from None


def _parsed(counted: Counted, encoding: str) -> Iterator[Row]:
    lines = _lines(io.TextIOWrapper(io.BufferedReader(counted), encoding, newline=""))
    csv.field_size_limit(CELL_CHARACTERS)
    first = next(lines, "")
    if len(first) > HEADER_CHARACTERS:
        raise Refused(f"The first line is longer than {HEADER_CHARACTERS:,} characters: not a header.", "no_table")
    reader = csv.reader(_again(first, lines), delimiter=_delimiter(first), strict=True)
    begins = 1
    try:
        for row in reader:
            yield begins, row
            begins = reader.line_num + 1
    except csv.Error as error:
        raise _not_csv(str(error), begins, reader.line_num) from None


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    number = 0
    while line := text.readline(LINE_CHARACTERS + 1):
        number += 1
        if len(line) > LINE_CHARACTERS:
            raise Refused(f"Line {number} is longer than {LINE_CHARACTERS:,} characters.", "too_long", line=number)
        if "\0" in line:
            raise Refused(
                f"Line {number} has a NUL character at position {line.index(chr(0)) + 1}: this is no text file, or"
                " UTF-16 without a byte order mark. Save it as “CSV UTF-8”.",
                "nul",
                line=number,
            )
        yield line


def _delimiter(header: str) -> str:
    counts = {delimiter: header.count(delimiter) for delimiter in _DELIMITERS}
    return max(_DELIMITERS, key=lambda delimiter: counts[delimiter])


def _not_csv(message: str, begins: int, line: int) -> Refused:
    if "field limit" in message:
        sentence = (
            f"The row that begins in line {begins} has a cell of more than {CELL_CHARACTERS:,} characters. A quotation"
            " mark that is never closed can be the cause."
        )
        return Refused(sentence, "too_long", line=begins)
    if "end of data" in message:
        return Refused(f"A quotation mark opened in line {begins} is never closed.", "quotes", line=begins)
    if "expected after" in message:
        sentence = f"Line {line} has text after a closing quotation mark. Write a quotation mark in a cell twice."
        return Refused(sentence, "quotes", line=line)
    return Refused(f"Line {line} is not valid CSV ({message}).", "not_csv", line=line)


def _wrong_encoding(counted: Counted, encoding: str) -> Refused:
    """Say where the text is not in the expected encoding, and show how it reads as Windows-1252."""
    if encoding not in ("utf-8", "utf-8-sig"):
        return Refused(f"The file is not valid {encoding.upper()}: it is damaged, or of another encoding.", "encoding")
    wrong = list(islice(_not_utf8(counted), _PREVIEW_ROWS))
    if not wrong:
        return Refused("The file ends in the middle of a character: it is damaged.", "encoding")
    number, raw, at = wrong[0]
    sentence = f"Line {number} is not UTF-8: its byte {at + 1} has the value {raw[at]:02X} (hexadecimal)."
    if (other := _first_utf8(counted)) is not None:
        sentence = f"Line {number} is not UTF-8, but line {other} is: parts of the file have different encodings."
        return Refused(f"{sentence} Save each part as “CSV UTF-8” before you join them.", "encoding", line=number)
    try:
        preview = [_excerpt(*one) for one in wrong]
    except UnicodeDecodeError:
        return Refused(f"{sentence} Save the file as “CSV UTF-8”.", "encoding", line=number)
    return Refused(
        f"{sentence} It may be Windows-1252, as older programs save it: read it so if the words below look right.",
        "windows-1252",
        line=number,
        preview=preview,
    )


def _not_utf8(counted: Counted) -> Iterator[tuple[int, bytes, int]]:
    """Number, bytes and first wrong byte of each line that is not UTF-8."""
    for number, raw in _raw_lines(counted):
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            yield number, raw, error.start


def _raw_lines(counted: Counted) -> Iterator[tuple[int, bytes]]:
    counted.restart()
    buffered = io.BufferedReader(counted)
    number = 0
    try:
        while raw := buffered.readline(LINE_CHARACTERS):
            number += 1
            yield number, raw
    finally:
        buffered.detach()  # else it would close the file


def _first_utf8(counted: Counted) -> int | None:
    """The first line whose letters beyond ASCII are UTF-8; by chance, those of another encoding hardly ever are."""
    for number, raw in _raw_lines(counted):
        if not raw.isascii() and _is_utf8(raw):
            return number
    return None


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _excerpt(number: int, raw: bytes, at: int) -> list[str]:
    raw.decode("cp1252")
    return [f"line {number}", raw[max(0, at - _AROUND) : at + _AROUND].decode("cp1252").strip()]
