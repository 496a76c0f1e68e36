"""The typed names of what can be stated about a use case, shared by questionnaire, policy, imports and export."""

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from caio_portal.common.words import size
from portfolio import fact_values as values
from portfolio.catalogue import Catalogue
from portfolio.fact_values import Unreadable

__all__ = [
    "CATALOGUE",
    "Fact",
    "FactValue",
    "Facts",
    "Kind",
    "Unreadable",
    "described",
    "is_same",
    "material_hash",
    "parse",
    "parse_all",
]

FactValue = str | bool | int | float | list[str] | dict[str, Any] | list[dict[str, Any]]
Facts = Mapping[str, FactValue]

_TEXT_LIMIT, _CELL_LIMIT = 20_000, 1_000
_YES = frozenset({"yes", "y", "true", "1", "on"})
_NO = frozenset({"no", "n", "false", "0", "off"})


class Kind(StrEnum):
    """What a fact's value is: a JSON string, boolean, key of a choice, list of keys, number, ISO date, or an object.

    A table is a list of rows, each an object with the values of its columns.
    """

    TEXT = "text"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    DATE = "date"
    MONEY = "money"
    PERSON = "person"
    UNIT = "unit"
    PRODUCT = "product"
    LINK = "link"
    FILE = "file"
    TABLE = "table"


REFERENCES = frozenset({Kind.PERSON, Kind.UNIT, Kind.PRODUCT})
WHOLE = REFERENCES | {Kind.MONEY, Kind.LINK, Kind.FILE, Kind.TABLE}  # values with parts, written as one
CELLS = frozenset({Kind.TEXT, Kind.YES_NO, Kind.CHOICE, Kind.NUMBER, Kind.DATE, Kind.MONEY})  # what a column may hold


@dataclass(frozen=True)
class Fact:
    """A name with its kind; `uom` of a number is its unit of measure, of money the time that it is for."""

    name: str
    kind: Kind
    label: str
    help: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)
    uom: str = ""
    columns: Mapping[str, "Fact"] = field(default_factory=dict)  # of a table
    rows_max: int = 0  # of a table
    needed: bool = False  # of a column: a row without it is not a row

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """The key of each choice by how it may be spelled."""
        return {_folded(word): key for key, label in self.choices.items() for word in (label, key)}

    def label_of(self, value: FactValue) -> str:
        """How a page shows the value."""
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if self.kind in _WORDS:
            return _WORDS[self.kind](self, value)
        if isinstance(value, list):
            return ", ".join(self.choices.get(str(key), str(key)) for key in value)
        return self.choices.get(str(value), str(value))

    def cell_of(self, value: FactValue) -> str:
        """The value as a file keeps it: `parse` reads it again, but for a file."""
        if self.kind is Kind.TABLE:
            return json.dumps(value, ensure_ascii=False)
        if self.kind is Kind.MONEY:
            amount, currency = values.amount_of(value)
            return f"{amount} {currency}"
        return self.label_of(value)


def parse(name: str, raw: object) -> FactValue:
    """The canonical value of a raw one (typed, imported or JSON); raises Unreadable for anything else, blanks too."""
    fact = CATALOGUE.get(name)
    if fact is None:
        raise Unreadable(f"{name} is not the name of a fact.")
    if raw is None or (isinstance(raw, str) and not raw.strip()) or raw in ([], ()):
        raise Unreadable(f"{fact.label} has no value.")
    return _PARSERS[fact.kind](fact, raw)


def is_same(name: str, known: FactValue | None, read: FactValue | None) -> bool:
    """Whether what a file says of a fact is what is known: a file holds people and products by their names only."""
    if known == read:
        return True
    return isinstance(read, str) and not isinstance(known, str | None) and CATALOGUE[name].cell_of(known) == read


def parse_all(raw: Mapping[str, object]) -> dict[str, FactValue]:
    """Every stated value in canonical form; blanks are left out, for absent means unknown."""
    return {name: parse(name, value) for name, value in raw.items() if value not in (None, "", [])}


def material_hash(facts: Facts, material_names: Collection[str]) -> str:
    """SHA-256, in hexadecimal, of the canonical JSON of those facts that an approval depends on."""
    material = {name: facts[name] for name in material_names if name in facts}
    text = json.dumps(material, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _text(fact: Fact, raw: object) -> str:
    text = str(raw).replace("\x00", "").strip()
    if len(text) > _TEXT_LIMIT:
        raise Unreadable(f"{fact.label} is longer than {_TEXT_LIMIT:,} characters.")
    return text


def _yes_no(fact: Fact, raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    word = str(raw).strip().lower()
    if word in _YES | _NO:
        return word in _YES
    raise Unreadable(f"{fact.label} is yes or no, not {values.shown(raw)}.")


def _choice(fact: Fact, raw: object) -> str:
    if isinstance(raw, bool):
        raw = "yes" if raw else "no"
    key = fact.keys.get(_folded(str(raw)))
    if key is None:
        raise Unreadable(f"{fact.label} is one of {', '.join(fact.choices)}, not {values.shown(raw)}.")
    return key


def _choices(fact: Fact, raw: object) -> list[str]:
    several = list(raw) if isinstance(raw, list | tuple | set | frozenset) else [raw]
    chosen = {_choice(fact, one) for one in several}
    if "none" in chosen and len(chosen) > 1:
        raise Unreadable(f"{fact.label} is none, or others, not both.")
    return [key for key in fact.choices if key in chosen]


def _number(fact: Fact, raw: object) -> int | float:
    text = re.sub(r"[\s,_'$€£]", "", str(raw)) if isinstance(raw, str) else str(raw)
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if isinstance(raw, bool) or not number.is_finite() or not 0 <= number < Decimal(10) ** 15:
        raise Unreadable(f"{fact.label} is a number from 0 upwards, not {values.shown(raw)}.")
    return int(number) if number == number.to_integral_value() else float(number)


def _date(fact: Fact, raw: object) -> str:
    try:
        return date.fromisoformat(str(raw)[:10] if isinstance(raw, date) else str(raw).strip()).isoformat()
    except ValueError:
        raise Unreadable(f"{fact.label} is a date such as 2026-11-21, not {values.shown(raw)}.") from None


def _table(fact: Fact, raw: object) -> list[dict[str, Any]]:
    """The rows that are not blank, each with the canonical values of its columns. Files hold them as JSON."""
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raise Unreadable(f"{fact.label} is a list of rows.") from None
    if not isinstance(raw, list) or not all(isinstance(row, Mapping) for row in raw):
        raise Unreadable(f"{fact.label} is a list of rows.")
    rows = [(number, row) for number, row in enumerate(raw, 1) if any(cell not in ("", None) for cell in row.values())]
    if len(rows) > fact.rows_max:
        raise Unreadable(f"{fact.label} has at most {fact.rows_max} rows, not {len(rows)}.")
    if not rows:
        raise Unreadable(f"{fact.label} has no value.")
    return [_row(fact, number, row) for number, row in rows]


def _row(fact: Fact, number: int, row: Mapping[str, object]) -> dict[str, Any]:
    if strange := row.keys() - fact.columns.keys():
        raise Unreadable(f"{fact.label} has no column {', '.join(sorted(map(str, strange)))}.")
    found: dict[str, Any] = {}
    for key, column in fact.columns.items():
        cell = row.get(key)
        try:
            if cell not in ("", None):
                found[key] = _cell(column, cell)
            elif column.needed:
                raise Unreadable(f"{column.label} has no value.")
        except Unreadable as problem:
            raise Unreadable(f"Row {number}: {problem}", number, key) from None
    return found


def _cell(column: Fact, raw: object) -> FactValue:
    value = _PARSERS[column.kind](column, raw)
    if isinstance(value, str) and len(value) > _CELL_LIMIT:
        raise Unreadable(f"{column.label} is longer than {_CELL_LIMIT:,} characters.")
    return value


def _rows_in_words(fact: Fact, value: Any) -> str:
    """Each row on a line of its own."""
    return "\n".join(
        "; ".join(f"{column.label}: {column.label_of(row[key])}" for key, column in fact.columns.items() if key in row)
        for row in value
    )


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()


def _load(path: Path) -> Mapping[str, Fact]:
    tables: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return MappingProxyType({name: described(name, table) for name, table in tables.items()})


def described(name: str, table: Mapping[str, Any]) -> Fact:
    """The fact that a table of facts.toml describes, or one like it."""
    columns = {key: described(key, column) for key, column in table.get("columns", {}).items()}
    if wrong := [key for key, column in columns.items() if column.kind not in CELLS]:
        raise ValueError(f"{name}: a column cannot hold what {', '.join(wrong)} should")
    return Fact(name=name, **{**table, "kind": Kind(table["kind"]), "columns": columns})


_PARSERS: Mapping[Kind, Callable[[Fact, object], FactValue]] = {
    Kind.TEXT: _text,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
    Kind.MONEY: lambda fact, raw: values.money(fact.label, raw),
    Kind.PERSON: lambda fact, raw: values.reference(fact.label, raw),
    Kind.UNIT: lambda fact, raw: values.reference(fact.label, raw),
    Kind.PRODUCT: lambda fact, raw: values.reference(fact.label, raw),
    Kind.LINK: lambda fact, raw: values.link(fact.label, raw),
    Kind.FILE: lambda fact, raw: values.stored_file(fact.label, raw),
    Kind.TABLE: _table,
}
_WORDS: Mapping[Kind, Callable[[Fact, Any], str]] = {
    Kind.NUMBER: lambda fact, value: f"{value:,} {fact.uom}".strip(),
    Kind.MONEY: lambda fact, value: values.money_words(value, fact.uom),
    Kind.PERSON: lambda fact, value: values.reference_words(value),
    Kind.UNIT: lambda fact, value: values.reference_words(value),
    Kind.PRODUCT: lambda fact, value: values.reference_words(value),
    Kind.LINK: lambda fact, value: values.link_words(value),
    Kind.FILE: lambda fact, value: f"{value['name']} ({size(value['size'])})",
    Kind.TABLE: _rows_in_words,
}

CATALOGUE = Catalogue(_load(Path(__file__).with_name("facts.toml")))
