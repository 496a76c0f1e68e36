from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

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


Filter = Choices | Flag


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
