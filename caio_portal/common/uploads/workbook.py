"""A streaming reader of XLSX files: the values of one sheet, row by row."""

import re
import zipfile
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from caio_portal.common.uploads.archive import elements, local, opened, parse
from caio_portal.common.uploads.limits import (
    BLANK_CELLS,
    CELL_CHARACTERS,
    CELLS,
    COLUMNS,
    FILLED_SHARE,
    ROWS,
    ROWS_ABOVE,
    SHARED_STRING_CHARACTERS,
    SHARED_STRINGS,
    Note,
    Refused,
    Row,
    row_too_far,
    too_many_blank_cells,
    too_many_blank_rows,
    too_many_cells,
)
from caio_portal.common.uploads.scanning import scan_sheet, scan_strings
from caio_portal.common.uploads.styles import Dates, dates_in

_REFERENCE = re.compile(r"([A-Z]{1,3})[0-9]{1,7}$")
_STRINGS = "xl/sharedStrings.xml"
_NAMED = 4  # merged ranges that are named
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_TAGS = {f"{_MAIN} {tag}": tag for tag in ("row", "c", "v", "t", "is", "f", "si", "r")}  # found faster than cut out
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


def rows(file: BinaryIO, notes: list[Note]) -> Iterator[Row]:
    """The rows of the first visible sheet; dates as CSV files write them, errors as their words.

    NOTES gets what the values alone do not tell: formulas and merged cells.
    """
    archive = opened(file)
    part, epoch_1904 = _first_sheet(archive)
    scan_sheet(archive, part)
    strings = _shared_strings(archive)
    sheet = _Sheet(strings, dates_in(elements(archive, "xl/styles.xml"), epoch_1904))
    for _ in parse(archive, part, sheet.start, sheet.end, sheet.text):
        while sheet.rows:
            yield sheet.rows.popleft()
    notes += sheet.notes()


def _first_sheet(archive: zipfile.ZipFile) -> tuple[str, bool]:
    """The part of the first sheet that is not hidden, and whether its days count from 1904."""
    wanted = ""
    epoch_1904 = False
    for name, attributes in elements(archive, "xl/workbook.xml"):
        if name == "workbookPr":
            epoch_1904 = attributes.get("date1904") in ("1", "true")
        if name == "sheet" and not wanted and attributes.get("state", "visible") == "visible":
            wanted = next((value for key, value in attributes.items() if key.rpartition(" ")[2] == "id"), "")
    for name, attributes in elements(archive, "xl/_rels/workbook.xml.rels"):
        if name == "Relationship" and attributes.get("Id") == wanted:
            target = attributes.get("Target", "")
            part = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
            if part in archive.namelist():
                return part, epoch_1904
    raise Refused("The workbook has no visible sheet.", "not_workbook")


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    if _STRINGS not in archive.namelist():
        return []
    scan_strings(archive, _STRINGS)
    strings = _Strings()
    for _ in parse(archive, _STRINGS, strings.start, strings.end, strings.text):
        pass
    return strings.found


class _Strings:
    """Collects shared strings: the runs of a rich text are joined, phonetic guides left out."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self._pieces: list[str] = []
        self._length = self._total = 0
        self._reading = self._phonetic = False

    def start(self, name: str, _: dict[str, str]) -> None:
        tag = _TAGS.get(name) or local(name)
        if tag == "si":
            self._pieces, self._length = [], 0
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "t":
            self._reading = not self._phonetic

    def end(self, name: str) -> None:
        tag = _TAGS.get(name) or local(name)
        if tag == "rPh":
            self._phonetic = False
        elif tag == "t":
            self._reading = False
        elif tag == "si":
            self.found.append(unescaped("".join(self._pieces)))
            if len(self.found) > SHARED_STRINGS or self._total > SHARED_STRING_CHARACTERS:
                raise Refused("The workbook has too much text.", "too_large")

    def text(self, data: str) -> None:
        if self._reading:
            self._length += len(data)
            self._total += len(data)
            if self._length > CELL_CHARACTERS:
                raise Refused(f"A cell has more than {CELL_CHARACTERS:,} characters.", "too_long")
            self._pieces.append(data)


class _Sheet:
    """Collects the rows of a sheet; a cell beyond the limits is refused only if something is in it."""

    def __init__(self, strings: list[str], dates: Dates) -> None:
        self.rows: deque[Row] = deque()
        self._strings, self._dates = strings, dates
        self._cells: dict[int, str] = {}
        self._row = self._column = self._length = self._count = 0
        self._kind = self._style = ""
        self._pieces: list[str] = []
        self._reading = self._phonetic = False
        self._filled = self._formulas = self._rows_seen = 0
        self._has_formula = False
        self._unsaved = 0  # formulas whose values were not saved
        self._first_unsaved = 0
        self._merged: list[str] = []

    def notes(self) -> list[Note]:
        """What is to be said of formulas and merged cells."""
        found: list[Note] = []
        if self._formulas:
            found.append(
                (0, f"{_cells(self._formulas, 'holds a formula', 'hold formulas')}: the values saved are read.")
            )
        if self._unsaved:
            said = _cells(self._unsaved, "holds a formula", "hold formulas")
            found.append((self._first_unsaved, f"{said} without a saved value, from this row on, and read as blank."))
        if self._merged:
            where = ", ".join(self._merged[:_NAMED])
            found.append((0, f"Cells are merged ({where}): the first of each holds the value, the others are blank."))
        return found

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = _TAGS.get(name) or local(name)
        if tag == "c":
            self._start_cell(attributes)
        elif tag in ("v", "t"):
            self._reading = not self._phonetic
        elif tag == "row":
            number = attributes.get("r", "")
            self._rows_seen += 1
            if self._rows_seen > 2 * ROWS:
                raise too_many_blank_rows(self._rows_seen)
            self._row = int(number) if number.isdecimal() and len(number) < 8 else self._row + 1
            self._column = 0
            self._cells = {}
        else:
            self._start_other(tag, attributes)

    def _start_other(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "rPh":
            self._phonetic = True
        elif tag == "f":
            self._has_formula = True
        elif tag == "mergeCell" and len(self._merged) <= _NAMED:
            self._merged.append(attributes.get("ref", "")[:20])

    def _start_cell(self, attributes: dict[str, str]) -> None:
        match = _REFERENCE.match(attributes.get("r", ""))
        self._column = _column_number(match[1]) if match else self._column + 1
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "0")
        self._pieces, self._length, self._has_formula = [], 0, False
        self._count += 1
        if self._count - self._filled > max(BLANK_CELLS, FILLED_SHARE * self._filled):
            raise too_many_blank_cells(self._count - self._filled)
        if self._count > CELLS:
            raise too_many_cells()

    def end(self, name: str) -> None:
        tag = _TAGS.get(name) or local(name)
        if tag == "c":
            self._end_cell()
        elif tag in ("v", "t"):
            self._reading = False
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "row" and self._cells:
            cells = self._cells
            self.rows.append((self._row, [cells.get(column, "") for column in range(1, max(cells) + 1)]))

    def _end_cell(self) -> None:
        if not self._pieces:
            if self._has_formula:
                self._unsaved += 1
                self._first_unsaved = self._first_unsaved or self._row
            return
        self._filled += 1
        self._formulas += self._has_formula
        if self._row > ROWS + ROWS_ABOVE:
            raise row_too_far(self._row)
        if self._column > COLUMNS:
            sentence = f"Row {self._row} has a cell in column {self._column:,}; at most {COLUMNS} columns are read."
            raise Refused(sentence, "too_wide", line=self._row)
        self._cells[self._column] = self._value("".join(self._pieces))

    def _value(self, raw: str) -> str:
        if self._kind == "n":
            return self._dates.text(raw, self._style)
        if self._kind == "s":
            index = int(raw) if raw.isdecimal() and len(raw) < 8 else len(self._strings)
            if index >= len(self._strings):
                raise Refused(f"The workbook is damaged: row {self._row} names a text that is not there.")
            return self._strings[index]
        if self._kind == "b":
            return "TRUE" if raw == "1" else "FALSE"
        return unescaped(raw)

    def text(self, data: str) -> None:
        if self._reading:
            self._length += len(data)
            if self._length > CELL_CHARACTERS:
                sentence = f"Row {self._row} has a cell of more than {CELL_CHARACTERS:,} characters."
                raise Refused(sentence, "too_long", line=self._row)
            self._pieces.append(data)


def _cells(count: int, one: str, many: str) -> str:
    return f"1 cell {one}" if count == 1 else f"{count:,} cells {many}"


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def unescaped(text: str) -> str:
    """Excel writes some characters as _x000D_: put them back, but for those that no text may hold."""
    return _ESCAPED.sub(_character, text) if "_x" in text else text


def _character(match: re.Match[str]) -> str:
    code = int(match[1], 16)
    allowed = code in (9, 10, 13) or (code >= 32 and not 0xD800 <= code <= 0xDFFF)
    return chr(code) if allowed else match[0]
