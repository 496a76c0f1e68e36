"""A version of the questionnaire tried out: answered by somebody who looks at it, with nothing kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict

from portfolio.facts import Kind
from portfolio.intake.forms import SectionForm
from portfolio.intake.pages import Asked, Outlook, outlook_of
from portfolio.intake.questionnaire import Question, Questionnaire, Section
from portfolio.stages import Stage

_SENT_ELSEWHERE = frozenset({Kind.FILE})  # a trial keeps no files


@dataclass(frozen=True)
class Tried:
    """A section as it is shown after the answers so far."""

    section: Section
    asked: tuple[Asked, ...]


class Trial:
    """What a version asks of somebody who answers so, and what follows from that."""

    def __init__(self, questionnaire: Questionnaire, data: QueryDict | None = None) -> None:
        self.questionnaire, self.data = questionnaire, data
        self._forms = [SectionForm(section, {}, data) for section in questionnaire.sections]
        self.facts = self._facts()

    @property
    def sections(self) -> list[Tried]:
        return [
            Tried(form.section, tuple(self._asked(question, form) for question in form.section.questions))
            for form in self._forms
        ]

    @property
    def changed(self) -> list[Asked]:
        """The questions that these answers show or hide, against the page that sent them."""
        before = set(self.data.getlist("asked")) if self.data else set()
        every = (asked for tried in self.sections for asked in tried.asked)
        return [asked for asked in every if asked.is_shown != (asked.question.fact in before)]

    @cached_property
    def outlook(self) -> Outlook:
        return outlook_of(self.facts, Stage.IDEA, self.questionnaire, lambda _, question: f"#question-{question.fact}")

    def _facts(self) -> dict[str, Any]:
        """The answers to what is asked, and what follows from them; an answer to what is no longer asked is none."""
        given: dict[str, Any] = {}
        for form in self._forms if self.data else ():
            given |= form.answers()
        facts: dict[str, Any] = {}
        for question in self.questionnaire.questions():  # in order: what is asked depends on earlier answers
            if given.get(question.fact) is not None and question.is_shown(facts):
                facts[question.fact] = given[question.fact]
        return {**facts, **_stated(self.questionnaire.implied({}, facts))}

    def _asked(self, question: Question, form: SectionForm) -> Asked:
        shown = question.is_shown(self.facts) and question.about.kind not in _SENT_ELSEWHERE
        return Asked(question, form[question.fact], shown, question.is_needed(self.facts))


def _stated(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}
