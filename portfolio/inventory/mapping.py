"""From the cells of a row to a use case: its key, title, unit, stage and facts, and what could not be read."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from caio_portal.common.exports import escape
from portfolio import facts
from portfolio.facts import FactValue
from portfolio.inventory.dates import read_date
from portfolio.inventory.header import columns_of
from portfolio.inventory.keys import key_of
from portfolio.inventory.profiles import Column, Profile, folded

TITLE_LIMIT = 300
_SHOWN = 80
_LIST_LIMIT = 20_000

Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read in a row; a warning keeps the row, an error rejects it."""

    line: int
    column: str
    message: str
    value: str = ""
    error: bool = False

    def as_dict(self) -> dict[str, Any]:
        kind = "error" if self.error else "warning"
        return {"line": self.line, "column": self.column, "kind": kind, "message": self.message, "value": self.value}


@dataclass(slots=True)
class Row:
    """One row of an inventory, read: `cells` as they came, `said` what they say in canonical words."""

    line: int
    cells: Cells
    said: Cells
    key: str
    title: str
    unit: str
    agency: str
    stage: str | None
    facts: dict[str, FactValue]
    problems: list[Problem] = field(default_factory=list)

    @property
    def rejected(self) -> bool:
        return any(problem.error for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one cell says: canonical text (blank: nothing), the value it gives to a fact or stage, facts that follow."""

    said: str = ""
    value: Any = None
    sets: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""


class Mapper:
    """Reads the rows of one file with one profile."""

    def __init__(self, profile: Profile, header: Sequence[str]) -> None:
        self.profile = profile
        self.keys, self.unknown = columns_of(profile, header)
        self._readers = {key: self._reader(profile.column(key)) for key in self.keys if key in profile.by_key}
        self._known: dict[str, dict[str, Answer]] = {key: {} for key in self._readers}

    @classmethod
    def for_cells(cls, profile: Profile) -> "Mapper":
        """One that reads cells by the profile's keys, as they were kept."""
        return cls(profile, [column.key for column in profile.columns])

    @cached_property
    def elsewhere(self) -> dict[str, list[str]]:
        """The columns to which an answer belongs: answers slip into neighbouring columns."""
        found: dict[str, list[str]] = {}
        for column in self.profile.columns:
            for answer in column.by_answer:
                found.setdefault(answer, []).append(column.key)
        return found

    def row(self, line: int, values: Sequence[str]) -> Row:
        """Read one row; what cannot be read is among its problems, and its cell is kept."""
        cells = {key: value for key, value in zip(self.keys, values, strict=True) if value != ""}
        return self.read(line, cells)

    def read(self, line: int, cells: Cells) -> Row:
        said: Cells = {}
        stated: dict[str, FactValue] = {}
        problems: list[Problem] = []
        stage = None
        for key, value in cells.items():
            column = self.profile.by_key.get(key)
            if column is None:
                said[key] = value
                continue
            answer = self._answer(column, _unquoted(value))
            if answer.said:
                said[key] = answer.said
            if answer.message:
                problems.append(Problem(line, key, answer.message, value[:_SHOWN]))
            if answer.value is not None and key == self.profile.identity.stage:
                stage = str(answer.value)
            elif answer.value is not None and column.fact:
                stated[column.fact] = answer.value
            for name, follows in answer.sets.items():
                stated.setdefault(name, follows)
        return self._identified(Row(line, cells, said, "", "", "", "", stage, stated, problems))

    def _identified(self, row: Row) -> Row:
        identity, said = self.profile.identity, row.said
        row.title = self._title(row)
        row.unit = said.get(identity.unit or "", "").strip()
        row.agency = said.get(identity.agency or "", "").strip()
        if identity.agency in self.keys and not row.agency:
            row.problems.append(Problem(row.line, identity.agency, "The row names no agency.", error=True))
        row.key = key_of(self.profile, said)
        return row

    def _title(self, row: Row) -> str:
        column = self.profile.identity.title
        title = " ".join(row.said.get(column, "").split())
        if not title:
            message = "The row has no title."
            row.problems.append(Problem(row.line, column, message, error=self.profile.title_required))
            return f"Untitled use case {row.said.get(self.profile.identity.id or '', '')}".strip()
        if len(title) > TITLE_LIMIT:
            message = f"The title is cut to {TITLE_LIMIT} characters; the cell keeps the rest."
            row.problems.append(Problem(row.line, column, message, title[:_SHOWN]))
        return title[:TITLE_LIMIT]

    def _answer(self, column: Column, value: str) -> Answer:
        if column.kind == "text":
            return self._readers[column.key](value)
        known = self._known[column.key]
        answer = known.get(value)
        if answer is None:
            answer = known[value] = self._readers[column.key](value)
        return answer

    def _reader(self, column: Column) -> Callable[[str], Answer]:
        if column.kind == "text":
            return lambda value: self._text(column, value)
        if column.kind == "date":
            return lambda value: self._date(column, value)
        if column.kind == "choices":
            return lambda value: self._choices(column, value)
        if column.options:
            return lambda value: self._choice(column, value)
        return lambda value: self._plain(column, value)

    def _blank(self, value: str) -> bool:
        text = value.strip()
        return not text or text in self.profile.blanks

    def _text(self, column: Column, value: str) -> Answer:
        if self._blank(value):
            return Answer()
        # Excel's escape for a carriage return, which careless converters leave in the text.
        text = value.replace("_x000D_", "").replace("\r\n", "\n")
        if column.fact is None:
            return Answer(text)
        return self._parsed(column, text, text)

    def _date(self, column: Column, value: str) -> Answer:
        if self._blank(value):
            return Answer()
        day = read_date(value, self.profile.date_order)
        if day is None:
            return Answer(value, message="This is not a date that can be read; write it as 2025-11-21.")
        return Answer(day.isoformat(), day.isoformat())

    def _choice(self, column: Column, value: str) -> Answer:
        option = column.by_answer.get(folded(value))
        if option is None:
            return Answer() if self._blank(value) else Answer(value, message=self._unknown(column, value))
        meant = option.means
        if meant is not None and column.fact:
            meant = facts.parse(column.fact, meant)  # type: ignore[assignment]
        return Answer(option.value, meant, option.sets)

    def _choices(self, column: Column, value: str) -> Answer:
        pieces = [
            piece for piece in self._pieces(column, value) if not self._blank(piece) or self._option(column, piece)
        ]
        if not pieces:
            return Answer()
        if not column.options:
            return self._parsed(column, "; ".join(pieces), pieces)
        options = [column.by_answer.get(folded(piece)) for piece in pieces]
        said = "; ".join(option.value if option else piece for option, piece in zip(options, pieces, strict=True))
        unknown = [piece for option, piece in zip(options, pieces, strict=True) if option is None]
        meant = [option.means for option in options if option and option.means is not None]
        message = self._unknown(column, unknown[0]) if unknown else ""
        if not meant or not column.fact:
            return Answer(said, message=message)
        answer = self._parsed(column, said, meant)
        return Answer(said, answer.value, message=message or answer.message)

    def _pieces(self, column: Column, value: str) -> list[str]:
        """The answers in a cell: a list as Python writes it, or answers with separators between them."""
        text = value.strip()
        if text.startswith("[") and text.endswith("]") and len(text) < _LIST_LIMIT:
            try:
                found = ast.literal_eval(text)
            except (ValueError, SyntaxError, MemoryError, RecursionError):
                return [text]
            return [str(piece) for piece in found]
        if self._option(column, text):
            return [text]
        return [piece.strip() for piece in text.split(self.profile.separators) if piece.strip()]

    def said(self, column: Column, value: str) -> str:
        """The answer of a cell in the form in which options are compared."""
        return folded(_unquoted(value))

    def several(self, column: Column, value: str) -> list[tuple[str, str]]:
        """The answers of a cell as they stand there, and in the form in which options are compared."""
        if self._blank(value):
            return []
        return [(piece, folded(piece)) for piece in self._pieces(column, _unquoted(value))]

    def _option(self, column: Column, text: str) -> bool:
        return folded(text) in column.by_answer

    def _plain(self, column: Column, value: str) -> Answer:
        if self._blank(value):
            return Answer()
        raw = value
        if column.kind in ("number", "money") and self.profile.decimal == ",":
            raw = value.replace(".", "").replace(",", ".")
        return self._parsed(column, value.strip(), raw)

    def _parsed(self, column: Column, said: str, raw: object) -> Answer:
        try:
            return Answer(said, facts.parse(str(column.fact), raw))
        except facts.Unreadable as unreadable:
            return Answer(said, message=str(unreadable))

    def _unknown(self, column: Column, value: str) -> str:
        others = [key for key in self.elsewhere.get(folded(value), []) if key != column.key]
        if others and len(folded(value)) > len("in-progress"):
            return f"This is an answer to {others[0]}, not to {column.key}."
        return "This answer is not among the valid ones; the cell is kept, and says nothing."


def _unquoted(value: str) -> str:
    """Without the quotation mark that our exports put before what a spreadsheet would take for a formula."""
    return value[1:] if value[:1] == "'" and escape(value[1:]) == value else value
