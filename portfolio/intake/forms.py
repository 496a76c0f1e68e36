"""A section of the questionnaire as a form: one field a question, in the kind of its fact."""

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from django import forms
from django.http import QueryDict

from portfolio.intake.fields import AnswerField
from portfolio.intake.lookups import Asker
from portfolio.intake.questionnaire import Section
from portfolio.intake.widgets import DocumentInput, RowsInput

_ANYBODY = Asker()


class SectionForm(forms.Form):
    """The questions of a section. Nothing is required here: an unfinished section is kept all the same."""

    def __init__(
        self,
        section: Section,
        facts: Mapping[str, Any],
        data: QueryDict | None = None,
        files: Any = None,
        asker: Asker = _ANYBODY,
    ) -> None:
        self.section, self.facts = section, facts
        super().__init__(data, files, initial=dict(facts), auto_id="q-%s")
        for question in section.questions:
            self.fields[question.fact] = AnswerField(question, asker, facts.get(question.fact))

    @property
    def uploads(self) -> list[str]:
        """The questions to which files are uploaded now: their controls are shown anew once these are kept."""
        return [name for name in self.files if name in self.fields]

    def lead_to_files(self, url_of: Callable[[Any], str]) -> None:
        """Let the files that are kept be read where URL_OF says."""
        for name, field in self.fields.items():
            if isinstance(field.widget, DocumentInput):
                field.widget.url = url_of(self.facts.get(name))

    def attend(self, names: Collection[str]) -> None:
        """Give the last rows of these tables the focus."""
        for name in names:
            if isinstance(self.fields[name].widget, RowsInput):
                self.fields[name].widget.attends = True

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
