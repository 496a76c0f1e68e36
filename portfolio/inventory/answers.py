"""What the answers of an unknown list mean: a stage, or a value of a fact, as far as it can be guessed."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from portfolio import facts
from portfolio.facts import Kind
from portfolio.inventory import profiles
from portfolio.inventory.columns import ColumnLook
from portfolio.inventory.profiles import Value, folded
from portfolio.stages import Stage

STAGE = "stage"
_CHOSEN = (Kind.CHOICE, Kind.CHOICES, Kind.YES_NO)
_NOTHING = frozenset({"n/a", "na", "-", "?", "tbd", "unknown", "not known", "none given", "not applicable", "#n/a"})


@cache
def wordings() -> dict[str, Any]:
    """The words people use for columns and stages, as shipped."""
    return tomllib.loads(Path(__file__).with_name("guesses.toml").read_text(encoding="utf-8"))


def is_chosen(target: str) -> bool:
    """Whether a column of this target holds answers that are chosen from a list."""
    return target == STAGE or (target in facts.CATALOGUE and facts.CATALOGUE[target].kind in _CHOSEN)


def choices(target: str) -> list[tuple[str, str]]:
    """Value and label of what an answer may mean."""
    if target == STAGE:
        return [(stage.value, stage.label) for stage in Stage]
    fact = facts.CATALOGUE[target]
    return [("yes", "Yes"), ("no", "No")] if fact.kind is Kind.YES_NO else list(fact.choices.items())


def meaning(target: str, value: str) -> Value:
    """The value of the fact, or the stage, that a choice of the form stands for."""
    if target != STAGE and facts.CATALOGUE[target].kind is Kind.YES_NO:
        return value == "yes"
    return value


def guess(target: str, answer: str) -> str:
    """The choice that an answer means; blank when nobody can tell."""
    text = folded(answer)
    if text in _NOTHING:
        return ""
    return _spellings(target).get(text, "") or _read(target, answer)


def spellings_of(target: str, value: str) -> list[str]:
    """Every spelling under which a choice is known."""
    return [text for text, meant in _spellings(target).items() if meant == value]


def pieces(column: ColumnLook, target: str, separator: str) -> list[tuple[str, int]]:
    """The different answers of a column and how often each stands there; cells of several answers are taken apart."""
    if target == STAGE or facts.CATALOGUE[target].kind is not Kind.CHOICES:
        return list(column.answers)
    counts: dict[str, int] = {}
    for cell, count in column.answers:
        whole = guess(target, cell)
        for piece in [cell] if whole else split(cell, separator):
            counts[piece] = counts.get(piece, 0) + count
    return sorted(counts.items(), key=lambda pair: -pair[1])


def split(cell: str, separator: str) -> list[str]:
    return [piece.strip() for piece in cell.split(separator) if piece.strip()]


def understood(column: ColumnLook, target: str, separator: str = ";") -> float:
    """Which part of a column's answers, by their number, is understood."""
    found = pieces(column, target, separator)
    total = sum(count for _, count in found)
    return sum(count for answer, count in found if guess(target, answer)) / total if total else 0


def separator_of(columns: Sequence[tuple[ColumnLook, str]]) -> str:
    """The sign between several answers of one cell under which most of them are understood."""
    several = [
        (column, target)
        for column, target in columns
        if target in facts.CATALOGUE and facts.CATALOGUE[target].kind is Kind.CHOICES
    ]
    return max(";,|", key=lambda sign: sum(understood(column, target, sign) for column, target in several))


def _read(target: str, answer: str) -> str:
    if target == STAGE:
        return ""
    try:
        value = facts.parse(target, answer)
    except facts.Unreadable:
        return ""
    if isinstance(value, list):
        return str(value[0])
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


@cache
def _spellings(target: str) -> dict[str, str]:
    """Every known spelling of an answer, in the folded form, with what it means."""
    known: dict[str, str] = {}
    for key in profiles.names():
        profile = profiles.load(key)
        for column in profile.columns:
            if (profile.identity.stage if target == STAGE else None) == column.key or column.fact == target:
                known |= {
                    text: word(option.means) for text, option in column.by_answer.items() if option.means is not None
                }
    for stage, words in wordings()["stages"].items() if target == STAGE else ():
        known |= {folded(word): stage for word in (*words, stage)}
    return known


def word(meant: Value) -> str:
    """How a form writes what an answer means."""
    return ("yes" if meant else "no") if isinstance(meant, bool) else str(meant)
