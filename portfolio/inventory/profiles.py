"""Profiles: which column of an inventory says what: TOML files beside this module, and those an organisation made."""

import re
import tomllib
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from caio_portal.common.errors import Invalid
from caio_portal.common.records import Record
from portfolio import facts
from portfolio.inventory.dates import Order
from portfolio.models import ImportProfile
from portfolio.stages import Stage

_FOLDER = Path(__file__).with_name("profiles")
_LETTERED = re.compile(r"^(?:[a-z]\)\s*)+")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_SPACES = re.compile(r"\s+")

Value = str | bool | int | float
Kind = Literal[
    "text", "choice", "choices", "date", "yes_no", "number", "money", "person", "unit", "product", "link", "file",
    "table",
]  # fmt: skip


def folded(text: str) -> str:
    """The form in which an answer is compared with the options: `b)  Pilot` and `pilot` are the same."""
    text = _DASHES.sub("-", text.replace("\u2019", "'").replace("\xa0", " "))
    return _LETTERED.sub("", _SPACES.sub(" ", text).strip().casefold())


class Option(Record):
    """One valid answer of a column, in all its spellings, and what it says about the use case."""

    value: str
    official: str = ""  # as the published template spells it
    also: tuple[str, ...] = ()
    means: Value | None = None  # the value of the column's fact, or the stage
    sets: dict[str, Value] = {}  # other facts that follow from it
    covers: tuple[str, ...] = ()  # stages that are written as this answer, too
    done: bool = False  # of a practice: it is in place

    @property
    def spellings(self) -> tuple[str, ...]:
        return tuple(text for text in (self.value, self.official, *self.also) if text)


class Column(Record):
    """One column of an inventory. `required` names the answers of other columns under which it may not be blank."""

    key: str
    header: str = ""
    also: tuple[str, ...] = ()
    kind: Kind = "text"
    fact: str | None = None
    options: tuple[Option, ...] = ()
    required: dict[str, tuple[str, ...]] | None = None
    consolidated: bool = False  # added when many inventories become one; a single one has none
    practice: bool = False  # one of the minimum practices, whose answers readiness counts

    @cached_property
    def by_answer(self) -> dict[str, Option]:
        return {folded(text): option for option in self.options for text in option.spellings}

    @cached_property
    def names(self) -> tuple[str, ...]:
        return (self.key, self.header or self.key, *self.also)


class Identity(Record):
    """Which columns say what a row is: its use case, its unit, its key."""

    title: str
    unit: str | None = None
    agency: str | None = None
    bureau: str | None = None
    id: str | None = None
    key: tuple[str, ...] = ()  # the columns that tell one row from another; without them agency and id
    stage: str | None = None
    contact: str | None = None
    withheld: str | None = None  # a choice: the first option is what is not withheld


class Profile(Record):
    """How one kind of inventory is read and written."""

    key: str
    title: str
    unit: str  # under which unit its rows go when none is named
    version: int = 1
    title_required: bool = True
    date_order: Order = "mdy"
    blanks: frozenset[str] = frozenset()  # cells that say nothing
    separators: str = ";"
    decimal: Literal[".", ","] = "."  # the sign before the fraction of a number
    facts: Literal["none", "all"] = "none"  # all: every fact has a column of its name
    identity: Identity
    columns: tuple[Column, ...] = Field(min_length=1)

    @model_validator(mode="before")
    @classmethod
    def _with_a_column_per_fact(cls, document: Any) -> Any:
        if document.get("facts") != "all":
            return document
        named = {column["key"] for column in document["columns"]}
        return {**document, "columns": [*document["columns"], *_fact_columns(named)]}

    @model_validator(mode="after")
    def _says_what_the_portal_knows(self) -> Self:
        keys = {column.key for column in self.columns}
        identity = self.identity.model_dump()
        for named in (*identity.pop("key"), *identity.values()):
            if named is not None and named not in keys:
                raise ValueError(f"The identity names the column {named}, which is not described.")
        for column in self.columns:
            self._check(column, keys)
        return self

    def _check(self, column: Column, keys: set[str]) -> None:
        for other, answers in (column.required or {}).items():
            if other not in keys or any(folded(answer) not in self.column(other).by_answer for answer in answers):
                raise ValueError(f"{column.key} is required under an answer of {other} that does not exist.")
        for option in column.options:
            meant = {**option.sets, **({column.fact: option.means} if column.fact and option.means is not None else {})}
            for name, value in meant.items():
                facts.parse(name, value)
            if column.key == self.identity.stage and option.means is not None:
                Stage(str(option.means))

    @cached_property
    def by_key(self) -> dict[str, Column]:
        return {column.key: column for column in self.columns}

    def column(self, key: str) -> Column:
        return self.by_key[key]


def _fact_columns(named: set[str]) -> list[dict[str, Any]]:
    return [
        {"key": fact.name, "header": fact.label, "kind": fact.kind.value, "fact": fact.name}
        for fact in facts.CATALOGUE.values()
        if fact.name not in named
    ]


def names() -> list[str]:
    """The profiles that are shipped."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def titles() -> list[tuple[str, str]]:
    """Key and title of every profile: those that are shipped, then those that the organisation made."""
    saved = ImportProfile.objects.order_by("title", "key", "-version").values_list("key", "title")
    return [*((key, _shipped(key, facts.CATALOGUE.number).title) for key in names()), *dict(saved).items()]


def latest() -> list[Profile]:
    """Every profile in its newest version."""
    saved = ImportProfile.objects.order_by("key", "-version").distinct("key")
    return [*(_shipped(key, facts.CATALOGUE.number) for key in names()), *(_read(row) for row in saved)]


def load(key: str, version: int | None = None) -> Profile:
    """The profile of that key, in its newest version unless one is named; raises Invalid for an unknown one."""
    if key in names():
        return _shipped(key, facts.CATALOGUE.number)
    versions = ImportProfile.objects.filter(key=key, **({"version": version} if version else {}))
    if row := versions.order_by("-version").first():
        return _read(row)
    raise Invalid(f"There is no profile {key}. Known: {', '.join(key for key, _ in titles())}.", "profile")


@lru_cache(maxsize=8)
def _shipped(key: str, facts_number: int) -> Profile:
    """A profile that ships; the plain one has a column for every fact that is known under a number."""
    return Profile.model_validate(tomllib.loads((_FOLDER / f"{key}.toml").read_text(encoding="utf-8")))


def _read(row: ImportProfile) -> Profile:
    return Profile.model_validate({**row.document, "key": row.key, "title": row.title, "version": row.version})
