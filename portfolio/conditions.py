"""Conditions over facts: structured, typed and three-valued (an unknown fact is not a *no*).

There is no condition that asks whether a fact is known: learning a fact could then take back what was decided.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Annotated, Any, Self

from pydantic import Discriminator, Field, Tag, model_validator

from caio_portal.common.records import Record
from portfolio.facts import CATALOGUE, Facts, Kind

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
    at_least: float

    def _suits(self) -> tuple[set[Kind], Sequence[str | bool]]:
        return {Kind.NUMBER}, ()


_OPERATORS = {
    "all": All, "any": AnyOf, "not": Not, "count": AtLeastOf,
    "is": Is, "in": In, "contains": Contains, "at_least": AtLeast,
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
    | Annotated[AtLeast, Tag("at_least")],
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
            return () if condition.fact in facts else (condition.fact,)


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


def _leaf(leaf: Is | In | Contains | AtLeast) -> Test:
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
            return lambda facts: None if (value := facts.get(name)) is None else value >= limit  # type: ignore[operator]


def _leaves(condition: Condition) -> Iterator[Is | In | Contains | AtLeast]:
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


def _leaf_described(leaf: Is | In | Contains | AtLeast) -> str:
    fact = CATALOGUE[leaf.fact]
    match leaf:
        case Is(is_=wanted):
            return f"{fact.label}: {fact.label_of(wanted).lower()}"
        case AtLeast(at_least=limit):
            return f"{fact.label}: {fact.label_of(int(limit) if limit == int(limit) else limit)} or more"
        case In(in_=keys):
            return f"{fact.label}: {' or '.join(fact.choices[key].lower() for key in keys)}"
        case Contains():
            return f"{fact.label}: {' or '.join(fact.choices[key].lower() for key in leaf.keys)}"
