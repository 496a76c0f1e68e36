"""Guesses what the columns of an unknown list are, from their names and from what stands in them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from caio_portal.common.uploads.table import normal
from portfolio import facts
from portfolio.facts import Kind
from portfolio.inventory import answers, profiles
from portfolio.inventory.columns import ColumnLook, FileLook

TITLE, ID, UNIT, STAGE = "title", "id", "unit", answers.STAGE
PLACES = {TITLE: "Title", ID: "Identifier", UNIT: "Unit", STAGE: "Stage"}
_LEAST = 0.3  # a weaker guess is none
_SILENT = frozenset(
    """a an and any are be by case cases for from has have if in is it its of on or please the this to use was what
    when which who will with does do ai your you describe list""".split()  # noqa: SIM905
)
_IDENTIFIER = re.compile(r"[A-Za-z]{0,10}[-_ /.#]?\d[\w./-]{0,30}$")
_TELLING = 0.6  # how much of two names must be shared before they resemble each other


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column probably is, and the sentence that says why; no target: keep its cells, read nothing."""

    target: str = ""
    why: str = ""
    score: float = 0


def guess_columns(look: FileLook) -> list[Guess]:
    """One guess a column; each target is given to the column that fits it best."""
    found = sorted(_guesses(look), key=lambda pair: -pair[1].score)
    taken: dict[int, Guess] = {}
    for at, one in found:
        if at not in taken and one.target not in {other.target for other in taken.values()}:
            taken[at] = one
    return [taken.get(at, Guess()) for at in range(len(look.columns))]


def date_order_of(columns: Sequence[ColumnLook]) -> str:
    """Whether dates have the day first, from the dates that can be read in one way only."""
    day = sum(column.day_first for column in columns)
    return "mdy" if sum(column.month_first for column in columns) > day else "dmy"


def decimal_of(columns: Sequence[ColumnLook]) -> str:
    """The sign before the fraction of a number, where the file tells."""
    return "," if sum(column.comma for column in columns) > sum(column.point for column in columns) else "."


def _guesses(look: FileLook) -> Iterator[tuple[int, Guess]]:
    for at, column in enumerate(look.columns):
        for target in (*PLACES, *facts.CATALOGUE):
            one = _guess(column, target, look.rows)
            if one.score >= _LEAST:
                # Of equals the left one: lists begin with what matters.
                yield at, Guess(one.target, one.why, one.score - at / 10_000)


def _guess(column: ColumnLook, target: str, rows: int) -> Guess:
    name = _likeness(column.name, target)
    fit = _fit(column, target, rows)
    label = label_of(target)
    if name == 1:
        return Guess(target, f"The name says {label}.", 0.6 + 0.4 * fit)
    if name:
        return Guess(target, f"The name resembles {label}.", name * (0.2 + 0.6 * fit))
    return _by_contents(column, target, fit, label)


def _by_contents(column: ColumnLook, target: str, fit: float, label: str) -> Guess:
    if target == ID and fit == 1 and all(_IDENTIFIER.match(sample) for sample in column.samples):
        return Guess(target, "Every cell differs and looks like an identifier.", 0.45)
    if target == TITLE and fit > 0.9 and column.longest > 12:
        return Guess(target, "Nearly every cell differs and is short: these may be titles.", 0.3)
    if answers.is_chosen(target) and fit >= 0.8 and _says_much(column, target):
        return Guess(target, f"Its answers are those of {label}.", 0.5 * fit)
    return Guess()


def _says_much(column: ColumnLook, target: str) -> bool:
    """Answers such as yes or other are those of many facts."""
    meant = {answers.guess(target, answer) for answer, _ in answers.pieces(column, target, ";")}
    return len(meant - {"", "yes", "no", "none", "other", "unknown"}) > 1


def _fit(column: ColumnLook, target: str, rows: int) -> float:
    """How well the contents of a column suit a target, 0 to 1; 0.5 when they cannot tell."""
    if not column.filled:
        return 0.25
    if target in (TITLE, ID):
        return _distinctness(column) if column.longest <= (40 if target == ID else 300) else 0.2
    if target == UNIT:
        return 0.5 if column.longest <= 120 and not answers.understood(column, STAGE) > 0.5 else 0.2
    if answers.is_chosen(target):
        return answers.understood(column, target)
    kind = facts.CATALOGUE[target].kind
    if kind is Kind.DATE:
        return column.dates
    if kind in (Kind.NUMBER, Kind.MONEY):
        return _readable(column, target)
    return 0.5 if column.dates < 0.5 else 0.1


def _distinctness(column: ColumnLook) -> float:
    return min(1.0, column.distinct / min(column.filled, 1_000))


def _readable(column: ColumnLook, target: str) -> float:
    read = 0
    for sample in column.samples:
        try:
            facts.parse(target, sample)
        except facts.Unreadable:
            continue
        read += 1
    return read / len(column.samples)


def label_of(target: str) -> str:
    return PLACES.get(target) or facts.CATALOGUE[target].label


def _likeness(name: str, target: str) -> float:
    """1 for a known name, else the share of telling words in common with the nearest known one."""
    known = _names(target)
    if normal(name) in known:
        return 1
    words = _words(name)
    shared = max((len(words & other) / len(words | other) for other in known.values() if words and other), default=0)
    return shared if shared >= _TELLING else 0


@cache
def _names(target: str) -> dict[str, frozenset[str]]:
    """The known names of a target in the form in which they are compared, with their telling words."""
    wordings = answers.wordings()
    names = list(wordings[target] if target in PLACES else wordings["facts"].get(target, ()))
    if fact := facts.CATALOGUE.get(target):
        names += [fact.name, fact.label]
    for key in profiles.names():
        profile = profiles.load(key)
        names += [name for column in profile.columns if _is(profile, column, target) for name in column.names]
    return {normal(name): _words(name) for name in names}


def _is(profile: profiles.Profile, column: profiles.Column, target: str) -> bool:
    if target in PLACES:
        return column.key == getattr(profile.identity, target)
    return column.fact == target


def _words(name: str) -> frozenset[str]:
    return frozenset(re.findall(r"[a-z0-9]+", name.casefold())) - _SILENT
