"""What the columns of an unknown file hold: samples, frequent answers, and what kind of values they look like."""

import re
from collections import Counter
from typing import IO

from caio_portal.common.records import Record
from caio_portal.common.uploads.guard import opened
from caio_portal.common.uploads.limits import Refused
from portfolio.inventory.dates import read_date
from portfolio.inventory.reading import Progress

_DISTINCT = 1_000  # different cells that are remembered of a column
_ANSWERS = 200  # a column of more different cells than this holds text, not answers
_ANSWER_CHARACTERS = 120
_SAMPLES = 3
_SAMPLE_CHARACTERS = 90
_ROWS_A_STEP = 500
# 1.234,5 or 45.000: a comma before the fraction; 1,234.5 or 12.5: a point.
_COMMA = re.compile(r"\D{0,4}\d{1,3}((\.\d{3})+(,\d+)?|(\d*,\d{1,2}))\D{0,4}$")
_POINT = re.compile(r"\D{0,4}\d{1,3}((,\d{3})+(\.\d+)?|(\d*\.\d{1,2}))\D{0,4}$")


class ColumnLook(Record):
    """One column: `distinct` stops counting at a thousand, `answers` are empty where the cells are free text."""

    name: str
    filled: int
    distinct: int
    longest: int
    samples: tuple[str, ...]
    answers: tuple[tuple[str, int], ...]
    day_first: int  # of the different cells looked at, those that are a date with the day first
    month_first: int
    comma: int  # numbers with a comma before the fraction, or points between the thousands
    point: int
    looked_at: int

    @property
    def dates(self) -> float:
        """Which part of the cells are dates, in the better of the two orders."""
        return max(self.day_first, self.month_first) / self.looked_at if self.looked_at else 0


class FileLook(Record):
    rows: int
    columns: tuple[ColumnLook, ...]

    @property
    def header(self) -> list[str]:
        return [column.name for column in self.columns]


def look(file: IO[bytes], encoding: str = "", progress: Progress | None = None) -> FileLook:
    """Read a whole table and say what its columns hold; raises Refused as any reading does."""
    with opened(file, encoding) as table:
        columns = [_Column(" ".join(name.split())) for name in table.header]
        rows = 0
        for rows, (_, cells) in enumerate(table, 1):
            for column, cell in zip(columns, cells, strict=True):
                column.add(cell)
            if progress and rows % _ROWS_A_STEP == 0:
                progress(rows, None)
    if not rows:
        raise Refused("The file names its columns, but has no rows.", "no_table")
    return FileLook(rows=rows, columns=tuple(column.look() for column in columns))


class _Column:
    def __init__(self, name: str) -> None:
        self.name = name
        self.filled = self.longest = 0
        self.cells: Counter[str] = Counter()

    def add(self, cell: str) -> None:
        text = cell.strip()
        if not text:
            return
        self.filled += 1
        self.longest = max(self.longest, len(text))
        if text in self.cells or len(self.cells) < _DISTINCT:
            self.cells[text] += 1

    def look(self) -> ColumnLook:
        frequent = self.cells.most_common(_ANSWERS)
        has_answers = len(self.cells) <= _ANSWERS and self.longest <= _ANSWER_CHARACTERS
        return ColumnLook(
            name=self.name,
            filled=self.filled,
            distinct=len(self.cells),
            longest=self.longest,
            samples=tuple(_shortened(text) for text, _ in frequent[:_SAMPLES]),
            answers=tuple(frequent) if has_answers else (),
            day_first=sum(read_date(text, "dmy") is not None for text, _ in frequent),
            month_first=sum(read_date(text, "mdy") is not None for text, _ in frequent),
            comma=sum(_COMMA.match(text) is not None for text, _ in frequent),
            point=sum(_POINT.match(text) is not None for text, _ in frequent),
            looked_at=len(frequent),
        )


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SAMPLE_CHARACTERS else f"{text[: _SAMPLE_CHARACTERS - 1]}…"
