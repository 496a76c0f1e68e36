"""What an answer must be beyond the kind of its fact: how large, how early, how long, of which form."""

import re
from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import Field, field_validator

from caio_portal.common.records import Record
from caio_portal.common.words import day
from portfolio.fact_values import amount_of
from portfolio.facts import Fact, Kind

_MEASURED = frozenset({Kind.NUMBER, Kind.MONEY, Kind.DATE})
_REPEATED_REPEAT = re.compile(r"[*+}][^()]*\)[*+{]")  # takes for ever on some answers
_PATTERN_LIMIT = 200  # letters of an answer beyond which it is not compared with a pattern


class Limits(Record):
    """Of one question. `least` and `most` are numbers, or days such as 2026-11-21."""

    least: Decimal | date | None = None
    most: Decimal | date | None = None
    longest: int | None = Field(default=None, ge=1)  # letters of a text
    pattern: str = ""  # that the whole of a text matches, as a regular expression
    says: str = ""  # what is told of an answer that does not match

    @field_validator("pattern")
    @classmethod
    def _can_be_compared(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as mistake:
            raise ValueError(f"the pattern is none: {mistake}") from mistake
        if _REPEATED_REPEAT.search(pattern):
            raise ValueError("the pattern repeats what repeats")
        return pattern

    def check_kind(self, fact: Fact) -> None:
        """ValueError for a limit that an answer of this kind cannot have."""
        wanted = {"least": _MEASURED, "most": _MEASURED, "longest": {Kind.TEXT}, "pattern": {Kind.TEXT}}
        for name, kinds in wanted.items():
            if getattr(self, name) and fact.kind not in kinds:
                raise ValueError(f"{fact.name} is a {fact.kind}, which has no {name}")
        for limit in (self.least, self.most):
            if limit is not None and isinstance(limit, date) != (fact.kind is Kind.DATE):
                raise ValueError(f"{limit} is no limit of {fact.name}, a {fact.kind}")
        if bool(self.pattern) != bool(self.says):
            raise ValueError("a pattern and what it says go together")

    def objection(self, fact: Fact, value: Any) -> str | None:
        """Why a canonical value of the fact is not taken; None if it is."""
        if fact.kind in _MEASURED:
            return self._too_little_or_much(fact, _measure(fact, value))
        if self.longest and isinstance(value, str) and len(value) > self.longest:
            return f"{fact.label} has at most {self.longest:,} letters; these are {len(value):,}."
        if self.pattern and isinstance(value, str):
            matches = len(value) <= _PATTERN_LIMIT and re.fullmatch(self.pattern, value)
            return None if matches else self.says
        return None

    def _too_little_or_much(self, fact: Fact, value: Any) -> str | None:
        if self.least is not None and value < self.least:
            return f"{fact.label} is {_words(self.least)} or {'later' if fact.kind is Kind.DATE else 'more'}."
        if self.most is not None and value > self.most:
            return f"{fact.label} is {_words(self.most)} or {'earlier' if fact.kind is Kind.DATE else 'less'}."
        return None


def _measure(fact: Fact, value: Any) -> Any:
    if fact.kind is Kind.DATE:
        return date.fromisoformat(value)
    return amount_of(value)[0]


def _words(limit: Decimal | date) -> str:
    return day(limit) if isinstance(limit, date) else f"{limit:,}"
