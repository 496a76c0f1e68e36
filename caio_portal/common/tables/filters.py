from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from django.db.models import Q
from django.http import QueryDict

Options = Iterable[tuple[Any, str]]
NONE = "none"  # what stands in the address for rows without a value


@dataclass(frozen=True)
class Choices:
    """A facet: any of some values of one field, with the number of rows that each would show."""

    key: str
    label: str
    options: Options | Callable[[], Options] = ()
    lookup: str = ""  # the field, if not `key`
    none: str = ""  # the label for rows without a value; without it they cannot be asked for
    where: Callable[[list[str]], Q] | None = None  # instead of "the field is one of"
    counts: bool = True
    within: str = ""  # the key of the typed filter that shows these choices below its inputs

    @property
    def field(self) -> str:
        return self.lookup or self.key

    def pairs(self, instead: Options | None = None) -> list[tuple[str, str]]:
        """Values and labels, as strings, in order."""
        options = instead if instead is not None else self.options() if callable(self.options) else self.options
        pairs = [(str(value), str(label)) for value, label in options]
        return [*pairs, (NONE, self.none)] if self.none else pairs

    def condition(self, values: list[str]) -> Q:
        if self.where is not None:
            return self.where(values)
        named = [value for value in values if value != NONE]
        condition = Q(**{f"{self.field}__in": named}) if named else Q()
        return condition | Q(**{f"{self.field}__isnull": True}) if NONE in values else condition


@dataclass(frozen=True)
class Flag:
    """A filter that is on or off."""

    key: str
    label: str
    condition: Q

    counts = False


@dataclass(frozen=True)
class Typed:
    """A filter in which somebody writes: a word that the field contains, or the ends of a range of numbers or days."""

    key: str
    label: str
    kind: Literal["text", "number", "date"]
    where: Callable[[Any, Any], Q]  # of a text with the text twice, of a range with its ends, either of which may lack

    counts = False

    @property
    def parameters(self) -> tuple[str, ...]:
        return (self.key,) if self.kind == "text" else (f"{self.key}.from", f"{self.key}.to")

    def asked(self, query: QueryDict) -> list[Any]:
        """What the address says, one for each parameter; what makes no sense in it is ignored."""
        return [_READ[self.kind](query.get(name, "").replace("\0", "").strip()[:200]) for name in self.parameters]

    def condition(self, query: QueryDict) -> Q:
        asked = self.asked(query)
        return Q() if all(one is None for one in asked) else self.where(asked[0], asked[-1])

    def told(self, query: QueryDict) -> str:
        """What is asked for, in words; empty if nothing is."""
        low, high = (("" if one is None else str(one)) for one in (*self.asked(query), None)[:2])
        if self.kind == "text" or not (low or high):
            return low
        return f"{low} to {high}" if low and high else f"from {low}" if low else f"up to {high}"


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < _HUGE else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


_HUGE = Decimal(10) ** 20
_READ: dict[str, Callable[[str], Any]] = {"text": lambda text: text or None, "number": _number, "date": _day}

Filter = Choices | Flag | Typed


@dataclass(frozen=True)
class Field:
    """A filter in which somebody writes, as the template shows it: (name, label, value) of each input."""

    key: str
    label: str
    kind: str
    inputs: Sequence[tuple[str, str, str]]
    is_on: bool
    facet: "Facet | None" = None  # what can be chosen besides


@dataclass(frozen=True)
class Option:
    value: str
    label: str
    count: int | None
    is_chosen: bool


@dataclass(frozen=True)
class Facet:
    """A filter with choices as the template shows it."""

    key: str
    label: str
    options: Sequence[Option]

    @property
    def chosen(self) -> int:
        return sum(option.is_chosen for option in self.options)


@dataclass(frozen=True)
class Applied:
    """A filter in force, and the address without it."""

    label: str
    value: str
    url: str
