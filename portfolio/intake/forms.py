"""A section of the questionnaire as a form: one field a question, in the kind of its fact."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from portfolio.facts import Kind, Unreadable, parse
from portfolio.intake.questionnaire import Question, Section

YES_NO = (("yes", "Yes"), ("no", "No"))
OPEN = ("", "Not known yet")
_CARDS = 6  # up to so many choices are shown at once


class AnswerField(forms.Field):
    """What a person gives as the answer to one question; cleaned, it is the fact's value, or None while open."""

    def __init__(self, question: Question, **kwargs: Any) -> None:
        self.question = question
        help_text = f"{question.help} " if question.help else ""
        help_text += f"For example: {question.example}" if question.example else ""
        super().__init__(required=False, label=question.ask, help_text=help_text, widget=_widget(question), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """How a stored value stands in its control."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        return value

    def to_python(self, value: Any) -> Any:
        if value in (None, "", []):
            return None
        try:
            return parse(self.question.fact, value)
        except Unreadable as problem:
            raise forms.ValidationError(str(problem)) from problem


class SectionForm(forms.Form):
    """The questions of a section. Nothing is required here: an unfinished section is kept all the same."""

    def __init__(self, section: Section, facts: Mapping[str, Any], data: QueryDict | None = None) -> None:
        self.section, self.facts = section, facts
        super().__init__(data, initial=dict(facts), auto_id="q-%s")
        for question in section.questions:
            self.fields[question.fact] = AnswerField(question)

    def answers(self) -> dict[str, Any]:
        """What was answered and can be read, for the questions that were on the page. Errors stay with their fields."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if name in self.asked()}

    def seen(self) -> dict[str, Any]:
        """The values that the page showed when it was made."""
        try:
            seen = json.loads(self.data.get("seen", ""))
        except ValueError:
            return {}
        return seen if isinstance(seen, dict) else {}

    def behind(self, facts: Mapping[str, Any]) -> frozenset[str]:
        """The questions that this person left as they saw them, and whose answers are others by now."""
        seen, given = self.seen(), {name: self.cleaned_data.get(name) for name in self.asked() - self.errors.keys()}
        return frozenset(n for n, value in given.items() if n in seen and value == seen[n] and facts.get(n) != value)

    def asked(self) -> frozenset[str]:
        """The questions that were on the page."""
        return frozenset(self.data.getlist("asked") if isinstance(self.data, QueryDict) else ())


def _widget(question: Question) -> forms.Widget:
    fact = question.about
    match fact.kind:
        case Kind.YES_NO:
            return forms.RadioSelect(choices=(*YES_NO, OPEN))
        case Kind.CHOICES:
            return forms.CheckboxSelectMultiple(choices=list(fact.choices.items()))
        case Kind.CHOICE if len(fact.choices) <= _CARDS:
            return forms.RadioSelect(choices=[*fact.choices.items(), OPEN])
        case Kind.CHOICE:
            return forms.Select(choices=[OPEN, *fact.choices.items()])
        case Kind.NUMBER:
            return forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        case Kind.DATE:
            return forms.DateInput(attrs={"type": "date"})
        case _:
            return forms.Textarea(attrs={"rows": question.lines}) if question.lines > 1 else forms.TextInput()
