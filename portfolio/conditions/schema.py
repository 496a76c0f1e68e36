"""The shape of conditions: which operator asks what of which kind of fact."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, model_validator

from caio_portal.common.records import Record
from portfolio.catalogue import NoSuchFact
from portfolio.facts import CATALOGUE, REFERENCES, Fact, Kind


class All(Record):
    all: tuple["Condition", ...] = Field(min_length=1)


class AnyOf(Record):
    any: tuple["Condition", ...] = Field(min_length=1)


class Not(Record):
    not_: "Condition" = Field(alias="not")


class AtLeastOf(Record):
    """At least COUNT of several conditions hold."""

    count: int = Field(ge=1)
    of: tuple["Condition", ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _can_hold(self) -> Self:
        if self.count > len(self.of):
            raise ValueError(f"{self.count} of {len(self.of)} conditions can never hold")
        return self


class _Leaf(Record):
    fact: str

    @model_validator(mode="after")
    def _suits_the_fact(self) -> Self:
        if self.fact not in CATALOGUE:
            raise NoSuchFact(f"{self.fact} is not the name of a fact")
        kinds, wanted = self._suits()
        fact = CATALOGUE[self.fact]
        if fact.kind not in kinds:
            raise ValueError(f"{self.fact} is a {fact.kind}, which this condition cannot ask about")
        if unknown := [key for key in wanted if not isinstance(key, bool) and key not in fact.choices]:
            raise ValueError(f"{self.fact} is never {', '.join(map(str, unknown))}")
        return self

    def _suits(self) -> tuple[set[Kind], Sequence[str | bool]]:
        raise NotImplementedError


class Is(_Leaf):
    is_: bool | str = Field(alias="is")

    def _suits(self) -> tuple[set[Kind], Sequence[str | bool]]:
        return {Kind.YES_NO} if isinstance(self.is_, bool) else {Kind.CHOICE}, [self.is_]


class In(_Leaf):
    in_: tuple[str, ...] = Field(alias="in", min_length=1)

    def _suits(self) -> tuple[set[Kind], Sequence[str | bool]]:
        return {Kind.CHOICE}, self.in_


class Contains(_Leaf):
    """A fact that is a list holds this key, or at least one of these."""

    contains: str | tuple[str, ...] = Field(min_length=1)

    @property
    def keys(self) -> tuple[str, ...]:
        return (self.contains,) if isinstance(self.contains, str) else self.contains

    def _suits(self) -> tuple[set[Kind], Sequence[str | bool]]:
        return {Kind.CHOICES}, self.keys


class AtLeast(_Leaf):
    """A number, an amount in the currency of the house, or how many rows a table has."""

    at_least: float

    def _suits(self) -> tuple[set[Kind], Sequence[str | bool]]:
        return {Kind.NUMBER, Kind.MONEY, Kind.TABLE}, ()


class Named(_Leaf):
    """A person, unit or product has one of these names; an e-mail address, or the vendor's name, counts as well."""

    named: tuple[str, ...] = Field(min_length=1)

    def _suits(self) -> tuple[set[Kind], Sequence[str | bool]]:
        return set(REFERENCES), ()


class SomeRow(_Leaf):
    """Some row of a table holds this, or one of these, in a column."""

    column: str
    some_row: bool | tuple[str, ...]

    def _suits(self) -> tuple[set[Kind], Sequence[str | bool]]:
        if CATALOGUE[self.fact].kind is Kind.TABLE:
            self._suits_the_column(CATALOGUE[self.fact].columns.get(self.column))
        return {Kind.TABLE}, ()

    def _suits_the_column(self, column: Fact | None) -> None:
        keys = () if isinstance(self.some_row, bool) else self.some_row
        if column is None or column.kind is not (Kind.CHOICE if keys else Kind.YES_NO):
            raise ValueError(f"{self.fact} has no column {self.column} that this condition can ask about")
        if strange := set(keys) - column.choices.keys():
            raise ValueError(f"{self.column} is never {', '.join(sorted(strange))}")


_OPERATORS = {
    "all": All, "any": AnyOf, "not": Not, "count": AtLeastOf,
    "is": Is, "in": In, "contains": Contains, "at_least": AtLeast, "named": Named, "some_row": SomeRow,
}  # fmt: skip
_FIELDS = {name if name not in {"not", "is", "in"} else f"{name}_": name for name in _OPERATORS}


def _operator(raw: Any) -> str | None:
    """The one operator that a raw condition (or one already read) uses."""
    if isinstance(raw, Record):
        return next(_FIELDS[name] for name in type(raw).model_fields if name in _FIELDS)
    found = [name for name in _OPERATORS if name in raw] if isinstance(raw, dict) else []
    return found[0] if len(found) == 1 else None


Condition = Annotated[
    Annotated[All, Tag("all")]
    | Annotated[AnyOf, Tag("any")]
    | Annotated[Not, Tag("not")]
    | Annotated[AtLeastOf, Tag("count")]
    | Annotated[Is, Tag("is")]
    | Annotated[In, Tag("in")]
    | Annotated[Contains, Tag("contains")]
    | Annotated[AtLeast, Tag("at_least")]
    | Annotated[Named, Tag("named")]
    | Annotated[SomeRow, Tag("some_row")],
    Discriminator(
        _operator,
        custom_error_type="one_operator",
        custom_error_message=f"A condition uses exactly one of {', '.join(_OPERATORS)}",
    ),
]
for _group in (All, AnyOf, Not, AtLeastOf):
    _group.model_rebuild()

Leaf = Is | In | Contains | AtLeast | Named | SomeRow
