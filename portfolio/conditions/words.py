"""Conditions in words, for pages."""

from caio_portal.common.words import inner
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
from portfolio.facts import CATALOGUE, Kind


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


def _bracketed(condition: Condition) -> str:
    words = described(condition)
    return f"({words})" if isinstance(condition, All | AnyOf | AtLeastOf) else words


def _leaf_described(leaf: Leaf) -> str:
    fact = CATALOGUE[leaf.fact]
    match leaf:
        case Is(is_=wanted):
            return f"{fact.label}: {inner(fact.label_of(wanted))}"
        case AtLeast(at_least=limit) if fact.kind is Kind.TABLE:
            return f"{fact.label}: {limit:g} rows or more"
        case Named(named=names):
            return f"{fact.label}: {' or '.join(names)}"
        case SomeRow(column=column, some_row=wanted):
            told = fact.columns[column].label_of
            said = inner(told(wanted)) if isinstance(wanted, bool) else " or ".join(inner(told(key)) for key in wanted)
            return f"{fact.label}: {inner(fact.columns[column].label)} {said} in some row"
        case AtLeast(at_least=limit):
            return f"{fact.label}: {fact.label_of(int(limit) if limit == int(limit) else limit)} or more"
        case In(in_=keys):
            return f"{fact.label}: {' or '.join(inner(fact.choices[key]) for key in keys)}"
        case Contains():
            return f"{fact.label}: {' or '.join(inner(fact.choices[key]) for key in leaf.keys)}"
