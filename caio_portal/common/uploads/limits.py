"""How much one file may ask of us, and how it is refused when it asks for more."""

from collections.abc import Iterator, Sequence
from typing import Any

MB = 1 << 20

TEXT_BYTES = 50 * MB
TABLE_BYTES = 100 * MB  # of a table as text: 100,000 use cases with all that a federal inventory says of them
WORKBOOK_BYTES = 20 * MB
DOCUMENT_BYTES = 25 * MB
DOCUMENT_PARTS = 5_000
PARTS = 200
PART_BYTES = 150 * MB
TOTAL_BYTES = 300 * MB
RATIO = 200
ELEMENTS = 400_000  # of a part that describes a workbook: Excel keeps at most 65,490 styles of cells
ROWS = 200_000
ROWS_ABOVE = 100  # a title and blank rows above a sheet's table
COLUMNS = 200
CELL_CHARACTERS = 32_767
CELLS = 4_000_000
LINE_CHARACTERS = 2_000_000
HEADER_CHARACTERS = 64_000
BLANK_CELLS = 300_000  # so many, with hardly any filled ones, are no table
FILLED_SHARE = 50
SHARED_STRINGS = 1_000_000
SHARED_STRING_CHARACTERS = 20_000_000

CHILD_MEMORY = 1024 * MB
CHILD_CPU_SECONDS = 60
WALL_SECONDS = 120

# What the reader of a file should know, and the line that it is about (0: the whole file).
Note = tuple[int, str]

# The number of the line or sheet row on which a row begins, and its cells from the left.
Row = tuple[int, list[str]]


class Refused(ValueError):
    """A file is not read (any further); the message is a sentence for the person who sent it."""

    def __init__(
        self, sentence: str, code: str = "damaged", *, line: int | None = None, preview: Sequence[Sequence[str]] = ()
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        self.line = line
        self.preview = [list(row) for row in preview]
        self.peak_kilobytes = 0  # of the child process that found it

    def as_dict(self) -> dict[str, Any]:
        return {"sentence": self.sentence, "code": self.code, "line": self.line, "preview": self.preview}


def too_many_rows() -> Refused:
    return Refused(f"The file has more than {ROWS:,} rows. Split it and import the parts.", "too_large")


def too_many_cells() -> Refused:
    return Refused(f"The file has more than {CELLS:,} cells. Split it and import the parts.", "too_large")


def too_many_blank_rows(count: int) -> Refused:
    return Refused(f"The file has {count:,} rows so far, blank ones too. Delete those.", "too_large")


def too_many_blank_cells(count: int) -> Refused:
    sentence = f"The sheet has {count:,} blank cells so far. Delete the empty rows and columns."
    return Refused(sentence, "too_large")


def row_too_far(row: int) -> Refused:
    return Refused(f"The sheet has a cell in row {row:,}; at most {ROWS:,} rows are read.", "too_large", line=row)


def counted(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows with anything in them; refuses when they are too many or too wide."""
    found = cells = blank = 0
    for line, row in rows:
        cells += len(row)
        if not any(row):
            blank += 1
            if blank > ROWS or cells > CELLS:
                raise Refused(f"The file has {blank:,} blank rows so far. Delete them.", "too_large")
            continue
        found += 1
        if found > ROWS + 1:
            raise too_many_rows()
        if len(row) > COLUMNS:
            raise Refused(f"Line {line} has more than {COLUMNS} columns.", "too_wide", line=line)
        if cells > CELLS:
            raise too_many_cells()
        yield line, row
