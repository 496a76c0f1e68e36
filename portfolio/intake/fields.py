"""The field of one question, in the kind of its fact: what is typed becomes the fact's value, or an error in words."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.choices import CallableChoiceIterator

from caio_portal.common.documents import DocumentField
from portfolio.fact_values import HOUSE_CURRENCY, Unreadable, reference_words
from portfolio.facts import REFERENCES, Kind, parse
from portfolio.intake.lookups import Asker, unit_meant
from portfolio.intake.questionnaire import Question
from portfolio.intake.widgets import OPEN, YES_NO, DocumentInput, LinkInput, MoneyInput, NameInput, RowsInput

_CARDS = 6  # up to so many choices are shown at once


class AnswerField(forms.Field):
    """What a person gives as the answer to one question; cleaned, it is the fact's value, or None while open.

    KEPT is the value that stands: what somebody left as it was keeps it, letter by letter.
    """

    def __init__(self, question: Question, asker: Asker, kept: Any = None) -> None:
        self.question, self.asker, self.kept = question, asker, kept
        help_text = f"{question.help} " if question.help else ""
        help_text += f"For example: {question.example}" if question.example else ""
        super().__init__(required=False, label=question.ask, help_text=help_text, widget=_widget(question, asker, kept))

    def prepare_value(self, value: Any) -> Any:
        """How a stored value stands in its control."""
        if isinstance(value, bool):
            return "yes" if value else "no"
        if self.question.about.kind is Kind.UNIT:
            return _as_typed(value, Kind.UNIT) if value else value
        return self.kept if self.question.about.kind is Kind.FILE else value

    def to_python(self, value: Any) -> Any:
        if value in (None, "", []):
            return None
        try:
            read = self._read(value)
            if read is not None and (objection := self.question.objection(self.question.about, read)):
                raise Unreadable(objection)
            return read
        except Unreadable as problem:
            if isinstance(self.widget, RowsInput):
                self.widget.wrong = (problem.row, problem.column)
            raise forms.ValidationError(str(problem)) from problem

    def _read(self, value: Any) -> Any:
        fact = self.question.about
        if fact.kind is Kind.FILE:
            return self.kept if value is DocumentInput.KEEP else DocumentField(required=False).clean(value)
        if fact.kind in REFERENCES:
            return self._reference(str(value))
        read = None if fact.kind is Kind.TABLE and _all_blank(value) else parse(fact.name, value)
        return self.kept if self.kept is not None and read == parse(fact.name, self.kept) else read

    def _reference(self, typed: str) -> Any:
        fact = self.question.about
        if self.kept is not None and typed == _as_typed(self.kept, fact.kind):
            return self.kept
        return unit_meant(fact, typed) if fact.kind is Kind.UNIT else self.asker.meant(fact, typed)


def _as_typed(value: Any, kind: Kind) -> str:
    """What stands in the control of a person, unit or product while its value is kept."""
    return str(value["id"]) if kind is Kind.UNIT and isinstance(value, Mapping) else reference_words(value)


def _units(asker: Asker, kept: Any) -> list[tuple[Any, str]]:
    """Those to choose from, and the one that stands, wherever it comes from."""
    offered = asker.units()
    stands = [(_as_typed(kept, Kind.UNIT), reference_words(kept))] if kept else []
    return [OPEN, *(each for each in stands if each[0] not in {str(pk) for pk, _ in offered}), *offered]


def _all_blank(rows: list[Mapping[str, Any]]) -> bool:
    return not any(cell not in ("", None) for row in rows for cell in row.values())


def _widget(question: Question, asker: Asker, kept: Any) -> forms.Widget:
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
        case Kind.TEXT:
            return forms.Textarea(attrs={"rows": question.lines}) if question.lines > 1 else forms.TextInput()
        case _:
            return _widget_in_parts(question, asker, kept)


def _widget_in_parts(question: Question, asker: Asker, kept: Any) -> forms.Widget:
    fact = question.about
    match fact.kind:
        case Kind.MONEY:
            return MoneyInput(question.currencies or (HOUSE_CURRENCY,))
        case Kind.LINK:
            return LinkInput()
        case Kind.FILE:
            return DocumentInput()
        case Kind.TABLE:
            return RowsInput(fact, question.rows_max or fact.rows_max)
        case Kind.UNIT:
            return forms.Select(choices=CallableChoiceIterator(lambda: _units(asker, kept)))
        case _:
            return NameInput(fact, lambda: asker.proposes(fact), searches=not asker.is_guest)
