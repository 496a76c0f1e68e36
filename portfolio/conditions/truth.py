"""Whether a condition holds, with Kleene's logic, and which facts it asks."""

from collections.abc import Callable, Iterator
from typing import Any

from portfolio.conditions.schema import (
    All,
    AnyOf,
    AtLeast,
    AtLeastOf,
    Condition,
    Contains,
    In,
    Is,
    Leaf,
    Named,
    Not,
    SomeRow,
)
from portfolio.fact_values import HOUSE_CURRENCY, amount_of, names_of
from portfolio.facts import CATALOGUE, Facts, Kind

Truth = bool | None  # None: unknown
Test = Callable[[Facts], Truth]


def compiled(condition: Condition) -> Test:
    """A closure that says whether the condition holds, with Kleene's logic: True, False or None for unknown."""
    match condition:
        case All(all=parts):
            return _until(False, [compiled(part) for part in parts])
        case AnyOf(any=parts):
            return _until(True, [compiled(part) for part in parts])
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


def _until(decisive: bool, tests: list[Test]) -> Test:
    """The first part that is DECISIVE settles it: a no among all, a yes among any."""

    def test(facts: Facts) -> Truth:
        result: Truth = not decisive
        for part in tests:
            truth = part(facts)
            if truth is decisive:
                return decisive
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
