"""What a version of the questionnaire is: sections of questions, each setting one fact."""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from caio_portal.common.records import Record
from portfolio.conditions import Condition, Test, compiled, fact_names
from portfolio.facts import CATALOGUE, Fact, Kind

SHIPPED = Path(__file__).with_name("2026-11.toml")
Facts = Mapping[str, Any]


class Question(Record):
    """One question; the kind of its answer is that of the fact it sets."""

    fact: str
    ask: str = Field(min_length=1)
    why: str = Field(min_length=1)
    help: str = ""
    example: str = ""
    unit: str = ""
    needed: bool = False
    lines: int = 1
    show_if: Condition | None = None

    @model_validator(mode="after")
    def _sets_a_fact(self) -> Self:
        if self.fact not in CATALOGUE:
            raise ValueError(f"{self.fact} is not the name of a fact")
        return self

    @property
    def about(self) -> Fact:
        return CATALOGUE[self.fact]

    @cached_property
    def _test(self) -> Test:
        return compiled(self.show_if) if self.show_if else lambda facts: True

    def is_shown(self, facts: Facts) -> bool:
        """Whether it is asked: its condition holds. One that cannot be told yet does not."""
        return self._test(facts) is True

    def is_answered(self, facts: Facts) -> bool:
        return facts.get(self.fact) is not None


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
        return [q for q in self.shown(facts) if q.needed and not q.is_answered(facts)]

    def rest_of(self, facts: Facts) -> dict[str, Any]:
        """The answer *no*, or *none*, to every question left open; asking for what that shows in turn is not needed."""
        return {q.fact: _NO[q.about.kind] for q in self.shown(facts) if not q.is_answered(facts) and _has_no(q)}


class Questionnaire(Record):
    """A version of the questionnaire, as its file or row says it."""

    name: str
    number: str
    title: str
    sections: tuple[Section, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _asks_in_order(self) -> Self:
        asked: set[str] = set()
        for question in self.questions():
            if question.fact in asked:
                raise ValueError(f"{question.fact} is asked for twice")
            if question.show_if and (early := fact_names(question.show_if) - asked):
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

    def without_hidden(self, before: Facts, changes: Facts) -> dict[str, Any]:
        """CHANGES, and None for each answer whose question was shown before them and is no longer shown after them."""
        changes = dict(changes)
        for question in self.questions():  # in order: one that goes may take later ones with it
            after = {name: value for name, value in {**before, **changes}.items() if value is not None}
            if question.is_answered(after) and question.is_shown(before) and not question.is_shown(after):
                changes[question.fact] = None
        return changes


_NO = {Kind.YES_NO: False, Kind.CHOICES: ["none"], Kind.CHOICE: "none"}


def _has_no(question: Question) -> bool:
    kind = question.about.kind
    return kind is Kind.YES_NO or (kind in _NO and "none" in question.about.choices)


def load(path: Path = SHIPPED) -> Questionnaire:
    """Read a questionnaire from its file; raises pydantic's ValidationError for a bad one."""
    return Questionnaire.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
