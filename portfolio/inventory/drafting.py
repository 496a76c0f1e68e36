"""From what somebody chose on the mapping screen to the document of a profile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portfolio import facts
from portfolio.facts import Kind
from portfolio.inventory import answers
from portfolio.inventory.guessing import ID, STAGE, TITLE, UNIT
from portfolio.inventory.profiles import folded

BLANKS = ("N/A", "n/a", "-", "?", "TBD", "unknown", "Unknown")
_SPOKEN = {"yes": ("y", "true", "1"), "no": ("n", "false", "0")}


@dataclass(frozen=True)
class Draft:
    """What was chosen; targets by column name, meanings by column name and answer (blank: says nothing)."""

    title: str
    unit: str
    targets: Mapping[str, str]
    key: Sequence[str] = ()
    meanings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    date_order: str = "dmy"
    separator: str = ";"
    decimal: str = "."

    def column_of(self, target: str) -> str | None:
        return next((name for name, given in self.targets.items() if given == target), None)


def document_of(draft: Draft) -> dict[str, Any]:
    """The profile as it is kept: a column for each of the file, those that nothing is read from, too."""
    nothing = {answer for given in draft.meanings.values() for answer, meant in given.items() if not meant}
    return {
        "unit": draft.unit,
        "date_order": draft.date_order,
        "separators": draft.separator,
        "decimal": draft.decimal,
        "blanks": sorted({*BLANKS, *nothing}),
        "identity": {
            "title": draft.column_of(TITLE),
            "unit": draft.column_of(UNIT),
            "bureau": draft.column_of(UNIT),
            "id": draft.column_of(ID),
            "stage": draft.column_of(STAGE),
            "key": list(draft.key),
        },
        "columns": [_column(draft, name, target) for name, target in draft.targets.items()],
    }


def _column(draft: Draft, name: str, target: str) -> dict[str, Any]:
    column: dict[str, Any] = {"key": name, "header": name}
    if target in facts.CATALOGUE:
        column |= {"fact": target, "kind": facts.CATALOGUE[target].kind.value}
    if answers.is_chosen(target):
        several = target in facts.CATALOGUE and facts.CATALOGUE[target].kind is Kind.CHOICES
        column["kind"] = "choices" if several else "choice"
        column["options"] = _options(target, draft.meanings.get(name, {}))
    return column


def _options(target: str, meanings: Mapping[str, str]) -> list[dict[str, Any]]:
    """An option for each choice: its spellings in this file first, then those that it is known by anyway."""
    said = {folded(answer) for answer in meanings}
    options = []
    for value, label in answers.choices(target):
        here = [answer for answer, meant in meanings.items() if meant == value]
        usual = [
            word
            for word in (label, value, *answers.spellings_of(target, value), *_SPOKEN.get(value, ()))
            if folded(word) not in said
        ]
        spellings = list(dict.fromkeys([*here, *usual]))
        if spellings:
            first, *others = spellings
            options.append({"value": first, "also": others, "means": answers.meaning(target, value)})
    return options
