"""Conditions over facts: structured, typed and three-valued (an unknown fact is not a *no*).

There is no condition that asks whether a fact is known: learning a fact could then take back what was decided.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, model_validator

from caio_portal.common.records import Record
from portfolio.fact_values import HOUSE_CURRENCY, amount_of, names_of
from portfolio.facts import CATALOGUE, REFERENCES, Fact, Facts, Kind

Truth = bool | None  # None: unknown
Test = Callable[[Facts], Truth]


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
            raise ValueError(f"{self.fact} is not the name of a fact")
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


def compiled(condition: Condition) -> Test:
    """A closure that says whether the condition holds, with Kleene's logic: True, False or None for unknown."""
    match condition:
        case All(all=parts):
            return _all([compiled(part) for part in parts])
        case AnyOf(any=parts):
            return _any([compiled(part) for part in parts])
        case Not(not_=part):
            return _not(compiled(part))
        case AtLeastOf(count=count, of=parts):
            return _at_least_of(count, [compiled(part) for part in parts])
        case _:
            return _leaf(condition)


def fact_names(condition: Condition) -> frozenset[str]:
    """The facts that the condition reads."""
    return frozenset(leaf.fact for leaf in _leaves(condition))


def missing_facts(condition: Condition, facts: Facts) -> tuple[str, ...]:
    """The unknown facts that could still decide an undecided condition, in the order in which it asks."""
    match condition:
        case All(all=parts) | AnyOf(any=parts) | AtLeastOf(of=parts):
            open_parts = [part for part in parts if compiled(part)(facts) is None]
            return tuple(dict.fromkeys(name for part in open_parts for name in missing_facts(part, facts)))
        case Not(not_=part):
            return missing_facts(part, facts)
        case _:
            return (condition.fact,) if compiled(condition)(facts) is None else ()


def described(condition: Condition) -> str:
    """The condition in words, for a page."""
    match condition:
        case All(all=parts):
            return " and ".join(_bracketed(part) for part in parts)
        case AnyOf(any=parts):
            return " or ".join(_bracketed(part) for part in parts)
        case Not(not_=part):
            return f"not ({described(part)})"
        case AtLeastOf(count=count, of=parts):
            return f"at least {count} of: {'; '.join(described(part) for part in parts)}"
        case _:
            return _leaf_described(condition)


def _all(tests: list[Test]) -> Test:
    def test(facts: Facts) -> Truth:
        result: Truth = True
        for part in tests:
            truth = part(facts)
            if truth is False:
                return False
            if truth is None:
                result = None
        return result

    return test


def _any(tests: list[Test]) -> Test:
    def test(facts: Facts) -> Truth:
        result: Truth = False
        for part in tests:
            truth = part(facts)
            if truth is True:
                return True
            if truth is None:
                result = None
        return result

    return test


def _not(part: Test) -> Test:
    def test(facts: Facts) -> Truth:
        truth = part(facts)
        return None if truth is None else not truth

    return test


def _at_least_of(count: int, tests: list[Test]) -> Test:
    def test(facts: Facts) -> Truth:
        truths = [part(facts) for part in tests]
        if truths.count(True) >= count:
            return True
        return None if truths.count(True) + truths.count(None) >= count else False

    return test


Leaf = Is | In | Contains | AtLeast | Named | SomeRow


def _leaf(leaf: Leaf) -> Test:
    name = leaf.fact
    match leaf:
        case Is(is_=wanted):
            return lambda facts: None if (value := facts.get(name)) is None else value == wanted
        case In(in_=keys):
            chosen = frozenset(keys)
            return lambda facts: None if (value := facts.get(name)) is None else value in chosen
        case Contains():
            sought = frozenset(leaf.keys)
            return lambda facts: None if (value := facts.get(name)) is None else not sought.isdisjoint(value)  # type: ignore[arg-type]
        case AtLeast(at_least=limit):
            reaches = _REACHES[CATALOGUE[name].kind]
            return lambda facts: None if (value := facts.get(name)) is None else reaches(value, limit)
        case Named():
            called = frozenset(each.casefold() for each in leaf.named)
            return lambda facts: None if (value := facts.get(name)) is None else not called.isdisjoint(names_of(value))
        case SomeRow(column=column, some_row=wanted):
            some: frozenset[Any] = frozenset([wanted] if isinstance(wanted, bool) else wanted)
            return lambda facts: None if (rows := facts.get(name)) is None else _in_some_row(rows, column, some)


def _amount_reaches(value: Any, limit: float) -> Truth:
    """Unknown for an amount in another currency than that of the house: nobody has said what it is worth."""
    if not isinstance(value, dict):
        return bool(value >= limit)
    amount, currency = amount_of(value)
    return None if currency != HOUSE_CURRENCY and amount else amount >= limit


_REACHES: dict[Kind, Callable[[Any, float], Truth]] = {
    Kind.NUMBER: lambda value, limit: bool(value >= limit),
    Kind.MONEY: _amount_reaches,
    Kind.TABLE: lambda value, limit: len(value) >= limit,
}


def _in_some_row(rows: Any, column: str, sought: frozenset[Any]) -> Truth:
    """Whether it holds for a row; unknown while none holds and a row leaves the column open."""
    cells = [row.get(column) for row in rows]
    return True if any(cell in sought for cell in cells) else None if None in cells else False


def _leaves(condition: Condition) -> Iterator[Leaf]:
    match condition:
        case All(all=parts) | AnyOf(any=parts) | AtLeastOf(of=parts):
            for part in parts:
                yield from _leaves(part)
        case Not(not_=part):
            yield from _leaves(part)
        case _:
            yield condition


def _bracketed(condition: Condition) -> str:
    words = described(condition)
    return f"({words})" if isinstance(condition, All | AnyOf | AtLeastOf) else words


def _leaf_described(leaf: Leaf) -> str:
    fact = CATALOGUE[leaf.fact]
    match leaf:
        case Is(is_=wanted):
            return f"{fact.label}: {fact.label_of(wanted).lower()}"
        case AtLeast(at_least=limit) if fact.kind is Kind.TABLE:
            return f"{fact.label}: {limit:g} rows or more"
        case Named(named=names):
            return f"{fact.label}: {' or '.join(names)}"
        case SomeRow(column=column, some_row=wanted):
            words = fact.columns[column].label_of
            said = words(wanted) if isinstance(wanted, bool) else " or ".join(words(key) for key in wanted)
            return f"{fact.label}: {fact.columns[column].label.lower()} {said.lower()} in some row"
        case AtLeast(at_least=limit):
            return f"{fact.label}: {fact.label_of(int(limit) if limit == int(limit) else limit)} or more"
        case In(in_=keys):
            return f"{fact.label}: {' or '.join(fact.choices[key].lower() for key in keys)}"
        case Contains():
            return f"{fact.label}: {' or '.join(fact.choices[key].lower() for key in leaf.keys)}"
