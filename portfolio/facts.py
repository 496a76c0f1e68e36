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
from pathlib import Path
from types import MappingProxyType
from typing import Any

FactValue = str | bool | int | float | list[str]
Facts = Mapping[str, FactValue]

_TEXT_LIMIT = 20_000
_YES = frozenset({"yes", "y", "true", "1", "on"})
_NO = frozenset({"no", "n", "false", "0", "off"})


class Kind(StrEnum):
    """What a fact's value is: a JSON string, boolean, key of a choice, list of keys, number or ISO date."""

    TEXT = "text"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    DATE = "date"


class Unreadable(ValueError):
    """A raw value that is none of the fact's values; the message names what is allowed."""


@dataclass(frozen=True, slots=True)
class Fact:
    name: str
    kind: Kind
    label: str
    help: str
    choices: Mapping[str, str] = field(default_factory=dict)
    uom: str = ""

    def label_of(self, value: FactValue) -> str:
        """How a page shows the value."""
        if isinstance(value, bool):
            return "Yes" if value else "No"
        if isinstance(value, list):
            return ", ".join(self.choices.get(key, key) for key in value)
        if self.kind is Kind.NUMBER:
            return f"{value:,} {self.uom}".strip()
        return self.choices.get(str(value), str(value))


def parse(name: str, raw: object) -> FactValue:
    """The canonical value of a raw one (typed, imported or JSON); raises Unreadable for anything else, blanks too."""
    fact = CATALOGUE.get(name)
    if fact is None:
        raise Unreadable(f"{name} is not the name of a fact.")
    if raw is None or (isinstance(raw, str) and not raw.strip()) or raw in ([], ()):
        raise Unreadable(f"{fact.label} has no value.")
    return _PARSERS[fact.kind](fact, raw)


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
    raise Unreadable(f"{fact.label} is yes or no, not {_shown(raw)}.")


def _choice(fact: Fact, raw: object) -> str:
    if isinstance(raw, bool):
        raw = "yes" if raw else "no"
    key = _KEYS[fact.name].get(_folded(str(raw)))
    if key is None:
        raise Unreadable(f"{fact.label} is one of {', '.join(fact.choices)}, not {_shown(raw)}.")
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
        raise Unreadable(f"{fact.label} is a number from 0 upwards, not {_shown(raw)}.")
    return int(number) if number == number.to_integral_value() else float(number)


def _date(fact: Fact, raw: object) -> str:
    try:
        return date.fromisoformat(str(raw)[:10] if isinstance(raw, date) else str(raw).strip()).isoformat()
    except ValueError:
        raise Unreadable(f"{fact.label} is a date such as 2026-11-21, not {_shown(raw)}.") from None


def _shown(raw: object) -> str:
    text = str(raw)
    return f"“{text if len(text) <= 60 else text[:57] + '…'}”"


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text).strip().casefold()


def _load(path: Path) -> Mapping[str, Fact]:
    tables: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return MappingProxyType(
        {name: Fact(name=name, **{**table, "kind": Kind(table["kind"])}) for name, table in tables.items()}
    )


_PARSERS: Mapping[Kind, Callable[[Fact, object], FactValue]] = {
    Kind.TEXT: _text,
    Kind.YES_NO: _yes_no,
    Kind.CHOICE: _choice,
    Kind.CHOICES: _choices,
    Kind.NUMBER: _number,
    Kind.DATE: _date,
}

CATALOGUE: Mapping[str, Fact] = _load(Path(__file__).with_name("facts.toml"))
_KEYS = {
    fact.name: {_folded(word): key for key, label in fact.choices.items() for word in (label, key)}
    for fact in CATALOGUE.values()
}
