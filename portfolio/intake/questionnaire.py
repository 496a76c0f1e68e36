"""What a version of the questionnaire is: sections of questions, each setting one fact."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import Field, ModelWrapValidatorHandler, PrivateAttr, field_validator, model_validator

from caio_portal.common.records import Record
from portfolio.conditions import Condition, Test, compiled, fact_names
from portfolio.fact_values import CURRENCIES
from portfolio.facts import CATALOGUE, Fact, Kind, parse
from portfolio.intake.declaring import NAME, DeclaredFact, declared
from portfolio.intake.limits import Limits

SHIPPED = Path(__file__).with_name("2026-11.toml")
Facts = Mapping[str, Any]


class Question(Limits):
    """One question; the kind of its answer is that of the fact it sets."""

    fact: str
    ask: str = Field(min_length=1)
    why: str = Field(min_length=1)
    help: str = ""
    example: str = ""
    unit: str = ""
    needed: bool = False
    needed_if: Condition | None = None  # needed of some only
    lines: int = 1
    currencies: tuple[str, ...] | None = None  # of money: those to choose from; without any, that of the house
    rows_max: int | None = Field(default=None, ge=1)  # of a table: fewer rows than its fact allows
    show_if: Condition | None = None
    otherwise: str | bool | list[str] | None = None  # the fact's value once it is certain that this is not asked
    _about: Fact = PrivateAttr()

    @model_validator(mode="after")
    def _sets_a_fact(self) -> Self:
        if self.fact not in CATALOGUE:
            raise ValueError(f"{self.fact} is not the name of a fact")
        self._about = CATALOGUE[self.fact]
        if self.otherwise is not None and parse(self.fact, self.otherwise) != self.otherwise:
            raise ValueError(f"{self.otherwise} is not a value of {self.fact}")
        self._suits_the_kind()
        return self

    def _suits_the_kind(self) -> None:
        self.check_kind(self.about)
        if self.needed and self.needed_if:
            raise ValueError(f"{self.fact} is needed always, or only if something holds")
        if self.currencies is not None and (not self.currencies or set(self.currencies) - set(CURRENCIES)):
            raise ValueError(f"currencies are some of {', '.join(CURRENCIES)}")
        for name, kind in (("currencies", Kind.MONEY), ("rows_max", Kind.TABLE)):
            if getattr(self, name) is not None and self.about.kind is not kind:
                raise ValueError(f"{self.fact} is a {self.about.kind}, which has no {name}")
        if (self.rows_max or 0) > self.about.rows_max:
            raise ValueError(f"{self.fact} has at most {self.about.rows_max} rows")

    @property
    def about(self) -> Fact:
        """The fact as this version knows it."""
        return self._about

    @cached_property
    def _test(self) -> Test:
        return compiled(self.show_if) if self.show_if else lambda facts: True

    @cached_property
    def _need(self) -> Test:
        return compiled(self.needed_if) if self.needed_if else lambda facts: self.needed

    def is_needed(self, facts: Facts) -> bool:
        """Whether nobody submits without it, if it is shown at all."""
        return self._need(facts) is True

    def is_shown(self, facts: Facts) -> bool:
        """Whether it is asked: its condition holds. One that cannot be told yet does not."""
        return self._test(facts) is True

    def is_pointless(self, facts: Facts) -> bool:
        """Whether it is certain that it is not asked: its condition does not hold, whatever is still unknown."""
        return self._test(facts) is False

    def was_implied(self, facts: Facts) -> bool:
        """Whether its fact stands as it does because nobody needed to ask."""
        return self.otherwise is not None and facts.get(self.fact) == self.otherwise and self.is_pointless(facts)

    def is_answered(self, facts: Facts) -> bool:
        return facts.get(self.fact) is not None

    def is_unasked(self, before: Facts, after: Facts) -> bool:
        """Whether nobody has answered it: it was not shown before, and its fact is unknown or merely implied."""
        if self.is_shown(before) or after.get(self.fact) != before.get(self.fact):
            return False
        return not self.is_answered(before) or self.was_implied(before)


class Section(Record):
    """A page of questions."""

    key: str = Field(pattern=r"^[a-z][a-z_]*$")
    title: str
    about: str = ""
    rest: str = ""
    questions: tuple[Question, ...] = Field(min_length=1)

    def shown(self, facts: Facts) -> list[Question]:
        return [question for question in self.questions if question.is_shown(facts)]

    def missing(self, facts: Facts) -> list[Question]:
        """The needed questions that are shown and not answered."""
        return [q for q in self.shown(facts) if q.is_needed(facts) and not q.is_answered(facts)]

    def rest_of(self, facts: Facts) -> dict[str, Any]:
        """The answer *no*, or *none*, to every question left open; asking for what that shows in turn is not needed."""
        return {q.fact: _NO[q.about.kind] for q in self.shown(facts) if not q.is_answered(facts) and _has_no(q)}

    def effort(self, facts: Facts) -> int:
        """How many needed questions are shown; those that the one button answers count as one."""
        needed = [question for question in self.shown(facts) if question.is_needed(facts)]
        if not self.rest:
            return len(needed)
        by_hand = [q for q in needed if not _has_no(q) or facts.get(q.fact) != _NO[q.about.kind]]
        return len(by_hand) + (len(by_hand) < len(needed))


class Questionnaire(Record):
    """A version of the questionnaire, as its file or row says it."""

    name: str
    number: str
    title: str
    facts: dict[str, DeclaredFact] = Field(default_factory=dict)  # of the organisation's own
    sections: tuple[Section, ...] = Field(min_length=1)

    @model_validator(mode="wrap")
    @classmethod
    def _with_its_facts(cls, raw: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        """Questions and conditions may ask about what the same document declares."""
        with CATALOGUE.along(declared(raw.get("facts")) if isinstance(raw, Mapping) else {}):
            return handler(raw)

    @field_validator("facts")
    @classmethod
    def _names_are_free(cls, facts: dict[str, DeclaredFact]) -> dict[str, DeclaredFact]:
        for name in facts:
            if name in CATALOGUE.shipped:
                raise ValueError(f"{name} is a fact already: ask for it without declaring it")
            if not re.match(NAME, name):
                raise ValueError(f"{name} is no name for a fact: three to sixty small letters, digits and _")
        return facts

    def own_facts(self) -> dict[str, Fact]:
        return {name: each.fact(name) for name, each in self.facts.items()}

    @model_validator(mode="after")
    def _asks_in_order(self) -> Self:
        asked: set[str] = set()
        for question in self.questions():
            if question.fact in asked:
                raise ValueError(f"{question.fact} is asked for twice")
            for condition in (each for each in (question.show_if, question.needed_if) if each):
                if early := fact_names(condition) - asked:
                    raise ValueError(f"{question.fact} depends on {', '.join(sorted(early))}, asked for later or never")
            asked.add(question.fact)
        return self

    def questions(self) -> Iterator[Question]:
        for section in self.sections:
            yield from section.questions

    def section(self, key: str) -> Section | None:
        return next((section for section in self.sections if section.key == key), None)

    def missing(self, facts: Facts) -> list[tuple[Section, Question]]:
        """What has to be answered before the use case is submitted."""
        return [(section, question) for section in self.sections for question in section.missing(facts)]

    def progress(self, facts: Facts) -> tuple[int, int]:
        """How many of the questions that are shown are answered, and how many there are."""
        shown = [question for question in self.questions() if question.is_shown(facts)]
        return sum(question.is_answered(facts) for question in shown), len(shown)

    def effort(self, facts: Facts) -> int:
        """How many answers somebody has to give who ends with FACTS: the needed ones, all the *no* of a section
        that offers one button for them counted as one."""
        return sum(section.effort(facts) for section in self.sections)

    def without_hidden(self, before: Facts, changes: Facts, earlier: Facts | None = None) -> dict[str, Any]:
        """CHANGES, and None for each answer whose question was shown before them and is no longer shown after them.

        A question that they show again gets the answer that it had EARLIER.
        """
        changes, earlier = dict(changes), earlier or {}
        for question in self.questions():  # in order: one that goes or comes back may take later ones with it
            after = _merged(before, changes)
            if question.is_shown(before) == question.is_shown(after):
                continue
            if question.is_shown(before) and question.is_answered(after):
                changes[question.fact] = None
            elif question.fact in earlier and question.is_unasked(before, after):
                changes[question.fact] = earlier[question.fact]
        return changes

    def returning(self, before: Facts, changes: Facts) -> list[str]:
        """The facts to which an earlier answer may return with CHANGES; none if they show no question again."""
        after = _merged(before, changes)
        again = any(
            q.is_shown(after) and not q.is_shown(before) and q.is_unasked(before, after) for q in self.questions()
        )
        return [q.fact for q in self.questions() if q.is_unasked(before, after)] if again else []

    def implied(self, before: Facts, changes: Facts) -> dict[str, Any]:
        """What CHANGES say of the questions that nobody needs to ask any more, and None where one is asked again."""
        implied: dict[str, Any] = {}
        for question in self.questions():  # in order: what one implies may make a later one pointless
            if question.otherwise is None:
                continue
            after = _merged(before, {**changes, **implied})
            if question.is_pointless(after) and not question.is_answered(after):
                implied[question.fact] = question.otherwise
            elif question.fact not in changes and question.was_implied(before) and question.is_shown(after):
                implied[question.fact] = None
        return implied


def _merged(before: Facts, changes: Facts) -> dict[str, Any]:
    return {name: value for name, value in {**before, **changes}.items() if value is not None}


_NO = {Kind.YES_NO: False, Kind.CHOICES: ["none"], Kind.CHOICE: "none"}


def _has_no(question: Question) -> bool:
    kind = question.about.kind
    return kind is Kind.YES_NO or (kind in _NO and "none" in question.about.choices)


def load(path: Path = SHIPPED) -> Questionnaire:
    """Read a questionnaire from its file; raises pydantic's ValidationError for a bad one."""
    return Questionnaire.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
